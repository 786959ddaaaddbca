/**
 * Reading the JSON that providers answer with: whole numbers beyond what JavaScript counts to, and paths into it.
 *
 * @module
 */
import { decodeJwt } from "jose"
import type { Document } from "./upstream.ts"

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

// ECMAScript's source text access, which TypeScript's library does not know yet.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown

/** Identifiers are numbers at some providers, up to 64 bits: those that do not fit are kept as they were written. */
const exact: Reviver = (_key, value, context) =>
  typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? (context?.source ?? value)
    : value

/** Undefined for what is no JSON object. */
export const parseObject = (text: string): Document | undefined => {
  try {
    const value = parse(text, exact)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const INSIDE_JWT = "|@upstreamjwt|"

/**
 * What stands at a path: names of members with dots between. Behind `|@upstreamjwt|` it goes on in the claims of the JWT that
 * stands before it, which came over TLS from who issued it and is not verified otherwise, as in ToolHive.
 */
export const valueAt = (document: Document, path: string): unknown => {
  const [outer = "", inner] = path.split(INSIDE_JWT)
  const found = below(document, outer)
  if (inner === undefined) return found
  return typeof found === "string" ? below(claimsOf(found), inner) : undefined
}

const below = (document: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, member) => (isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined),
      document,
    )

const claimsOf = (jwt: string): unknown => {
  try {
    return decodeJwt(jwt)
  } catch {
    return undefined
  }
}

/** A string that is not empty, or a number in figures: what can be an identifier or a name. */
export const scalarText = (value: unknown): string | undefined => {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value)
  return typeof value === "string" && value !== "" ? value : undefined
}
