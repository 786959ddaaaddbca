/**
 * What the authorization server remembers, behind an interface that a shared database can implement as well.
 *
 * Records are JSON objects, addressed by kind and id, gone when their time is over. Two operations have to be atomic across
 * everybody who shares the store, because security rests on them: `take` and `consume`.
 *
 * @module
 */

export type StoredRecord = { readonly [field: string]: unknown }

export interface Store {
  readonly get: (kind: string, id: string) => Promise<StoredRecord | undefined>
  /**
   * Replaces the record. `ttl` in seconds; without it the record stays until removed or pushed out by newer ones. Records of
   * one `group` can be removed together.
   */
  readonly put: (
    kind: string,
    id: string,
    record: StoredRecord,
    options?: { readonly ttl?: number | undefined; readonly group?: string | undefined },
  ) => Promise<void>
  readonly remove: (kind: string, id: string) => Promise<void>
  /** Removes and returns the record: of several callers exactly one gets it. */
  readonly take: (kind: string, id: string) => Promise<StoredRecord | undefined>
  /** Sets `consumed` (epoch seconds) on the record: true for exactly one of several callers, false for all later ones. */
  readonly consume: (kind: string, id: string, at: number) => Promise<boolean>
  readonly removeGroup: (kind: string, group: string) => Promise<void>
}

/** Epoch milliseconds. */
type Now = () => number

interface Slot {
  record: StoredRecord
  readonly expiresAt: number
  readonly group: string | undefined
}

/** Per kind, as ToolHive bounds its clients. Beyond it the record that was written or read longest ago makes room. */
const CAPACITY = 10_000

/**
 * A store in this process's memory: lost on restart, shared with nobody. Kinds do not compete for room, so a flood of
 * unfinished logins cannot push out refresh tokens.
 */
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

  return {
    get: async (kind, id) => {
      const slot = live(kind, id)
      if (slot === undefined) return undefined
      // Moves it to the end of the map: what is in use is the last to make room.
      slots(kind).delete(id)
      slots(kind).set(id, slot)
      return structuredClone(slot.record)
    },
    put: async (kind, id, record, options) => {
      drop(kind, id)
      makeRoom(kind)
      const ttl = options?.ttl
      slots(kind).set(id, {
        record: structuredClone(record),
        expiresAt: ttl === undefined ? Number.POSITIVE_INFINITY : now() + ttl * 1000,
        group: options?.group,
      })
      if (options?.group === undefined) return
      const key = groupKey(kind, options.group)
      const members = groups.get(key) ?? new Set()
      groups.set(key, members.add(id))
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
      slot.record = { ...slot.record, consumed: at }
      return true
    },
    removeGroup: async (kind, group) => {
      for (const id of [...(groups.get(groupKey(kind, group)) ?? [])]) drop(kind, id)
    },
  }
}
