/**
 * Waiting for files to change.
 *
 * Files are looked at again and again rather than through the system's notifications: those differ from system to system, and
 * miss what editors do (write beside and rename, delete and make anew), folders that are replaced, and mounts.
 *
 * @module
 */
import { statSync } from "node:fs"
import * as Effect from "effect/Effect"

/** What a file looked like: `undefined` when there is none. Another time, size or file behind the name is a change. */
export type Stamp = string | undefined

export const stampOf = (file: string): Stamp => {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return undefined // gone, or out of reach: both are told by whoever reads it
  }
}

/**
 * The files that are not as they were, at least one, once they have come to rest: nothing more has changed for `interval`, in
 * milliseconds, which is also how often they are looked at.
 */
export const changed = Effect.fnUntraced(function* (watched: ReadonlyMap<string, Stamp>, interval: number) {
  let before = new Map(watched)
  for (;;) {
    yield* Effect.sleep(interval)
    const now = new Map([...watched.keys()].map((file) => [file, stampOf(file)]))
    const [first, ...others] = [...watched.keys()].filter((file) => now.get(file) !== watched.get(file))
    const atRest = [...now].every(([file, stamp]) => before.get(file) === stamp)
    if (first !== undefined && atRest) return [first, ...others] as const
    before = now
  }
})
