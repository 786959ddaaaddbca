/**
 * `--watch`: does the work again whenever a file that it read has changed, until Ctrl-C.
 *
 * Files are looked at again and again rather than through the system's notifications: those differ from system to system, and
 * miss what editors do (write beside and rename, delete and make anew), folders that are replaced, and mounts.
 *
 * @module
 */
import { statSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { EnvironmentFault, Rejected, Unreadable, UsageFault } from "./exit-codes.ts"
import { FileRead, type ReadFault } from "./read.ts"
import { untilStopped } from "./run/stop.ts"
import { say } from "./terminal.ts"

/** How often files are looked at, in milliseconds; a change counts when nothing more has changed for as long. */
const INTERVAL = 150

type Failure = EnvironmentFault | ReadFault | Rejected | Unreadable | UsageFault

/** What a file looked like: `undefined` when there is none. Another time, size or file behind the name is a change. */
type Stamp = string | undefined

const stampOf = (file: string): Stamp => {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return undefined // gone, or out of reach: both are told by whoever reads it
  }
}

/**
 * Runs `round` now and after each change of the files it reads. Its failures are told and waited out, not passed on. Succeeds
 * when a signal asks to stop.
 */
export const watch = (round: Effect.Effect<void, Failure>): Effect.Effect<void> =>
  untilStopped(
    Effect.gen(function* () {
      let watched = new Map<string, Stamp>()
      for (;;) {
        const read = new Map<string, Stamp>()
        // Looked at before it is read: what changes meanwhile is a change.
        const note = (file: string): void => void (read.has(file) || read.set(file, stampOf(file)))
        const failure = yield* round.pipe(
          Effect.as(undefined),
          Effect.catch((fault) => Effect.succeed(fault)),
          Effect.provideService(FileRead, note),
        )
        // A round that failed may not have come to all the files that the one before it read.
        watched = failure === undefined ? read : new Map([...watched, ...read])
        const files = [...watched.keys()]
        yield* status(`${failure === undefined ? "done" : failed(failure)}; watching ${files.join(", ")}`)
        const [first, ...others] = yield* changed(watched)
        const what = others.length > 0 ? `${others.length + 1} files changed` : `${first} changed`
        yield* status(others.length === 0 && stampOf(first) === undefined ? `${first} is gone` : what)
      }
    }),
    "stopped",
  )

/** The files that are not as they were, at least one, once they have come to rest. */
const changed = Effect.fnUntraced(function* (watched: ReadonlyMap<string, Stamp>) {
  let before = new Map(watched)
  for (;;) {
    yield* Effect.sleep(INTERVAL)
    const now = new Map([...watched.keys()].map((file) => [file, stampOf(file)]))
    const [first, ...others] = [...watched.keys()].filter((file) => now.get(file) !== watched.get(file))
    const atRest = [...now].every(([file, stamp]) => before.get(file) === stamp)
    if (first !== undefined && atRest) return [first, ...others] as const
    before = now
  }
})

const failed = (failure: Failure): string =>
  "message" in failure && failure.message !== "" ? failure.message : "failed"

/** A line with the time of day, so that one round can be told from the next. */
const status = (text: string): Effect.Effect<void> =>
  Effect.suspend(() => say(`${new Date().toTimeString().slice(0, 8)} ${text}`))
