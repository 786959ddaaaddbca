/**
 * The audit log in a file: JSON lines, appended. Each is written whole before the next request is looked at, so that none is
 * lost with the process.
 *
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { AuditUnwritable } from "../start-failure.ts"
import type { AuditRecord } from "./audit.ts"

export interface AuditFile {
  readonly write: (record: AuditRecord) => void
  /** Begins the file by that name anew, after it was moved away. Goes on with the old one where it cannot. */
  readonly reopen: () => void
}

/** Milliseconds between two complaints about a file that cannot be written. */
const COMPLAINT = 60_000

/** `complain` is told, once a minute at most, when records are lost: requests go on without them. Fails with AuditUnwritable. */
export const openAuditFile = Effect.fnUntraced(function* (
  path: string,
  complain: (text: string) => void,
): Effect.fn.Return<AuditFile, AuditUnwritable, Scope.Scope> {
  // Whoever reads the log reads who calls what.
  const open = () => openSync(path, "a", 0o600)
  let descriptor = yield* Effect.try({
    try: open,
    catch: (cause) => new AuditUnwritable({ path, detail: codeOf(cause) }),
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => closeSync(descriptor)))
  let lost = 0
  let complained = Number.NEGATIVE_INFINITY
  const failed = (cause: unknown) => {
    lost += 1
    const now = performance.now()
    if (now - complained < COMPLAINT) return
    complained = now
    complain(`the audit log ${path} cannot be written (${codeOf(cause)}); ${lost} records are lost so far`)
  }
  return {
    write: (record) => {
      try {
        writeWhole(descriptor, Buffer.from(`${JSON.stringify(record)}\n`))
      } catch (cause) {
        failed(cause)
      }
    },
    reopen: () => {
      try {
        const next = open()
        closeSync(descriptor)
        descriptor = next
      } catch (cause) {
        failed(cause)
      }
    },
  }
})

const writeWhole = (descriptor: number, bytes: Uint8Array): void => {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest))
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error"
