/**
 * The token endpoint's answers: made into what RFC 6749 section 5 says where a provider has its own idea of them, and kept as
 * they came until they have been verified.
 *
 * A refresh token that rotates is used up by the provider's answer, whatever becomes of the answer here. What comes in its
 * place is therefore read first: an ID token that cannot be verified this minute must not cost the login.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { Redacted } from "effect"
import type { CustomFetch } from "openid-client"
import type { OAuth2Provider } from "../../plan.ts"
import { textWithin } from "./body.ts"
import { parseObject, valueAt } from "./json-path.ts"
import { type Document, ProviderFailed } from "./upstream.ts"

interface Exchange {
  /** Undefined until there is one, and where it is no success. */
  answer: Document | undefined
}

const exchanges = new AsyncLocalStorage<Exchange>()

/** Bytes of an answer: tokens are a few kilobytes each. */
const MAX_ANSWER = 256 * 1024

/** Makes the answer of a success one that RFC 6749 knows; the identity where a provider is true to it. */
export type Normalize = (answer: Document) => Document

/** `isTokenEndpoint`: is this the URL? */
export const tokenEndpointFetch =
  (isTokenEndpoint: (url: string) => boolean, normalize: Normalize = (answer) => answer): CustomFetch =>
  async (url, { body, ...options }) => {
    const response = await fetch(url, { ...options, ...(body == null ? {} : { body }) })
    if (!isTokenEndpoint(url) || !response.ok) return response
    const text = await textWithin(response, MAX_ANSWER)
    if (text === undefined) throw new TypeError("the answer is too large")
    const parsed = parseObject(text)
    const again = (content: string, status: number) =>
      new Response(content, { status, headers: { "content-type": "application/json" } })
    // Left to the library to refuse, which knows what is wrong with it.
    if (parsed === undefined) return new Response(text, response)
    // GitHub and Slack say what went wrong with a status that says that nothing did.
    const error = parsed["error"]
    if (typeof error === "string") return again(text, 400)
    const answer = normalize(parsed)
    const exchange = exchanges.getStore()
    if (exchange !== undefined) exchange.answer = { ...parsed, refresh_token: answer["refresh_token"] }
    return again(JSON.stringify(answer), 200)
  }

/**
 * Runs one request of the token endpoint and returns what it made of the answer, with the answer. What fails after the answer
 * has come fails with the refresh token that was in it.
 */
export const exchange = async <A>(
  run: () => Promise<A>,
  classify: (cause: unknown) => ProviderFailed,
): Promise<{ readonly made: A; readonly response: Document }> => {
  const seen: Exchange = { answer: undefined }
  try {
    const made = await exchanges.run(seen, run)
    return { made, response: seen.answer ?? {} }
  } catch (cause) {
    const { provider, reason, code, detail } = classify(cause)
    const refreshToken = seen.answer?.["refresh_token"]
    throw new ProviderFailed({
      provider,
      reason,
      code,
      detail,
      ...(typeof refreshToken === "string" && { refreshToken: Redacted.make(refreshToken) }),
    })
  }
}

/** What an OAuth 2.0 provider answers, by the plan's word where each thing is. */
export const normalizer =
  (mapping: OAuth2Provider["tokenResponse"]): Normalize =>
  (answer) => {
    const at = (path: string | undefined, standard: string) => valueAt(answer, path ?? standard)
    const expiresIn = Number(at(mapping?.expiresIn, "expires_in"))
    const type = answer["token_type"]
    return {
      access_token: mapping === undefined ? answer["access_token"] : valueAt(answer, mapping.accessToken),
      // Where the token is not at its place, the type that stands there is another one's (Slack's is of its bot).
      token_type: mapping === undefined && typeof type === "string" ? type : "bearer",
      ...text("refresh_token", at(mapping?.refreshToken, "refresh_token")),
      ...text("scope", at(mapping?.scope, "scope")),
      ...(Number.isFinite(expiresIn) && expiresIn > 0 && { expires_in: expiresIn }),
    }
  }

const text = (name: string, value: unknown): Document =>
  typeof value === "string" && value !== "" ? { [name]: value } : {}
