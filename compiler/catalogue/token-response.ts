/**
 * Reading token endpoints' answers that are not as RFC 6749 section 5.1 has them: where in the JSON each thing stands.
 *
 * @module
 */
import { optional, required } from "./field.ts"
import { block, pattern } from "./values.ts"

const MEMBER = "[A-Za-z0-9_-]+"
const STEPS = `${MEMBER}(\\.${MEMBER})*`

/** ToolHive reads these with gjson, of which this is the part that both understand. */
const path = (jwt: boolean) =>
  pattern(
    "a path",
    new RegExp(`^(?=.{1,256}$)${STEPS}${jwt ? `(\\|@upstreamjwt\\|${STEPS})?` : ""}$`),
    `it is names of members with dots between them, such as \`authed_user.id\`${jwt ? "; `|@upstreamjwt|` goes on inside of a JWT" : ""}`,
  )

const [response, claim] = [path(false), path(true)]

/** Who somebody is, by the token endpoint's word. */
export const identityFromToken = block({
  subject: required(claim, {
    doc: "Where it says who a person is there. `access_token|@upstreamjwt|sub` reads a claim of a JWT.",
    example: '"authed_user.id"',
  }),
  name: optional(claim, { doc: "Where it says the name.", example: '"authed_user.name"' }),
  email: optional(claim, { doc: "Where it says the e-mail address.", example: '"authed_user.email"' }),
})

export const tokenResponse = block({
  access_token: required(response, { doc: "Where the access token is.", example: '"authed_user.access_token"' }),
  refresh_token: optional(response, {
    doc: "Where the refresh token is. `refresh_token` when unsaid.",
    example: '"authed_user.refresh_token"',
  }),
  expires_in: optional(response, {
    doc: "Where the lifetime in seconds is. `expires_in` when unsaid.",
    example: '"authed_user.expires_in"',
  }),
  scope: optional(response, { doc: "Where the scopes are. `scope` when unsaid.", example: '"authed_user.scope"' }),
})
