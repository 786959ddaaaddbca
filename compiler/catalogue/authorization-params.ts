/**
 * Further parameters of the authorization requests that send people to a provider.
 *
 * @module
 */
import { map, text } from "./values.ts"

/** What every authorization request says by itself (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1). */
const OWN_PARAMS = [
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "nonce",
]

const MAX_PARAMS = 16

const params = map(text, 'a map of parameters, such as `{ access_type: "offline" }`', ({ value, span }, scope) => {
  if (!OWN_PARAMS.includes(value.toLowerCase())) return true
  scope.report("AF0525", span, { name: value })
  return false
})

export const authorizationParams: typeof params = {
  ...params,
  check: (expression, scope) => {
    const checked = params.check(expression, scope)
    if (checked === undefined || (checked.size > 0 && checked.size <= MAX_PARAMS)) return checked
    scope.report("AF0310", expression.span, { count: checked.size, min: 1, max: MAX_PARAMS })
    return undefined
  },
}
