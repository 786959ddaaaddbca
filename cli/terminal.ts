/**
 * The process's two output streams. stdout holds only the result of a command, everything else goes to stderr.
 *
 * @module
 */
import { isatty } from "node:tty"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export type Stream = "stdout" | "stderr"

const descriptors = { stdout: 1, stderr: 2 } as const

/**
 * May `stream` be coloured? Only on a terminal, unless FORCE_COLOR asks for it. NO_COLOR (any value but the empty one) and
 * a dumb terminal win over FORCE_COLOR.
 */
export const colour = (stream: Stream): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR || TERM === "dumb") return false
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR.toLowerCase() !== "false"
  return isatty(descriptors[stream])
}

/** Columns of `stream`; 100 where it is no terminal, so that files do not depend on a window. */
export const width = (stream: Stream): number => (isatty(descriptors[stream]) ? (process[stream].columns ?? 100) : 100)

/** Completes when nobody reads our stdout any more (`authflow run … | head`). */
export const stdoutClosed = Deferred.makeUnsafe<void>()

/** A pipe without a reader, and a terminal whose window was closed. */
const GONE = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"])

const opened = new Map<Stream, NodeJS.WriteStream>()

/**
 * The stream, opened at first use because that loads a part of Node. A reader that went away (EPIPE) ends the output and not
 * the process: the command still ends with its own exit code. Any other error of a stream stays an error.
 */
const open = (name: Stream): NodeJS.WriteStream => {
  const known = opened.get(name)
  if (known !== undefined) return known
  const stream = process[name]
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!GONE.has(error.code ?? "")) throw error
    if (name === "stdout") Deferred.doneUnsafe(stdoutClosed, Effect.void)
  })
  opened.set(name, stream)
  return stream
}

const write = (name: Stream, text: string): void => {
  if (text === "") return
  const stream = open(name)
  if (!stream.destroyed) stream.write(text)
}

/** Writes a part of the result, as is. */
export const result = (text: string): Effect.Effect<void> => Effect.sync(() => write("stdout", text))

/** The same for callbacks that are no effects. */
export const resultNow = (text: string): void => write("stdout", text)

/** Tells the person at the terminal something: one or more whole lines, without the last line break. */
export const say = (text: string): Effect.Effect<void> => Effect.sync(() => write("stderr", `${text}\n`))

/** Waits until what was written has left the process: `process.exit` would cut it off. */
export const flushed: Effect.Effect<void> = Effect.suspend(() =>
  Effect.forEach(
    opened.values(),
    (stream) =>
      Effect.callback<void>((resume) => {
        if (stream.destroyed || stream.writableLength === 0) resume(Effect.void)
        else stream.write("", () => resume(Effect.void))
      }),
    { discard: true },
  ),
)
