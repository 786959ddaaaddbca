/**
 * `--watch`: does the work again whenever a file that it read has changed, until Ctrl-C.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import type { EnvironmentFault, Rejected, Unreadable, UsageFault } from "./exit-codes.ts"
import { changed, type Stamp, stampOf } from "./file-changes.ts"
import { FileRead, type ReadFault } from "./read.ts"
import { untilStopped } from "./run/stop.ts"
import { say } from "./terminal.ts"

/** How often files are looked at, in milliseconds. */
const INTERVAL = 150

type Failure = EnvironmentFault | ReadFault | Rejected | Unreadable | UsageFault

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
        const [first, ...others] = yield* changed(watched, INTERVAL)
        const what = others.length > 0 ? `${others.length + 1} files changed` : `${first} changed`
        yield* status(others.length === 0 && stampOf(first) === undefined ? `${first} is gone` : what)
      }
    }),
    "stopped",
  )

const failed = (failure: Failure): string =>
  "message" in failure && failure.message !== "" ? failure.message : "failed"

/** A line with the time of day, so that one round can be told from the next. */
const status = (text: string): Effect.Effect<void> =>
  Effect.suspend(() => say(`${new Date().toTimeString().slice(0, 8)} ${text}`))
