/**
 * A store that trusts the place where its records are with nothing: they are encrypted before they leave the process, and found
 * by digests of their ids, many of which are tokens.
 *
 * AES-256-GCM (NIST SP 800-38D) with a key derived from the operator's secret for this purpose and this server alone (RFC 5869).
 * Kind and id are associated data, so that a record put in another's place does not open. The nonce is random: with fewer than
 * 2^32 writes under one key, as that standard asks for, of which a busy server makes a million a day.
 *
 * Whoever can write to the place can still remove records, put an old one back, or take the mark off a used code: it has to be
 * kept from others, as ever.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import { deriveKey, type Roots } from "../root-secrets.ts"
import type { Store, StoredRecord } from "../store.ts"
import type { Cell, CellOptions, Vault } from "./vault.ts"

/** What begins each sealed record, so that a later format is told from this one. */
const FORMAT = 1
const KEY_ID = 8
const NONCE = 12
const TAG = 16
const HEADER = 1 + KEY_ID + NONCE

interface SealingKey {
  /** Says which key a record is sealed with, and nothing about the key. */
  readonly id: Buffer
  readonly key: Uint8Array
}

const sealingKey = (root: Uint8Array, issuer: string): SealingKey => {
  const id = deriveKey(root, "storage key id", issuer).subarray(0, KEY_ID)
  return { id, key: deriveKey(root, "storage", issuer) }
}

/**
 * `roots`: secrets of 32 bytes or more, newest first; the newest seals, all open. `unreadable` is told of a record that none
 * of them opens, which is as good as not there: it was sealed with a secret that is no longer given, or has been tampered with.
 */
export const sealedStore = (
  vault: Vault,
  options: {
    readonly issuer: string
    readonly roots: Roots
    readonly unreadable: (kind: string) => void
  },
): Store => {
  const [newest, ...older] = options.roots
  const sealer = sealingKey(newest, options.issuer)
  const keys = [sealer, ...older.map((root) => sealingKey(root, options.issuer))]

  const name = (kind: string, id: string) =>
    createHash("sha256")
      .update(JSON.stringify([kind, id]))
      .digest("base64url")
  const associated = (kind: string, id: string) => Buffer.from(JSON.stringify([options.issuer, kind, id]))

  const seal = (kind: string, id: string, { consumed, ...record }: StoredRecord): Cell => {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv("aes-256-gcm", sealer.key, nonce).setAAD(associated(kind, id))
    const body = [cipher.update(JSON.stringify(record), "utf8"), cipher.final()]
    const sealed = Buffer.concat([Buffer.of(FORMAT), sealer.id, nonce, ...body, cipher.getAuthTag()])
    return {
      sealed,
      version: nonce.toString("base64url"),
      consumed: typeof consumed === "number" ? consumed : undefined,
    }
  }

  const open = (kind: string, id: string, cell: Cell | undefined): StoredRecord | undefined => {
    if (cell === undefined) return undefined
    const sealed = Buffer.from(cell.sealed)
    const key = keys.find((each) => each.id.equals(sealed.subarray(1, 1 + KEY_ID)))
    try {
      if (key === undefined || sealed[0] !== FORMAT) throw new Error("no key")
      const decipher = createDecipheriv("aes-256-gcm", key.key, sealed.subarray(1 + KEY_ID, HEADER), {
        authTagLength: TAG,
      })
      decipher.setAAD(associated(kind, id)).setAuthTag(sealed.subarray(sealed.length - TAG))
      const body = Buffer.concat([decipher.update(sealed.subarray(HEADER, sealed.length - TAG)), decipher.final()])
      const record: StoredRecord = JSON.parse(body.toString("utf8"))
      return cell.consumed === undefined ? record : { ...record, consumed: cell.consumed }
    } catch {
      options.unreadable(kind)
      return undefined
    }
  }

  const cellOptions = (kind: string, { ttl, group }: Partial<CellOptions> = {}): CellOptions => ({
    ttl,
    group: group === undefined ? undefined : name(`${kind} group`, group),
  })

  const read: Store["read"] = async (kind, id) => {
    const cell = await vault.read(kind, name(kind, id))
    const record = open(kind, id, cell)
    return cell === undefined || record === undefined ? undefined : { record, version: cell.version }
  }

  return {
    read,
    get: async (kind, id) => (await read(kind, id))?.record,
    put: (kind, id, record, given) => vault.put(kind, name(kind, id), seal(kind, id, record), cellOptions(kind, given)),
    create: async (kind, id, record, given) => {
      const [where, cell, how] = [name(kind, id), seal(kind, id, record), cellOptions(kind, given)]
      if (await vault.create(kind, where, cell, how)) return true
      // What does not open is as good as not there, here too, or nobody could ever make it anew.
      const there = await vault.read(kind, where)
      if (there === undefined || open(kind, id, there) !== undefined) return false
      return vault.replace(kind, where, there.version, cell, how)
    },
    replace: (kind, id, version, record, given) =>
      vault.replace(kind, name(kind, id), version, seal(kind, id, record), cellOptions(kind, given)),
    remove: (kind, id) => vault.remove(kind, name(kind, id)),
    take: async (kind, id) => open(kind, id, await vault.take(kind, name(kind, id))),
    consume: (kind, id, at) => vault.consume(kind, name(kind, id), at),
    removeGroup: (kind, group) => vault.removeGroup(kind, name(`${kind} group`, group)),
    lease: (what, owner, seconds) => vault.lease(name("lease", what), owner, seconds),
    release: (what, owner) => vault.release(name("lease", what), owner),
  }
}
