/** DPoP (RFC 9449) at the token endpoint: tokens that are worth nothing without their client's key. */
import { randomUUID } from "node:crypto"
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, REDIRECT, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser } from "./browser.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

type Keys = Awaited<ReturnType<typeof generateKeyPair>>

const proof = async ({ privateKey, publicKey }: Keys, claims: Record<string, unknown> = {}, header: object = {}) =>
  new SignJWT({
    htm: "POST",
    htu: `${rig.issuer}/oauth/token`,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: await exportJWK(publicKey), ...header })
    .sign(privateKey)

const ask = (fields: Record<string, string>, dpop?: string) =>
  fetch(`${rig.issuer}/oauth/token`, {
    method: "POST",
    headers: dpop === undefined ? {} : { dpop },
    body: new URLSearchParams(fields),
  })

const redemption = (client: Client, code: string) => ({
  grant_type: "authorization_code",
  client_id: client.id,
  redirect_uri: client.redirect,
  code_verifier: client.verifier,
  code,
})
const codeOf = async (client: Client) => (await client.code("ada")).get("code") ?? ""
type BoundTokens = Tokens & { readonly token_type: string }

describe("a client that shows a proof", () => {
  it("is given tokens that are bound to its key, and refreshes them with that key only", async () => {
    const [client, keys, others] = [
      await Client.register(rig),
      await generateKeyPair("ES256"),
      await generateKeyPair("ES256"),
    ]
    const tokens = await json<BoundTokens>(await ask(redemption(client, await codeOf(client)), await proof(keys)))
    expect(tokens.token_type).toBe("DPoP")
    const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey))
    expect(decodeJwt(tokens.access_token)["cnf"]).toEqual({ jkt })
    const refresh = { grant_type: "refresh_token", client_id: client.id, refresh_token: tokens.refresh_token }
    for (const shown of [undefined, await proof(others)]) {
      expect(await json(await ask(refresh, shown))).toMatchObject({ error: "invalid_grant" })
    }
    const again = await json<BoundTokens>(await ask(refresh, await proof(keys)))
    expect(decodeJwt(again.access_token)["cnf"]).toEqual({ jkt })
  })

  it("once: the same proof is refused, also of two that come at the same time", async () => {
    const keys = await generateKeyPair("ES256")
    const clients = [await Client.register(rig), await Client.register(rig)]
    const client = clients[0] ?? (await Client.register(rig))
    const shown = await proof(keys)
    const first = await codeOf(client)
    const verifier = client.verifier
    const second = client.elsewhere()
    const code = await codeOf(second)
    const answers = await Promise.all([
      ask({ ...redemption(client, first), code_verifier: verifier }, shown),
      ask(redemption(second, code), shown),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  it.each<[string, () => Promise<string>]>([
    ["for another endpoint", async () => proof(await generateKeyPair("ES256"), { htu: `${rig.issuer}/oauth/other` })],
    ["for another method", async () => proof(await generateKeyPair("ES256"), { htm: "GET" })],
    [
      "from yesterday",
      async () => proof(await generateKeyPair("ES256"), { iat: Math.floor(Date.now() / 1000) - 86_400 }),
    ],
    ["without a name of its own", async () => proof(await generateKeyPair("ES256"), { jti: undefined })],
    ["of another type", async () => proof(await generateKeyPair("ES256"), {}, { typ: "JWT" })],
    [
      "signed by another key than it shows",
      async () =>
        proof(await generateKeyPair("ES256"), {}, { jwk: await exportJWK((await generateKeyPair("ES256")).publicKey) }),
    ],
    ["that is no JWT", async () => "x.y.z"],
  ])("%s, and is refused", async (_what, shown) => {
    const client = await Client.register(rig)
    const answer = await ask(redemption(client, await codeOf(client)), await shown())
    expect(answer.status).toBe(400)
    expect((await json(answer))["error"]).toBe("invalid_dpop_proof")
  })

  it("may bind the code before it comes (section 10): who takes it has no use for it", async () => {
    const [client, keys, thief] = [
      await Client.register(rig),
      await generateKeyPair("ES256"),
      await generateKeyPair("ES256"),
    ]
    const dpop_jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey))
    const attempt = async (shown?: string) => {
      const browser = client.elsewhere()
      const code = (await browser.code("ada", { dpop_jkt })).get("code") ?? ""
      return (await ask(redemption(browser, code), shown)).status
    }
    expect(await attempt(await proof(thief))).toBe(400)
    expect(await attempt()).toBe(400)
    expect(await attempt(await proof(keys))).toBe(200)
  })

  it("may have to, by its own registration", async () => {
    const { client_id } = await json<{ client_id: string }>(
      await register(rig, { dpop_bound_access_tokens: true, redirect_uris: [REDIRECT] }),
    )
    const client = new Client(rig, client_id, REDIRECT, new Browser())
    expect((await client.redeem(await codeOf(client))).status).toBe(400)
  })
})

it("the metadata names the algorithms of proofs, all of them asymmetric", async () => {
  const metadata = await json<Record<string, string[]>>(
    await fetch(`${rig.issuer}/.well-known/oauth-authorization-server`),
  )
  const algorithms = metadata["dpop_signing_alg_values_supported"] ?? []
  expect(algorithms).toContain("ES256")
  expect(algorithms.filter((name) => name === "none" || name.startsWith("HS"))).toEqual([])
})

it("a client that shows none is given bearer tokens, as ever", async () => {
  const client = await Client.register(rig)
  const tokens = await json<BoundTokens>(await client.redeem(await codeOf(client)))
  expect(tokens.token_type).toBe("Bearer")
  expect(decodeJwt(tokens.access_token)).not.toHaveProperty("cnf")
})
