import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { resources } from "../../runtime/auth-server/resources.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import { storeContract } from "./store-contract.ts"

storeContract("memory", async () => {
  let now = 0
  const pass = async (seconds: number) => {
    now += seconds * 1000
  }
  return { store: memoryStore(() => now), pass }
})

describe("the store in memory", () => {
  it("never holds more than its capacity of a kind, keeps what is in use, and lets no kind push out another", async () => {
    const capacity = 5
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 40 }), { maxLength: 60 }), async (ids) => {
        const store = memoryStore(() => 0, capacity)
        await store.put("Grant", "kept", {})
        await store.put("Interaction", "used", {})
        for (const id of ids) {
          await store.put("Interaction", String(id), {})
          expect(await store.get("Interaction", "used")).toEqual({})
        }
        const held = await Promise.all([...new Set(ids)].map((id) => store.get("Interaction", String(id))))
        expect(held.filter((record) => record !== undefined).length).toBeLessThan(capacity)
        expect(await store.get("Grant", "kept")).toEqual({})
      }),
    )
  })
})

describe("resources", () => {
  it("prefer the canonical spelling where two resources differ by a slash", () => {
    const one = { name: "one", resource: "https://a.example/x", scopes: [] }
    const two = { name: "two", resource: "https://a.example/x/", scopes: [] }
    const { find, only } = resources([one, two])
    expect([find(one.resource), find(two.resource), only]).toEqual([one, two, undefined])
  })
})
