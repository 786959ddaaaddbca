/**
 * A login at a provider while it goes on: what is asked for, what ties the answer to the question, and what came of it.
 *
 * @module
 */
import type { LoginChecks, LoginWishes } from "./upstream/index.ts"

/** Why the engine asks for a login at a provider beyond what it asks for by itself. */
export const LOGIN_MISSING = "login_missing"

/** In an interaction's result: the providers that the person has logged in at since the authorization request. */
export const DONE = "authflow_logins"

export const loginsDone = (result: { readonly [field: string]: unknown } | undefined): ReadonlySet<string> => {
  const done = result?.[DONE]
  return new Set(Array.isArray(done) ? done.map(String) : [])
}

/** A login that is going on at the provider, found by its `state`. */
export interface LoginAttempt {
  readonly uid: string
  /** Where the browser was sent. */
  readonly provider: string
  /** Digest of the browser's cookie. */
  readonly browser: string
  readonly checks: LoginChecks
  readonly wishes: LoginWishes
}

/** What the provider sent back, for the interaction to redeem. */
export interface LoginAnswer {
  readonly query: string
  readonly attempt: LoginAttempt
}

/** OpenID Connect Core section 3.1.2.6 and RFC 6749 section 4.1.2.1: the person's or the provider's no. */
export const DENIALS = [
  "access_denied",
  "login_required",
  "consent_required",
  "interaction_required",
  "account_selection_required",
]

/** What the client asked of the login that only the provider can do. */
export const wishesOf = (params: { readonly [name: string]: unknown }): LoginWishes => {
  const prompts = typeof params["prompt"] === "string" ? params["prompt"].split(" ") : []
  const maxAge = params["max_age"] === undefined ? Number.NaN : Number(params["max_age"])
  const hint = params["login_hint"]
  return {
    ...(prompts.includes("login") ? { prompt: "login" } : {}),
    ...(Number.isSafeInteger(maxAge) && maxAge >= 0 ? { maxAge } : {}),
    ...(typeof hint === "string" && hint.length <= 256 ? { loginHint: hint } : {}),
  }
}
