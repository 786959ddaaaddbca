/**
 * What every store does, whatever it keeps things in.
 *
 * @module
 */
import { describe, expect, it } from "vitest"
import type { Store } from "../../runtime/auth-server/store.ts"

export interface Opened {
  readonly store: Store
  /** A second way in: another process, or another replica, where the store can have one. */
  readonly other?: Store
  /** Lets that many seconds pass for the store. */
  readonly pass: (seconds: number) => Promise<void>
}

/** `tick`: the seconds that lifetimes are counted in here; short for a store that only knows real time. */
export const storeContract = (name: string, open: () => Promise<Opened>, tick = 1): void => {
  /** Both ways in, taking turns. */
  const ways = ({ store, other = store }: Opened, count = 6) =>
    Array.from({ length: count }, (_, at) => [store, other][at % 2] ?? store)

  describe(`${name}: the contract of every store`, () => {
    it("forgets a record when its time is over, and not before", async () => {
      const { store, pass } = await open()
      await store.put("Code", "a", { v: 1 }, { ttl: 10 * tick })
      await store.put("Code", "b", { v: 2 })
      await pass(5 * tick)
      expect(await store.get("Code", "a")).toEqual({ v: 1 })
      await pass(5 * tick)
      expect(await store.get("Code", "a")).toBe(undefined)
      expect(await store.read("Code", "a")).toBe(undefined)
      expect(await store.take("Code", "a")).toBe(undefined)
      expect(await store.consume("Code", "a", 1)).toBe(false)
      expect(await store.create("Code", "a", { v: 3 })).toBe(true)
      expect(await store.get("Code", "b")).toEqual({ v: 2 })
    })

    it("renews a record's time with each write, and drops it with one that says none", async () => {
      const { store, pass } = await open()
      await store.put("Code", "a", { v: 1 }, { ttl: 10 * tick })
      await store.put("Code", "b", { v: 1 }, { ttl: 10 * tick })
      await pass(6 * tick)
      await store.put("Code", "a", { v: 2 }, { ttl: 10 * tick })
      await store.put("Code", "b", { v: 2 })
      await pass(6 * tick)
      expect(await store.get("Code", "a")).toEqual({ v: 2 })
      expect(await store.get("Code", "b")).toEqual({ v: 2 })
    })

    it("keeps kinds and ids apart", async () => {
      const { store } = await open()
      await store.put("Code", "a", { v: 1 })
      await store.put("Token", "a", { v: 2 })
      await store.put("Code", "a:b", { v: 3 })
      expect(await Promise.all([store.get("Code", "a"), store.get("Token", "a"), store.get("Code", "a:b")])).toEqual([
        { v: 1 },
        { v: 2 },
        { v: 3 },
      ])
      expect(await store.get("Code:a", "b")).toBe(undefined)
      await store.remove("Code", "a")
      await store.remove("Code", "a")
      expect(await store.get("Code", "a")).toBe(undefined)
      expect(await store.get("Token", "a")).toEqual({ v: 2 })
    })

    it("gives a record to one taker, one consumer and one creator", async () => {
      const opened = await open()
      const { store } = opened
      await store.put("State", "a", { v: 1 })
      const taken = await Promise.all(ways(opened).map((way) => way.take("State", "a")))
      expect(taken.filter((record) => record !== undefined)).toEqual([{ v: 1 }])
      await store.put("Code", "a", { v: 1 }, { ttl: 100 * tick })
      const consumed = await Promise.all(ways(opened).map((way) => way.consume("Code", "a", 5)))
      expect(consumed.filter((won) => won)).toHaveLength(1)
      expect(await store.get("Code", "a")).toEqual({ v: 1, consumed: 5 })
      await store.put("Code", "b", { v: 1, consumed: 4 })
      expect(await store.consume("Code", "b", 5)).toBe(false)
      expect(await store.get("Code", "b")).toEqual({ v: 1, consumed: 4 })
      const created = await Promise.all(ways(opened).map((way, n) => way.create("Client", "a", { n })))
      expect(created.filter((won) => won)).toHaveLength(1)
      expect(await store.get("Client", "a")).toEqual({ n: created.indexOf(true) })
    })

    it("replaces only what nobody has written since it was read", async () => {
      const opened = await open()
      const { store } = opened
      await store.put("Login", "a", { v: 1 }, { ttl: 100 * tick })
      const read = await store.read("Login", "a")
      expect(read?.record).toEqual({ v: 1 })
      const won = await Promise.all(
        ways(opened).map((way, n) => way.replace("Login", "a", read?.version ?? "", { n }, { ttl: 100 * tick })),
      )
      expect(won.filter((each) => each)).toHaveLength(1)
      expect(await store.get("Login", "a")).toEqual({ n: won.indexOf(true) })
      const before = await store.read("Login", "a")
      // The same content, and still another write.
      await store.put("Login", "a", { ...before?.record })
      expect(await store.replace("Login", "a", before?.version ?? "", {})).toBe(false)
      const unconsumed = await store.read("Login", "a")
      await store.consume("Login", "a", 5)
      expect(await store.replace("Login", "a", unconsumed?.version ?? "", {})).toBe(false)
      const gone = await store.read("Login", "a")
      await store.remove("Login", "a")
      expect(await store.replace("Login", "a", gone?.version ?? "", {})).toBe(false)
      expect(await store.get("Login", "a")).toBe(undefined)
    })

    it("removes groups and only them", async () => {
      const { store } = await open()
      await store.put("Token", "a", {}, { group: "g" })
      await store.create("Token", "b", {}, { group: "g", ttl: 100 * tick })
      await store.put("Token", "c", {}, { group: "h" })
      await store.put("Code", "d", {}, { group: "g" })
      await store.put("Token", "e", {}, { group: "g" })
      await store.put("Token", "e", {})
      await store.removeGroup("Token", "g")
      await store.removeGroup("Token", "g")
      expect(await Promise.all(["a", "b", "c", "e"].map((id) => store.get("Token", id)))).toEqual([
        undefined,
        undefined,
        {},
        {},
      ])
      expect(await store.get("Code", "d")).toEqual({})
    })

    it("leases to one owner at a time, until it ends or is given back", async () => {
      const opened = await open()
      const { store, pass } = opened
      const won = await Promise.all(ways(opened).map((way, n) => way.lease("refresh a", `owner ${n}`, 10 * tick)))
      expect(won.filter((each) => each)).toHaveLength(1)
      const owner = `owner ${won.indexOf(true)}`
      expect(await store.lease("refresh b", "somebody", 10 * tick)).toBe(true)
      await pass(6 * tick)
      expect(await store.lease("refresh a", owner, 10 * tick)).toBe(true)
      await pass(6 * tick)
      expect(await store.lease("refresh a", "somebody", 10 * tick)).toBe(false)
      await store.release("refresh a", "somebody")
      expect(await store.lease("refresh a", "somebody", 10 * tick)).toBe(false)
      await store.release("refresh a", owner)
      expect(await store.lease("refresh a", "somebody", 10 * tick)).toBe(true)
      await pass(10 * tick)
      expect(await store.lease("refresh a", owner, 10 * tick)).toBe(true)
    })

    it("does not change when a record that was put or got is changed", async () => {
      const { store } = await open()
      const record = { list: [1], text: "ü \u0000 😀", nothing: null, deep: { a: [true, { b: 1.5 }] } }
      await store.put("Token", "a", record)
      record.list.push(2)
      const got = await store.get("Token", "a")
      Object.assign(got ?? {}, { list: [3] })
      expect(await store.get("Token", "a")).toEqual({ ...record, list: [1] })
    })
  })
}
