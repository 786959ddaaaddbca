/**
 * A directory that state is kept in. Each server has a file of records there, and beside it a key of its own where its operator
 * gives none.
 *
 * The key keeps copies of the file from telling anything (a backup, a disk that is thrown away). It is no secret from who reads
 * the directory: against that an operator gives `hmac_keys`.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { StateUnusable } from "../start-failure.ts"
import { sqliteFile } from "./sqlite.ts"
import type { Vault } from "./vault.ts"

const KEY_BYTES = 32

export interface StateFiles {
  readonly vault: Vault
  /** The key beside the records, if there is one; made where there is none and `needed`. */
  readonly key: (needed: boolean) => Effect.Effect<Uint8Array | undefined, StateUnusable>
}

/** Opens the files of a server, for as long as the scope is open. Fails with StateUnusable. */
export const stateFiles = Effect.fn("Storage.stateFiles")(function* (directory: string, issuer: string) {
  const base = join(directory, fileName(issuer))
  const vault = yield* sqliteFile(`${base}.db`)
  const file = `${base}.key`
  const key: StateFiles["key"] = (needed) =>
    Effect.try({
      try: () => {
        if (!existsSync(file) && needed) makeKey(file)
        return existsSync(file) ? readKey(file) : undefined
      },
      catch: (cause) =>
        new StateUnusable({ place: file, detail: cause instanceof Error ? cause.message : "it cannot be read" }),
    })
  return { vault, key } satisfies StateFiles
})

/** The issuer's host for people, and a digest, because that alone does not tell issuers apart. */
const fileName = (issuer: string): string =>
  `${new URL(issuer).hostname.replace(/[^a-z0-9.-]/g, "_")}-${createHash("sha256").update(issuer).digest("hex").slice(0, 8)}`

/** There at once and whole, or not at all: half a key would be a key that nothing opens with later. */
const makeKey = (file: string) => {
  const fresh = `${file}.${process.pid}`
  const descriptor = openSync(fresh, "w", 0o600)
  try {
    writeSync(descriptor, `${randomBytes(KEY_BYTES).toString("base64url")}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(fresh, file)
}

const readKey = (file: string): Uint8Array => {
  chmodSync(file, 0o600)
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64url")
  if (key.length !== KEY_BYTES) {
    throw new Error("it is damaged; put a copy back, or move it and the file of records away to start with nothing")
  }
  return key
}
