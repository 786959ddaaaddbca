/** A new signing key is in the key set before it signs. */
import { describe, expect, it } from "vitest"
import { AHEAD, turnOf } from "../../runtime/auth-server/key-publication.ts"
import type { SigningKey } from "../../runtime/auth-server/keys.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"

const key = (kid: string): SigningKey => ({ kid, kty: "EC", alg: "ES256", use: "sig" })
const [a, b, c] = [key("a"), key("b"), key("c")]
const NOW = 1_800_000_000

describe("whose turn it is to sign", () => {
  it("is the first one's on a new server, and stays its", async () => {
    const store = memoryStore()
    expect(await turnOf(store, [a, b], NOW)).toEqual({ current: a, changesIn: undefined })
    expect(await turnOf(store, [a, b], NOW + 1)).toEqual({ current: a, changesIn: undefined })
    expect(await turnOf(store, [a, b], NOW + AHEAD)).toEqual({ current: a, changesIn: undefined })
  })

  it("becomes that of a new one in front when it has been published for long enough", async () => {
    const store = memoryStore()
    await turnOf(store, [a], NOW - 5000)
    expect(await turnOf(store, [b, a], NOW)).toEqual({ current: a, changesIn: AHEAD })
    expect(await turnOf(store, [b, a], NOW + 100)).toEqual({ current: a, changesIn: AHEAD - 100 })
    expect(await turnOf(store, [b, a], NOW + AHEAD)).toEqual({ current: b, changesIn: undefined })
    expect(await turnOf(store, [b], NOW + AHEAD)).toEqual({ current: b, changesIn: undefined })
  })

  it("is not that of a new one in front of a young server's either", async () => {
    const store = memoryStore()
    await turnOf(store, [a, b], NOW)
    expect(await turnOf(store, [c, a, b], NOW + 60)).toEqual({ current: a, changesIn: AHEAD })
  })

  it("is at once that of a new one when the old ones are gone", async () => {
    const store = memoryStore()
    await turnOf(store, [a], NOW - 5000)
    expect(await turnOf(store, [b], NOW)).toEqual({ current: b, changesIn: undefined })
  })

  it("is the same for a replica that learns of the key later", async () => {
    const store = memoryStore()
    await turnOf(store, [a], NOW - 5000)
    await turnOf(store, [b, a], NOW)
    expect(await turnOf(store, [b, a], NOW + AHEAD - 1)).toEqual({ current: a, changesIn: 1 })
    expect(await turnOf(store, [a], NOW + AHEAD)).toEqual({ current: a, changesIn: undefined })
    expect(await turnOf(store, [b, a], NOW + AHEAD)).toEqual({ current: b, changesIn: undefined })
  })
})
