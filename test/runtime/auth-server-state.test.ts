/** What a client sees of the store: a lost answer to a refresh, and a store that is out. */
import { generateKeyPairSync } from "node:crypto"
import { Effect } from "effect"
import { decodeJwt, decodeProtectedHeader } from "jose"
import { afterEach, describe, expect, it, vi } from "vitest"
import { RETRY_TIME } from "../../runtime/auth-server/rotation.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import { type Store, StoreUnavailable } from "../../runtime/auth-server/store.ts"
import { Client, json, outcome, type Rig, register, start, type Tokens } from "./authorization.ts"

let rig: Rig
afterEach(async () => {
  vi.useRealTimers()
  await rig.stop()
})

const refreshed = async (client: Client, token: string) => {
  const response = await client.refresh(token)
  return { status: response.status, ...(await json<Partial<Tokens>>(response)) }
}
const revoked = (token: string) => Effect.runPromise(rig.server.tokens.revoked(String(decodeJwt(token)["grant_id"])))

/** A store that fails as it is told to. */
const faulty = () => {
  const store = memoryStore()
  const faults = { out: false, next: undefined as keyof Store | undefined }
  const failing = new Proxy(store, {
    get:
      (target, name: keyof Store) =>
      (...given: never[]) => {
        const fails = faults.out || faults.next === name
        if (faults.next === name) faults.next = undefined
        if (fails) return Promise.reject(new StoreUnavailable("the test has unplugged it"))
        return (target[name] as (...all: never[]) => unknown)(...given)
      },
  })
  return { store: failing, faults }
}

describe("a refresh whose answer got lost", () => {
  it("brings the same next token again, which goes on", async () => {
    rig = await start()
    const client = await Client.register(rig)
    const { refresh_token } = await client.login("ada")
    const lost = await refreshed(client, refresh_token)
    const again = await refreshed(client, refresh_token)
    expect([lost.status, again.status]).toEqual([200, 200])
    expect(again.refresh_token).toBe(lost.refresh_token)
    expect(again.refresh_token).not.toBe(refresh_token)
    expect((await refreshed(client, again.refresh_token ?? "")).status).toBe(200)
  })

  it("and several at once bring one and the same", async () => {
    rig = await start()
    const client = await Client.register(rig)
    const { refresh_token } = await client.login("ada")
    const all = await Promise.all(Array.from({ length: 5 }, () => refreshed(client, refresh_token)))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const [next, ...others] = new Set(all.map((each) => each.refresh_token))
    expect(others).toEqual([])
    expect((await refreshed(client, next ?? "")).status).toBe(200)
  })

  it("ends the grant once the next token has been used: then two have it", async () => {
    rig = await start()
    const client = await Client.register(rig)
    const first = await client.login("ada")
    const second = await refreshed(client, first.refresh_token)
    const third = await refreshed(client, second.refresh_token ?? "")
    expect((await refreshed(client, first.refresh_token)).error).toBe("invalid_grant")
    expect((await refreshed(client, third.refresh_token ?? "")).error).toBe("invalid_grant")
    expect(await revoked(first.access_token)).toBe(true)
  })

  it("ends the grant when it comes too late for a retry", async () => {
    rig = await start()
    const client = await Client.register(rig)
    const { refresh_token, access_token } = await client.login("ada")
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() })
    await refreshed(client, refresh_token)
    vi.setSystemTime(Date.now() + RETRY_TIME * 1000)
    expect((await refreshed(client, refresh_token)).status).toBe(200)
    vi.setSystemTime(Date.now() + 2000)
    expect((await refreshed(client, refresh_token)).error).toBe("invalid_grant")
    expect(await revoked(access_token)).toBe(true)
  })

  it("brings nothing to another client, and harms nobody", async () => {
    rig = await start()
    const [client, stranger] = [await Client.register(rig), await Client.register(rig)]
    const { refresh_token } = await client.login("ada")
    const next = await refreshed(client, refresh_token)
    expect((await refreshed(stranger, refresh_token)).error).toBe("invalid_grant")
    expect((await refreshed(client, next.refresh_token ?? "")).status).toBe(200)
  })

  it("does not bring back what was revoked meanwhile", async () => {
    rig = await start()
    const client = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    const { refresh_token } = await json<Tokens>(await client.redeem(code))
    await refreshed(client, refresh_token)
    await client.redeem(code)
    expect((await refreshed(client, refresh_token)).error).toBe("invalid_grant")
  })

  it.each(["consume", "create"] as const)(
    "because the store failed at %s, is answered 503 and loses nothing",
    async (step) => {
      const { store, faults } = faulty()
      rig = await start({ store })
      const client = await Client.register(rig)
      const { refresh_token } = await client.login("ada")
      faults.next = step
      const failed = await client.refresh(refresh_token)
      expect([failed.status, failed.headers.get("retry-after")]).toEqual([503, "5"])
      expect(await json(failed)).toMatchObject({ error: "temporarily_unavailable" })
      const next = await refreshed(client, refresh_token)
      expect(next.status).toBe(200)
      expect((await refreshed(client, next.refresh_token ?? "")).status).toBe(200)
    },
  )
})

describe("a store that is out", () => {
  it("is 503 with Retry-After at every endpoint, to programs and to people, and never a refusal", async () => {
    const { store, faults } = faulty()
    rig = await start({ store })
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const another = client.elsewhere()
    const code = (await another.code("ada")).get("code") ?? ""
    const login = await client.elsewhere().authorize()
    const html = { headers: { accept: "text/html" } }
    const begun = new URL(login.url)
    const third = client.elsewhere()
    const consent = await third.toConsent("ada")

    faults.out = true
    const answers = await Promise.all([
      client.refresh(tokens.refresh_token),
      another.redeem(code),
      register(rig),
      fetch(client.authorizationUrl(), html),
      fetch(`${rig.issuer}/oauth/callback?state=${begun.searchParams.get("state") ?? "s"}&code=c`, html),
    ])
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503))
    expect(answers.map(({ headers }) => headers.get("retry-after"))).toEqual(answers.map(() => "5"))
    const types = answers.map(({ headers }) => headers.get("content-type")?.split(";")[0])
    const [program, person] = ["application/json", "text/html"]
    expect(types).toEqual([program, program, program, person, person])
    for (const page of answers.slice(3)) expect(await page.text()).toContain("Not available at the moment")
    const page = await third.browser.once(consent.url, html)
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"])
    expect(page.text).toContain("Not available at the moment")
    expect(JSON.stringify(rig.journal)).toContain("the test has unplugged it")

    const ref = { issuer: "corp", kind: "id_token" } as const
    const subject = decodeJwt(tokens.access_token).sub ?? ""
    expect(await outcome(rig.server.token(subject, ref))).toMatchObject({ failure: { _tag: "StateUnavailable" } })
    expect(await outcome(rig.server.tokens.revoked("x"))).toMatchObject({ failure: { _tag: "StateUnavailable" } })
    expect((await fetch(`${rig.issuer}/.well-known/jwks.json`)).status).toBe(200)

    faults.out = false
    expect((await another.redeem(code)).status).toBe(200)
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
  })
})

describe("a client that registered when the server signed with another algorithm", () => {
  it("is known all the same", async () => {
    const store = memoryStore()
    const pem = { type: "pkcs8", format: "pem" } as const
    const secrets = {
      "gate/rsa": generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem).toString(),
      "gate/ec": generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pem).toString(),
    }
    const signing = (key: string) => start({ store, secrets, config: { keys: [{ name: "gate", key }] } })
    const before = await signing("rsa")
    const { id } = await Client.register(before)
    await before.stop()
    rig = await signing("ec")
    const tokens = await Object.assign(await Client.register(rig), { id }).login("ada")
    expect(decodeProtectedHeader(tokens.id_token ?? "").alg).toBe("ES256")
  })
})
