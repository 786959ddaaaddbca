/**
 * Analysing what the user named, with the files it imports, which are read when they are asked for.
 *
 * @module
 */
import { readdirSync, statSync } from "node:fs"
import { isAbsolute, join, normalize, sep } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  type Analysis,
  analyze,
  createWorkspace,
  type Options,
  type Source,
  type Workspace,
} from "../compiler/index.ts"
import { UsageFault } from "./exit-codes.ts"
import { FileRead, readImported } from "./read.ts"

/** Everything that imports stay in: the current directory. A file elsewhere imports from its own directory and below. */
export const rootOf = (uri: string): Pick<Options, "root"> => {
  const here = process.cwd()
  return isAbsolute(uri) && uri.startsWith(here + sep) ? { root: here } : {}
}

/** What the flags that several commands have in common say. */
export const optionsOf = (params: Options["params"], env: Option.Option<string>): Options => ({
  ...(params && { params }),
  ...(Option.isSome(env) && { env: env.value }),
})

export const analyzed = (source: Source, options: Options): Effect.Effect<Analysis> =>
  Effect.map(FileRead, (noted) => analyze(source, { ...rootOf(source.uri), ...options }, readImported(noted)))

/** A workspace of files, which reads those they import. */
export const workspaceOf = (sources: readonly Source[]): Effect.Effect<Workspace> =>
  Effect.map(FileRead, (noted) => {
    const workspace = createWorkspace(readImported(noted))
    for (const source of sources) workspace.open(source)
    return workspace
  })

/**
 * The files that are meant, by what is deployed together: a file that is named is a deployment of its own, a directory is one of
 * all `*.authflow` in it and below. Directories whose names begin with a dot, and `node_modules`, are passed over. Fails with
 * UsageFault where a directory has none.
 */
export const deploymentsIn = (names: readonly string[]): Effect.Effect<readonly (readonly string[])[], UsageFault> =>
  Effect.flatMap(FileRead, (noted) =>
    Effect.forEach(names, (name) => {
      // Imports are named without what a path can have too much of, and a file has to have one name.
      if (!isDirectory(name)) return Effect.succeed([name === "-" ? name : normalize(name)])
      const found = below(name, noted).map((file) => normalize(file))
      return found.length === 0
        ? Effect.fail(new UsageFault({ message: `${name} has no .authflow files` }))
        : Effect.succeed(found)
    }),
  )

const isDirectory = (name: string): boolean =>
  name !== "-" && (statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false)

/** A directory is looked at as files are read: one that comes or goes is a change of it. */
const below = (directory: string, noted: (path: string) => void): readonly string[] => {
  noted(normalize(directory))
  return readdirSync(directory, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) return /^\.|^node_modules$/.test(entry.name) ? [] : below(path, noted)
      return entry.name.endsWith(".authflow") ? [path] : []
    })
}
