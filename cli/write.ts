/**
 * Writing the files that a target makes.
 *
 * @module
 */
import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { EnvironmentFault } from "./exit-codes.ts"
import { reason } from "./read.ts"

/**
 * Writes files under a directory, which is made when it does not exist. Each one is there whole or not at all; nothing else
 * in the directory is touched. Returns the paths written.
 */
export const writeFiles = (
  directory: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Effect.Effect<readonly string[], EnvironmentFault> =>
  Effect.forEach(files, ({ path, text }) => {
    const target = join(directory, path)
    return Effect.as(replaceFile(target, text), target)
  })

/**
 * Writes a file beside its place and moves it there, so that a reader never sees half of it. A file that is replaced keeps
 * its permissions, and a symbolic link keeps pointing at it.
 */
export const replaceFile = (path: string, text: string): Effect.Effect<void, EnvironmentFault> =>
  Effect.try({
    try: () => {
      mkdirSync(dirname(path), { recursive: true })
      const mode = statSync(path, { throwIfNoEntry: false })?.mode
      const target = mode === undefined ? path : realpathSync(path)
      const beside = `${target}.${process.pid}.new`
      try {
        writeFileSync(beside, text, { flag: "wx", flush: true, ...(mode !== undefined && { mode }) })
        renameSync(beside, target)
      } catch (error) {
        rmSync(beside, { force: true })
        throw error
      }
    },
    catch: (error) => new EnvironmentFault({ message: `cannot write ${path}: ${reason(error)}` }),
  })
