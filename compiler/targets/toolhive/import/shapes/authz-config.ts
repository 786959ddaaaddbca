/**
 * Fields of a MCPAuthzConfig's `spec`.
 *
 * @module
 */
import { object, opaque, string } from "./shape.ts"

export const authzConfig = object({
  config: opaque,
  type: string,
})
