/** Attacks on tokens that are bound to a key (RFC 9449): what a thief of a token can do with it. */
import { createHash, randomUUID } from "node:crypto"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { proofMemory } from "../../runtime/resource-server/dpop.ts"
import { RESOURCE } from "./authorization.ts"
import {
  failureOf,
  type Identify,
  type Issuer,
  identify,
  principalOf,
  stageFor,
  startIssuer,
} from "./identification.ts"

const URL_OF_FLOW = RESOURCE
const hashOf = (token: string) => createHash("sha256").update(token).digest("base64url")

interface Holder {
  readonly jwk: JWK
  readonly jkt: string
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"]
}

const holder = async (alg = "ES256"): Promise<Holder> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { jwk, jkt: await calculateJwkThumbprint(jwk), privateKey }
}

interface Proof {
  readonly htm?: string
  readonly htu?: string
  readonly iat?: number
  readonly jti?: string
  readonly ath?: string
  readonly typ?: string
  readonly jwk?: JWK
}

const proofOf = ({ privateKey, jwk }: Holder, token: string, changed: Proof = {}): Promise<string> => {
  const { typ = "dpop+jwt", jwk: shown = jwk, ...claims } = changed
  return new SignJWT({
    htm: "POST",
    htu: URL_OF_FLOW,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    ath: hashOf(token),
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", typ, jwk: shown })
    .sign(privateKey)
}

describe("a token that is bound to a key", () => {
  let issuer: Issuer
  let stage: Identify
  let owner: Holder
  let thief: Holder
  let token: string
  beforeAll(async () => {
    issuer = await startIssuer()
    stage = stageFor(issuer)
    owner = await holder()
    thief = await holder()
    token = await issuer.sign({ cnf: { jkt: owner.jkt } })
  })
  afterAll(() => issuer.close())

  const send = (proof: string | readonly string[] | undefined, scheme = "DPoP", sent = token) =>
    identify(stage, [
      ["authorization", `${scheme} ${sent}`],
      ...[proof ?? []].flat().map((each) => ["dpop", each] as const),
    ])
  const refused = async (...sent: Parameters<typeof send>) => {
    const failure = await failureOf(send(...sent))
    expect(failure._tag).toMatch(/^(ProofInvalid|TokenInvalid)$/)
    return failure.detail
  }

  it("is accepted from who holds the key, once for each proof", async () => {
    const proof = await proofOf(owner, token)
    expect(await principalOf(send(proof))).toMatchObject({ subject: "ada" })
    expect(await principalOf(send(await proofOf(owner, token)))).toMatchObject({ subject: "ada" })
  })

  it("replay: a proof that was used is worth nothing any more", async () => {
    const proof = await proofOf(owner, token)
    await principalOf(send(proof))
    expect(await refused(proof)).toContain("used before")
    // The same claims signed anew are the same proof.
    const jti = "chosen by the caller"
    await principalOf(send(await proofOf(owner, token, { jti })))
    expect(await refused(await proofOf(owner, token, { jti }))).toContain("used before")
  })

  it("downgrade: the stolen token sent as Bearer is refused, with a proof or without", async () => {
    expect(await refused(undefined, "Bearer")).toContain("send it as DPoP")
    expect(await refused(await proofOf(owner, token), "Bearer")).toContain("send it as DPoP")
    expect(await refused(undefined)).toContain("no DPoP proof")
  })

  it("a thief's own key is another key", async () => {
    expect(await refused(await proofOf(thief, token))).toContain("another key")
    // The owner's public key beside the thief's signature.
    expect(await refused(await proofOf(thief, token, { jwk: owner.jwk }))).toContain("signature")
  })

  it.each<readonly [string, Proof, string]>([
    ["another method", { htm: "GET" }, "method"],
    ["another URL", { htu: "https://evil.example/aws" }, "URL"],
    ["another path", { htu: `${URL_OF_FLOW}/other` }, "URL"],
    ["another token", { ath: hashOf("another") }, "token"],
    ["long ago", { iat: Math.floor(Date.now() / 1000) - 3600 }, "too old"],
    ["the future", { iat: Math.floor(Date.now() / 1000) + 3600 }, "too old"],
    ["no identifier", { jti: "" }, "identifier"],
    ["a very long identifier", { jti: "x".repeat(5000) }, "identifier"],
    ["another type", { typ: "JWT" }, "dpop+jwt"],
  ])("a proof for %s is refused", async (_, changed, why) => {
    expect(await refused(await proofOf(owner, token, changed))).toContain(why)
  })

  it("a proof that shows its private key, or has a MAC, is refused", async () => {
    const shown = await exportJWK(owner.privateKey)
    expect(await refused(await proofOf(owner, token, { jwk: shown }))).not.toBe("")
    const secret = new TextEncoder().encode("0123456789abcdef0123456789abcdef")
    const mac = await new SignJWT({ htm: "POST", htu: URL_OF_FLOW, jti: "a", ath: hashOf(token) })
      .setProtectedHeader({ alg: "HS256", typ: "dpop+jwt", jwk: owner.jwk })
      .setIssuedAt()
      .sign(secret)
    expect(await refused(mac)).toContain("algorithm")
  })

  it("two proofs, or one that is no JWT or too long, are refused", async () => {
    const proof = await proofOf(owner, token)
    expect(await refused([proof, await proofOf(owner, token)])).toContain("more than one")
    expect(await refused("not.a.jwt")).not.toBe("")
    expect(await refused(`${proof}${"A".repeat(10_000)}`)).toContain("too long")
  })

  it("a token that is bound to nothing is no DPoP token, and one bound in an unknown way is nobody's", async () => {
    const plain = await issuer.sign()
    expect(await refused(await proofOf(owner, plain), "DPoP", plain)).toContain("send it as Bearer")
    for (const cnf of [{ "x5t#S256": "AAAA" }, { kid: "one" }, { jwk: owner.jwk }, {}, "jkt", null]) {
      await refused(undefined, "Bearer", await issuer.sign({ cnf }))
    }
  })
})

describe("the memory of proofs", () => {
  it("is bounded, and rather refuses than forgets one that could be replayed", () => {
    let time = 0
    const memory = proofMemory(3, () => time)
    expect(["a", "b", "c"].map((key) => memory.remember(key))).toEqual(["new", "new", "new"])
    expect(memory.remember("d")).toBe("full")
    expect(memory.remember("a")).toBe("known")
    time += 121_000
    expect(memory.remember("d")).toBe("new")
    expect(memory.remember("d")).toBe("known")
  })
})
