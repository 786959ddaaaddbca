/**
 * Fields of a MCPGroup's `spec`.
 *
 * @module
 */
import { object, string } from "./shape.ts"

export const group = object({
  description: string,
})
