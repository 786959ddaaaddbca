/**
 * The process's two output streams. stdout holds only the result of a command, everything else goes to stderr.
 *
 * They are written to directly and at once: Node's stream objects would be one more part of it to load at every start, and
 * what is written so is out when the process exits.
 *
 * @module
 */
import { fstatSync, writeSync } from "node:fs"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export type Stream = "stdout" | "stderr"

const descriptors = { stdout: 1, stderr: 2 } as const

/** Node's own answer loads its network modules, so it is asked only about what can be a terminal at all. */
const isTerminal = (stream: Stream): boolean => {
  try {
    if (!fstatSync(descriptors[stream]).isCharacterDevice()) return false
  } catch {
    return false // closed
  }
  return process.getBuiltinModule("node:tty").isatty(descriptors[stream])
}

/**
 * May `stream` be coloured? Only on a terminal, unless FORCE_COLOR asks for it. NO_COLOR (any value but the empty one) and
 * a dumb terminal win over FORCE_COLOR.
 */
export const colour = (stream: Stream): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR || TERM === "dumb") return false
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR.toLowerCase() !== "false"
  return isTerminal(stream)
}

/** Columns of `stream`; 100 where it is no terminal, so that output does not depend on a window. */
export const width = (stream: Stream): number => (isTerminal(stream) ? (process[stream].columns ?? 100) : 100)

/** Completes when nobody reads our stdout any more (`authflow run … | head`). */
export const stdoutClosed = Deferred.makeUnsafe<void>()

const closed = new Set<Stream>()

/** What writing fails with when the other end is gone: a pipe without a reader, a terminal whose window was closed. */
const GONE = new Set(["EPIPE", "EIO", "EBADF"])

/**
 * Writes all of `text`. A reader that went away ends the output and not the process: the command still ends with its own
 * exit code.
 */
const write = (stream: Stream, text: string): void => {
  let rest: Uint8Array = Buffer.from(text)
  while (rest.length > 0 && !closed.has(stream)) {
    try {
      rest = rest.subarray(writeSync(descriptors[stream], rest))
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : ""
      if (GONE.has(code)) {
        closed.add(stream)
        if (stream === "stdout") Deferred.doneUnsafe(stdoutClosed, Effect.void)
      } else if (code === "EAGAIN") {
        // Somebody else made the pipe non-blocking, and it is full.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      } else throw error
    }
  }
}

/** Writes a part of the result, as is. `Now`: for callbacks that are no effects. */
export const resultNow = (text: string): void => write("stdout", text)
export const result = (text: string): Effect.Effect<void> => Effect.sync(() => resultNow(text))

/** Tells the person at the terminal something: one or more whole lines, without the last line break. */
export const sayNow = (text: string): void => write("stderr", `${text}\n`)
export const say = (text: string): Effect.Effect<void> => Effect.sync(() => sayNow(text))
