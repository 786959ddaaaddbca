/**
 * Reading what the user named: a file, or standard input for `-`.
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Source } from "../compiler/index.ts"

/** How a diagnostic names standard input. */
export const STDIN = "<stdin>"

/**
 * Bytes of one file that are read at most, so that a device or a disk image named by mistake costs nothing. It is far more
 * than the compiler accepts, whose own limit gives a diagnostic.
 */
const READ_LIMIT = 16 * 1024 * 1024

/** A file cannot be read. `reason` is a part of a sentence. */
export class ReadFault extends Data.TaggedError("ReadFault")<{ readonly file: string; readonly reason: string }> {
  override get message() {
    return `cannot read ${this.file === "-" ? "standard input" : this.file}: ${this.reason}`
  }
}

/** Is told each file that is about to be read: nobody listens but `--watch`. */
export const FileRead = Context.Reference<(file: string) => void>("authflow/cli/FileRead", {
  defaultValue: () => () => {},
})

/** Reads one file as UTF-8, at most READ_LIMIT bytes. What is not UTF-8 becomes U+FFFD, which the compiler refuses. */
export const readSource = (file: string): Effect.Effect<Source, ReadFault> =>
  Effect.flatMap(FileRead, (noted) =>
    Effect.try({
      try: () => {
        noted(file)
        return {
          uri: file === "-" ? STDIN : file,
          text: new TextDecoder().decode(file === "-" ? readAll(0) : readNamed(file)),
        }
      },
      catch: (error) => new ReadFault({ file, reason: reason(error) }),
    }),
  )

/** Reads files that others import; `undefined` for one that cannot be read. */
export const readImported =
  (noted: (file: string) => void) =>
  (file: string): string | undefined => {
    noted(file)
    try {
      return new TextDecoder().decode(readNamed(file))
    } catch {
      return undefined // the compiler says where it was asked for
    }
  }

const readNamed = (file: string): Uint8Array => {
  const descriptor = openSync(file, "r")
  try {
    return readAll(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const readAll = (descriptor: number): Uint8Array => {
  const chunks: Uint8Array[] = []
  let total = 0
  while (total <= READ_LIMIT) {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    const read = readSome(descriptor, chunk)
    if (read === 0) break
    chunks.push(chunk.subarray(0, read))
    total += read
  }
  return Buffer.concat(chunks, Math.min(total, READ_LIMIT))
}

/** `readSync` that waits: standard input may be a pipe that somebody else made non-blocking and that has nothing yet. */
const readSome = (descriptor: number, into: Uint8Array): number => {
  for (;;) {
    try {
      return readSync(descriptor, into)
    } catch (error) {
      const code = errorCode(error)
      if (code === "EOF") return 0
      if (code !== "EAGAIN") throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EEXIST: "something of that name is in the way",
  EISDIR: "it is a directory, name the files in it",
  ENOTDIR: "a part of the path is not a directory",
  ELOOP: "its symbolic links go in a circle",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
}

/** Says in words why a file operation failed. */
export const reason = (error: unknown): string => {
  const code = errorCode(error)
  return (code && reasons[code]) ?? (error instanceof Error ? error.message : "unknown reason")
}
