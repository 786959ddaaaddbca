/**
 * `forward`.
 *
 * @module
 */
import { Schema } from "effect"
import { Seconds, Url } from "../values.ts"

/** The upstream. The path after the flow's own path, and the query, are appended byte for byte. */
export const Forward = Schema.Struct({
  kind: Schema.Literal("forward"),
  url: Url,
  /** Seconds to the response's headers; the body of an SSE answer may then stay open. */
  timeout: Seconds,
})
export type Forward = typeof Forward.Type
