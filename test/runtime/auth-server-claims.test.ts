/** What of a person's login goes into our tokens. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { needsUserinfo, personClaims, RESERVED, subjectOf } from "../../runtime/auth-server/claims.ts"
import type { AuthServer, CarriedClaim, OidcProvider } from "../../runtime/plan.ts"

const PROVIDER: OidcProvider = {
  name: "corp",
  kind: "oidc",
  issuer: "https://idp.example.com",
  client: { id: "gateway", scopes: ["openid", "email"] },
  accessToken: { format: "opaque" },
  algorithms: ["RS256"],
  claims: { idToken: [], accessToken: [], userinfo: [] },
}

const carrying = (...claims: readonly CarriedClaim[]): AuthServer => ({
  name: "gate",
  kind: "auth_server",
  issuer: "https://auth.example.com",
  login: ["corp"],
  redirectUri: "https://auth.example.com/oauth/callback",
  registration: "dynamic",
  tokens: { access: 600, refresh: 3600, code: 60 },
  claims,
  keys: [],
  hmacKeys: [],
})

const carried = (claim: string, from: CarriedClaim["from"], source = claim): CarriedClaim => ({
  claim,
  provider: "corp",
  from,
  source,
})

describe("our subjects", () => {
  it("are always valid STS role session names, and no two people's are alike", () => {
    fc.assert(
      fc.property(fc.tuple(fc.string(), fc.string()), fc.tuple(fc.string(), fc.string()), (one, other) => {
        expect(subjectOf(...one)).toMatch(/^[\w+=,.@-]{2,64}$/)
        expect(subjectOf(...one) === subjectOf(...other)).toBe(one[0] === other[0] && one[1] === other[1])
      }),
    )
  })
})

describe("the claims of a person", () => {
  it("are name, e-mail address and what the plan carries, from where it says", () => {
    const config = carrying(carried("groups", "id_token"), carried("team", "userinfo", "department"))
    const idToken = { sub: "1", email: "ada@example.com", name: "Ada", groups: ["a"], department: "wrong" }
    const userinfo = { sub: "1", department: "right", groups: ["wrong"] }
    expect(personClaims(config, PROVIDER, { idToken, userinfo })).toEqual({
      name: "Ada",
      email: "ada@example.com",
      groups: ["a"],
      team: "right",
    })
  })

  it.each([false, "false"])(
    "hold no e-mail address that is verified: %j, not even carried by name",
    (email_verified) => {
      const document = { email: "ada@example.com", email_verified }
      for (const config of [
        carrying(),
        carrying(carried("email", "id_token")),
        carrying(carried("contact", "id_token", "email")),
      ]) {
        expect(personClaims(config, PROVIDER, { idToken: document, userinfo: {} })).toEqual({})
      }
      // One document's word for another's address counts for nothing.
      const userinfo = { email: "ada@example.com", email_verified: true }
      expect(personClaims(carrying(), PROVIDER, { idToken: document, userinfo })).toEqual({})
    },
  )

  it("let nothing stand in for a carried claim that is absent", () => {
    const config = carrying(carried("name", "id_token", "display_name"))
    expect(personClaims(config, PROVIDER, { idToken: { name: "Ada" }, userinfo: {} })).toEqual({})
  })

  it("cannot be those that say what a token is", () => {
    for (const claim of ["iss", "sub", "aud", "exp", "scope", "client_id", "cnf", "act"])
      expect(RESERVED).toContain(claim)
  })

  it("ask userinfo only when the ID token does not hold what is promised", () => {
    expect(needsUserinfo(carrying(), PROVIDER, { email: "a@example.com" })).toBe(false)
    expect(needsUserinfo(carrying(), PROVIDER, {})).toBe(true)
    expect(needsUserinfo(carrying(carried("x", "userinfo")), PROVIDER, { email: "a@example.com" })).toBe(true)
  })
})
