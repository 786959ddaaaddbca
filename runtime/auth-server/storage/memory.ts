/**
 * A store in this process's memory: lost on restart, shared with nobody.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { PutOptions, Store, StoredRecord } from "../store.ts"

/** Epoch milliseconds. */
type Now = () => number

interface Slot {
  readonly record: StoredRecord
  readonly version: string
  readonly expiresAt: number
  readonly group: string | undefined
}

/** Per kind, as ToolHive bounds its clients. Beyond it the record that was written or read longest ago makes room. */
const CAPACITY = 10_000

/** The kind that leases are kept as. */
const LEASE = "Lease"

/** Kinds do not compete for room, so a flood of unfinished logins cannot push out refresh tokens. */
export const memoryStore = (now: Now = Date.now, capacity = CAPACITY): Store => {
  const kinds = new Map<string, Map<string, Slot>>()
  const groups = new Map<string, Set<string>>()

  const slots = (kind: string) => {
    const existing = kinds.get(kind)
    if (existing !== undefined) return existing
    const made = new Map<string, Slot>()
    kinds.set(kind, made)
    return made
  }
  const groupKey = (kind: string, group: string) => `${kind} ${group}`

  const drop = (kind: string, id: string) => {
    const slot = slots(kind).get(id)
    if (slot === undefined) return
    slots(kind).delete(id)
    if (slot.group === undefined) return
    const key = groupKey(kind, slot.group)
    const members = groups.get(key)
    members?.delete(id)
    if (members?.size === 0) groups.delete(key)
  }

  const live = (kind: string, id: string) => {
    const slot = slots(kind).get(id)
    if (slot === undefined) return undefined
    if (slot.expiresAt > now()) return slot
    drop(kind, id)
    return undefined
  }

  const makeRoom = (kind: string) => {
    if (slots(kind).size < capacity) return
    for (const [id, slot] of slots(kind)) if (slot.expiresAt <= now()) drop(kind, id)
    for (const id of slots(kind).keys()) {
      if (slots(kind).size < capacity) return
      drop(kind, id)
    }
  }

  const read = (kind: string, id: string) => {
    const slot = live(kind, id)
    if (slot === undefined) return undefined
    // Moves it to the end of the map: what is in use is the last to make room.
    slots(kind).delete(id)
    slots(kind).set(id, slot)
    return { record: structuredClone(slot.record), version: slot.version }
  }

  const put = (kind: string, id: string, record: StoredRecord, options: PutOptions = {}) => {
    drop(kind, id)
    makeRoom(kind)
    const { ttl, group } = options
    slots(kind).set(id, {
      record: structuredClone(record),
      version: randomUUID(),
      expiresAt: ttl === undefined ? Number.POSITIVE_INFINITY : now() + ttl * 1000,
      group,
    })
    if (group === undefined) return
    const key = groupKey(kind, group)
    const members = groups.get(key) ?? new Set()
    groups.set(key, members.add(id))
  }

  return {
    get: async (kind, id) => read(kind, id)?.record,
    read: async (kind, id) => read(kind, id),
    put: async (kind, id, record, options) => put(kind, id, record, options),
    create: async (kind, id, record, options) => {
      if (live(kind, id) !== undefined) return false
      put(kind, id, record, options)
      return true
    },
    replace: async (kind, id, version, record, options) => {
      if (live(kind, id)?.version !== version) return false
      put(kind, id, record, options)
      return true
    },
    remove: async (kind, id) => drop(kind, id),
    take: async (kind, id) => {
      const slot = live(kind, id)
      drop(kind, id)
      return slot?.record
    },
    consume: async (kind, id, at) => {
      const slot = live(kind, id)
      if (slot === undefined || slot.record["consumed"] !== undefined) return false
      slots(kind).set(id, { ...slot, record: { ...slot.record, consumed: at }, version: randomUUID() })
      return true
    },
    removeGroup: async (kind, group) => {
      for (const id of [...(groups.get(groupKey(kind, group)) ?? [])]) drop(kind, id)
    },
    lease: async (name, owner, seconds) => {
      const held = live(LEASE, name)
      if (held !== undefined && held.record["owner"] !== owner) return false
      put(LEASE, name, { owner }, { ttl: seconds })
      return true
    },
    release: async (name, owner) => {
      if (live(LEASE, name)?.record["owner"] === owner) drop(LEASE, name)
    },
  }
}
