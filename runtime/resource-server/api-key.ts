/**
 * API keys: `ID.SECRET`, the secret at least 256 random bits. Only the SHA-256 of a key is kept: nothing slower is needed where
 * there is nothing to guess.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

const ID = /^[A-Za-z0-9_-]{1,64}$/
/** 32 bytes as base64url: what `makeApiKey` makes. */
const SECRET_LENGTH = 43
const KEY = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43,256})$/
const LINE = /^([A-Za-z0-9_-]{1,64}):sha256:([0-9a-f]{64})$/

export interface MadeKey {
  /** What the caller is given, once. */
  readonly key: string
  /** What is kept: a line of the secret. */
  readonly line: string
}

/** `undefined` when the id is none. */
export const makeApiKey = (id: string): MadeKey | undefined => {
  if (!ID.test(id)) return undefined
  const key = `${id}.${randomBytes(32).toString("base64url")}`
  return { key, line: `${id}:sha256:${hash(key).toString("hex")}` }
}

/** Hashes of keys, by id. A caller whose key is being changed has two. */
export type ApiKeys = ReadonlyMap<string, readonly Buffer[]>

/** The keys of a secret's lines, or the number of the first line that is none. Empty lines and `#` are comments. */
export const parseApiKeys = (text: string): ApiKeys | { readonly line: number } => {
  const keys = new Map<string, Buffer[]>()
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = written.trim()
    if (line === "" || line.startsWith("#")) continue
    const [, id, digest] = LINE.exec(line) ?? []
    if (id === undefined || digest === undefined) return { line: index + 1 }
    keys.set(id, [...(keys.get(id) ?? []), Buffer.from(digest, "hex")])
  }
  return keys
}

/** Stands where there is no such id, so that the answer takes as long. */
const NOBODY: readonly Buffer[] = [randomBytes(32)]

/** The id of a key that is one of ours. */
export const findApiKey = (presented: string, keys: ApiKeys): string | undefined => {
  const [, id = "", secret = ""] = KEY.exec(presented) ?? []
  const digest = hash(presented)
  const known = keys.get(id)
  // Every hash is compared, whichever one it is.
  const matches = (known ?? NOBODY).filter((each) => timingSafeEqual(each, digest)).length
  return known !== undefined && matches > 0 && secret.length >= SECRET_LENGTH ? id : undefined
}

const hash = (key: string): Buffer => createHash("sha256").update(key).digest()
