/**
 * CEL on a caller's claims.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import type { Claims } from "./caller.ts"

let made: Environment | undefined

const environment = (): Environment => {
  made ??= new Environment({ unlistedVariablesAreDyn: false }).registerVariable("claims", "map")
  return made
}

/** What the expression gives, or why it cannot be evaluated on these claims: then the runtime refuses the caller. */
export const evaluateCel = (expression: string, claims: Claims): boolean | { readonly failed: string } => {
  try {
    const value: unknown = environment().parse(expression)({ claims: celValue(claims) })
    return typeof value === "boolean" ? value : { failed: "it gives no boolean" }
  } catch (error) {
    return { failed: (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "unknown" }
  }
}

/** JSON has one kind of number and CEL two: a whole number becomes an int, so that `claims.level % 2 == 0` has an overload. */
const celValue = (value: unknown): unknown => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== "object" || value === null) return value
  return new Map(Object.entries(value).map(([key, member]) => [key, celValue(member)]))
}
