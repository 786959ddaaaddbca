import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { resources } from "../../runtime/auth-server/resources.ts"
import { memoryStore } from "../../runtime/auth-server/store.ts"

describe("the store", () => {
  it("forgets a record when its time is over", async () => {
    let now = 0
    const store = memoryStore(() => now)
    await store.put("Code", "a", { v: 1 }, { ttl: 10 })
    now = 9_999
    expect(await store.get("Code", "a")).toEqual({ v: 1 })
    now = 10_000
    expect(await store.get("Code", "a")).toBe(undefined)
    expect(await store.take("Code", "a")).toBe(undefined)
    expect(await store.consume("Code", "a", 1)).toBe(false)
  })

  it("gives a record to one taker and one consumer", async () => {
    const store = memoryStore()
    await store.put("State", "a", { v: 1 })
    const taken = await Promise.all([1, 2, 3].map(() => store.take("State", "a")))
    expect(taken.filter((record) => record !== undefined)).toEqual([{ v: 1 }])
    await store.put("Code", "a", { v: 1 })
    const consumed = await Promise.all([1, 2, 3].map(() => store.consume("Code", "a", 5)))
    expect(consumed).toEqual([true, false, false])
    expect(await store.get("Code", "a")).toEqual({ v: 1, consumed: 5 })
  })

  it("removes groups and only them", async () => {
    const store = memoryStore()
    await store.put("Token", "a", {}, { group: "g" })
    await store.put("Token", "b", {}, { group: "h" })
    await store.put("Code", "c", {}, { group: "g" })
    await store.removeGroup("Token", "g")
    expect(await store.get("Token", "a")).toBe(undefined)
    expect(await store.get("Token", "b")).toEqual({})
    expect(await store.get("Code", "c")).toEqual({})
  })

  it("does not change when a record that was put or got is changed", async () => {
    const store = memoryStore()
    const record = { list: [1] }
    await store.put("Token", "a", record)
    record.list.push(2)
    const got = await store.get("Token", "a")
    Object.assign(got ?? {}, { list: [3] })
    expect(await store.get("Token", "a")).toEqual({ list: [1] })
  })

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
