/**
 * Asking a provider's own endpoint who a person is, and reading its answer by the plan's fields.
 *
 * @module
 */
import type { UserinfoRequest } from "../../plan.ts"
import { textWithin } from "./body.ts"
import { Unavailable, Untrustworthy } from "./classify.ts"
import { parseObject, scalarText } from "./json-path.ts"
import { type Document, TIMEOUT } from "./upstream.ts"

/** Bytes of an answer. */
const MAX_ANSWER = 1024 * 1024

/** What the provider said of a person. */
export interface Said {
  readonly subject: string
  /** The whole answer, with `sub`, `name` and `email` by the plan's fields. */
  readonly document: Document
}

/** Rejects with Untrustworthy, Unavailable, or what fetch rejects with. */
export const askUserinfo = async (request: UserinfoRequest, accessToken: string): Promise<Said> => {
  const response = await fetch(request.endpoint, {
    method: request.method,
    headers: {
      accept: "application/json",
      // GitHub's API refuses who does not say what they are.
      "user-agent": "authflow",
      ...lowerCase(request.headers),
      authorization: `Bearer ${accessToken}`,
    },
    // Another place must not get the token.
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT * 1000),
  })
  if (response.status >= 500 || response.status === 429)
    throw new Unavailable(`its userinfo endpoint answered ${response.status}`)
  if (response.status !== 200) throw new Untrustworthy("userinfo", `its userinfo endpoint answered ${response.status}`)
  const text = await textWithin(response, MAX_ANSWER)
  const document = text === undefined ? undefined : parseObject(text)
  if (document === undefined)
    throw new Untrustworthy("userinfo", `its userinfo answer is no JSON object of at most ${MAX_ANSWER} bytes`)
  return read(request, document)
}

const read = ({ subject, name, email }: UserinfoRequest, document: Document): Said => {
  const first = (fields: readonly string[]) =>
    fields.map((field) => scalarText(document[field])).find((value) => value !== undefined)
  const who = first(subject)
  if (who === undefined)
    throw new Untrustworthy("userinfo", `its userinfo answer says no ${subject.join(" or ")}, so nobody is known`)
  return { subject: who, document: { ...document, sub: who, name: first(name), email: first(email) } }
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
