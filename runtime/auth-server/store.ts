/**
 * What the authorization server remembers, behind one interface: the memory of the process, a file on disk, or a Redis that
 * several replicas share (storage/).
 *
 * Records are JSON objects, addressed by kind and id, gone when their time is over. Security rests on operations that are
 * atomic across everybody who shares the store, and survive a crash once they are answered:
 *
 * - `take`: one gets it. For what may be used once and is gone then (a login's `state`).
 * - `consume`: one marks it. For what may be used once and has to be known afterwards, because using it again is an attack (a
 *   code).
 * - `create`: one makes it.
 * - `replace`: nobody has written since it was read. A writer that was away for too long finds out, and harms nothing.
 * - `lease`: one works at a time. With an end, so that the work of a process that died is taken over.
 *
 * Work outside that must be done once (a refresh with a rotating token) takes a lease, reads with `read`, works, and writes with
 * `replace`: the lease keeps others from doing the same work, `replace` makes sure of the result where a lease ran out under
 * its holder.
 *
 * Every operation rejects with StoreUnavailable when the store cannot be reached or cannot write, and with nothing else. Then
 * it may have happened or not; nothing is half done.
 *
 * @module
 */

export type StoredRecord = { readonly [field: string]: unknown }

/** A record and which write it comes from. */
export interface Versioned {
  readonly record: StoredRecord
  /** Differs from that of every other write of the record. */
  readonly version: string
}

export interface PutOptions {
  /** Seconds. Without it the record stays until it is removed, or, in memory, pushed out by newer ones. */
  readonly ttl?: number | undefined
  /** Records of one kind and group can be removed together. */
  readonly group?: string | undefined
}

export interface Store {
  readonly get: (kind: string, id: string) => Promise<StoredRecord | undefined>
  /** As `get`, with the version that `replace` asks for. */
  readonly read: (kind: string, id: string) => Promise<Versioned | undefined>
  /** Replaces the record, whatever it was. */
  readonly put: (kind: string, id: string, record: StoredRecord, options?: PutOptions) => Promise<void>
  /** Puts the record where there is none: true for exactly one of several callers. */
  readonly create: (kind: string, id: string, record: StoredRecord, options?: PutOptions) => Promise<boolean>
  /** Replaces the record if it is still of that version: false, and nothing is written, if not. */
  readonly replace: (
    kind: string,
    id: string,
    version: string,
    record: StoredRecord,
    options?: PutOptions,
  ) => Promise<boolean>
  readonly remove: (kind: string, id: string) => Promise<void>
  /** Removes and returns the record: of several callers exactly one gets it. */
  readonly take: (kind: string, id: string) => Promise<StoredRecord | undefined>
  /** Sets `consumed` (epoch seconds) on the record: true for exactly one of several callers, false for all later ones. */
  readonly consume: (kind: string, id: string, at: number) => Promise<boolean>
  readonly removeGroup: (kind: string, group: string) => Promise<void>
  /**
   * Gives the lease of that name to `owner` for `seconds` from now, and says whether it did: not while another owner has it. An
   * owner that has it already has it for `seconds` from now. `owner` is a value that nobody else uses (a random UUID).
   */
  readonly lease: (name: string, owner: string, seconds: number) => Promise<boolean>
  /** Ends the lease if it is this owner's. */
  readonly release: (name: string, owner: string) => Promise<void>
}

/** The store cannot be reached, or cannot write. `message` is for the operator and holds no record. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable"
}
