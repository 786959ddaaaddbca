/**
 * Stopping on Ctrl-C: once drains, twice stops at once.
 *
 * @module
 */

import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { exitCodes } from "../exit-codes.ts"
import { say, stdoutClosed } from "../terminal.ts"

/** What asks a command to stop. A terminal that goes away says so with SIGHUP. */
const STOP = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * One Ctrl-C may arrive more than once: the terminal sends it to every process in the foreground, and npm and the launcher
 * pass on to us what they got themselves. Nobody presses it twice on purpose within this time, in milliseconds.
 */
const SAME_PRESS = 500

/** How often to look whether the process that started us is still there, in milliseconds. */
const WATCH = 500

/**
 * npm starts commands through a shell, and passes signals on to that. Some shells (dash) die of them without passing them on;
 * then nobody is left who would stop us.
 */
const whenAbandonedByNpm = (stop: () => void): (() => void) => {
  if (process.env["npm_command"] === undefined) return () => {}
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid !== parent) stop()
  }, WATCH)
  return () => clearInterval(watch)
}

/**
 * Runs `work` until it is done or a signal asks to stop; then `work` is interrupted, which drains it, and this succeeds. A
 * second signal ends the process without waiting for that. A reader of our stdout that goes away is a request to stop, too.
 * `said` is what the person who stops it is told; `signals` are those that ask.
 */
export const untilStopped = <E, R>(
  work: Effect.Effect<void, E, R>,
  said = "stopping; Ctrl-C again to stop at once",
  signals: readonly NodeJS.Signals[] = STOP,
): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    const asked = Deferred.makeUnsafe<void>()
    let first: number | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now()
      if (first === undefined) {
        first = now
        Deferred.doneUnsafe(asked, Effect.void)
      } else if (now - first > SAME_PRESS) {
        // 128 + the signal's number, as shells count.
        process.exit(signal === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated)
      }
    }
    for (const signal of signals) process.on(signal, onSignal)
    const unwatch = whenAbandonedByNpm(() => Deferred.doneUnsafe(asked, Effect.void))
    const stop = Deferred.await(asked).pipe(Effect.andThen(say(said)), Effect.raceFirst(Deferred.await(stdoutClosed)))
    return Effect.raceFirst(work, stop).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          unwatch()
          for (const signal of signals) process.removeListener(signal, onSignal)
        }),
      ),
    )
  })
