/**
 * Which token a stage means.
 *
 * @module
 */
import { Schema } from "effect"
import { Name } from "./values.ts"

/** Names one token of one issuer: `provider` or `server` by its plan name. */
export const TokenRef = Schema.Struct({
  issuer: Name,
  kind: Schema.Literals(["access_token", "id_token"]),
})
export type TokenRef = typeof TokenRef.Type
