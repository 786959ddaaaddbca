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

/**
 * Every token that a part of the plan names, wherever it stands in it: a stage that is added later is known here without being
 * told of.
 */
export const tokenRefs = (part: unknown): readonly TokenRef[] => {
  if (typeof part !== "object" || part === null) return []
  return isTokenRef(part) ? [part] : Object.values(part).flatMap(tokenRefs)
}

const isTokenRef = Schema.is(TokenRef)
