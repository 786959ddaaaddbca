/** Attacks with tokens at a flow whose callers bring tokens of an outside issuer (RFC 8725). */
import { createHmac, generateKeyPairSync } from "node:crypto"
import { CompactSign, exportSPKI, importJWK, SignJWT, UnsecuredJWT } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { issuerKeys } from "../../runtime/resource-server/issuer.ts"
import { issuerClient } from "../../runtime/resource-server/issuer-client.ts"
import { RESOURCE } from "./authorization.ts"
import {
  failureOf,
  type Identify,
  type Issuer,
  principalOf,
  stageFor,
  startIssuer,
  withToken,
} from "./identification.ts"

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

describe("tokens made by an attacker", () => {
  let issuer: Issuer
  let stage: Identify
  beforeAll(async () => {
    issuer = await startIssuer()
  })
  beforeEach(() => {
    stage = stageFor(issuer)
  })
  afterAll(() => issuer.close())

  const claims = () => {
    const now = Math.floor(Date.now() / 1000)
    return { iss: issuer.issuer, aud: RESOURCE, sub: "admin", scope: "mcp:use", iat: now, exp: now + 300 }
  }
  const refused = async (token: string) => {
    const failure = await failureOf(withToken(stage, token))
    expect(failure._tag).toBe("TokenInvalid")
    return failure.detail
  }

  it("algorithm confusion: the public key as the secret of a MAC verifies nothing", async () => {
    const [key] = issuer.keys
    const publicKey = await importJWK(key?.jwk ?? {}, "RS256")
    const pem = "type" in publicKey ? await exportSPKI(publicKey) : ""
    for (const secret of [pem, pem.trim(), JSON.stringify(key?.jwk)]) {
      for (const alg of ["HS256", "HS384", "HS512"] as const) {
        const signed = `${base64url({ alg, kid: key?.kid, typ: "at+jwt" })}.${base64url(claims())}`
        const mac = createHmac(`sha${alg.slice(2)}`, secret)
          .update(signed)
          .digest("base64url")
        expect(await refused(`${signed}.${mac}`)).toContain("algorithm")
      }
    }
  })

  it("algorithm confusion: another asymmetric algorithm than the pinned one is not tried", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey)
    expect(await refused(token)).toContain("algorithm")
  })

  it("none: an unsigned token is no token, however the word is spelled", async () => {
    expect(await refused(new UnsecuredJWT(claims()).encode().replace(/\.$/, ".AA"))).toContain("algorithm")
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      await refused(`${base64url({ alg, kid: "one" })}.${base64url(claims())}.AA`)
    }
  })

  it.each([
    "../../../../dev/null",
    "one' OR '1'='1",
    "__proto__",
    "constructor",
    "one\u0000",
    "ONE",
    "x".repeat(10_000),
    "",
  ])("kid tricks: the key %j finds none of the issuer's keys", async (kid) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    await refused(await new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey))
  })

  it("kid tricks: no kid, or one that is no string, is not a way to an attacker's key", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    for (const kid of [undefined, 7, ["one"], { a: 1 }, null]) {
      const header = { alg: "RS256", ...(kid === undefined ? {} : { kid }) } as { readonly alg: string }
      const payload = new TextEncoder().encode(JSON.stringify(claims()))
      await refused(await new CompactSign(payload).setProtectedHeader(header).sign(privateKey))
    }
  })

  it("keys that the token brings along (jwk, jku, x5u, x5c) are never looked at", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const asked: string[] = []
    const other = await startIssuer()
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "evil", alg: "RS256", use: "sig" }
    const url = `${other.issuer}/keys`
    for (const header of [{ jwk }, { jku: url }, { x5u: url }, { x5c: ["AAAA"] }]) {
      for (const kid of ["one", "evil"]) {
        const protectedHeader = { alg: "RS256", kid, ...header }
        await refused(await new SignJWT(claims()).setProtectedHeader(protectedHeader).sign(privateKey))
      }
    }
    asked.push(...other.requests)
    await other.close()
    expect(asked).toEqual([])
  })

  it("crit: an extension that is not known here is refused, not passed over", async () => {
    const token = await issuer.sign({})
    const [, payload = ""] = token.split(".")
    const [key] = issuer.keys
    if (key === undefined) throw new Error("no key")
    const header = { alg: "RS256", kid: "one", crit: ["must"], must: 1 }
    const made = await new CompactSign(Buffer.from(payload, "base64url"))
      .setProtectedHeader(header)
      .sign(key.privateKey, { crit: { must: true } })
    await refused(made)
    const unencoded = { alg: "RS256", kid: "one", crit: ["b64"], b64: false }
    const parts = `${base64url(unencoded)}.${payload}.${token.split(".")[2]}`
    await refused(parts)
  })

  it.each(["dpop+jwt", "logout+jwt", "secevent+jwt", "JWE", "application/at+jws"])(
    "wrong typ: a %s is no access token, although the issuer signed it",
    async (typ) => {
      expect(await refused(await issuer.sign({}, { typ }))).toContain("type")
    },
  )

  it("nested: a token inside of a token is not unwrapped", async () => {
    const inner = await issuer.sign({})
    const [key] = issuer.keys
    if (key === undefined) throw new Error("no key")
    const outer = await new CompactSign(new TextEncoder().encode(inner))
      .setProtectedHeader({ alg: "RS256", kid: "one", cty: "JWT" })
      .sign(key.privateKey)
    await refused(outer)
  })

  it("oversized: a token with a very large payload is refused, and quickly", async () => {
    const huge = `${base64url({ alg: "RS256", kid: "one" })}.${Buffer.alloc(2_000_000, 0x7b).toString("base64url")}.AA`
    await refused(huge)
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`
    await refused(`${base64url({ alg: "RS256", kid: "one" })}.${Buffer.from(deep).toString("base64url")}.AA`)
  })

  it("a token of the right issuer still gets in", async () => {
    expect(await principalOf(withToken(stage, await issuer.sign()))).toMatchObject({ subject: "ada" })
  })
})

describe("JWKS flooding", () => {
  it("a thousand made-up key ids make one fetch beside the first, and another only after a while", async () => {
    const issuer = await startIssuer()
    try {
      let time = 1_000_000
      const keys = issuerKeys({ issuer: issuer.issuer, name: "corp" }, issuerClient(), () => time)
      const find = (kid: string) =>
        Promise.resolve(keys({ alg: "RS256", kid }, { payload: "", signature: "" })).then(
          () => "found",
          (cause: { code?: string }) => cause.code,
        )
      const fetches = () => issuer.requests.filter((path) => path === "/keys").length
      expect(await find("one")).toBe("found")
      expect(fetches()).toBe(1)
      const flood = () => Promise.all(Array.from({ length: 1000 }, (_, n) => find(`made-up-${time}-${n}`)))
      time += 60_000
      expect(new Set(await flood())).toEqual(new Set(["ERR_JWKS_NO_MATCHING_KEY"]))
      expect(fetches()).toBe(2)
      await flood()
      time += 10_000
      await flood()
      expect(fetches()).toBe(2)
      // Keys that rotate are still found, and those that were known are so all the time.
      issuer.keys.push(await issuer.makeKey("two"))
      time += 30_000
      expect(await find("two")).toBe("found")
      expect(await find("one")).toBe("found")
      expect(fetches()).toBe(3)
    } finally {
      await issuer.close()
    }
  })

  it("while the issuer is out, a flood makes a fetch every two seconds at most, and known keys go on verifying", async () => {
    const issuer = await startIssuer()
    try {
      let time = 1_000_000
      const keys = issuerKeys({ issuer: issuer.issuer, name: "corp" }, issuerClient(), () => time)
      const find = (kid: string) =>
        Promise.resolve(keys({ alg: "RS256", kid }, { payload: "", signature: "" })).then(
          () => "found",
          (cause: { _tag?: string }) => cause._tag,
        )
      expect(await find("one")).toBe("found")
      issuer.status = 500
      time += 10 * 60_000
      const before = issuer.requests.length
      for (let second = 0; second < 10; second++) {
        expect(await find(`made-up-${second}`)).toBe("IssuerUnavailable")
        expect(await find("one")).toBe("found")
        time += 1000
      }
      expect(issuer.requests.length - before).toBeLessThanOrEqual(6)
    } finally {
      await issuer.close()
    }
  })
})
