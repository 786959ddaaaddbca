/**
 * Fields of a MCPToolConfig's `spec`.
 *
 * @module
 */
import { list, object, opaque, string } from "./shape.ts"

export const toolConfig = object({
  toolsFilter: list(string),
  toolsOverride: opaque,
})
