/**
 * Checks files together: each in each of its environments, and what they are beside each other.
 *
 * @module
 */
import { checkAcross } from "../check/across.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import type { Source } from "../source/source.ts"
import type { Analysis, Options, Workspace } from "./workspace.ts"

export interface Found {
  /** Each once, however many files and environments it is found in. */
  readonly diagnostics: readonly Diagnostic[]
  /** All files that were looked at, for who shows the diagnostics. */
  readonly sources: readonly Source[]
}

/**
 * Checks open files. Each deployment lists the files that are deployed together: they are checked beside each other too. Where
 * no environment is chosen, each file is checked in every one that it has.
 */
export const checkWorkspace = (
  workspace: Workspace,
  deployments: readonly (readonly string[])[],
  optionsOf: (uri: string) => Options = () => ({}),
): Found => {
  const analyses = new Map(
    [...new Set(deployments.flat())].map((uri) => [
      uri,
      inEnvironments(workspace, uri, { flows: "optional", ...optionsOf(uri) }),
    ]),
  )
  const every = [...analyses.values()]
  const sources = new Map(
    every.flatMap((all) => [...all.values()].flatMap((each) => each.sources.map((source) => [source.uri, source]))),
  )
  const own = every.flatMap((all) => merged([...all].map(([name, { diagnostics }]) => [name, diagnostics])))
  const across = deployments.flatMap((uris) => besideEachOther(uris.flatMap((uri) => analyses.get(uri) ?? [])))
  return { diagnostics: once([...own, ...across]), sources: [...sources.values()] }
}

/** What files of one deployment are to each other, in each environment that any of them has. */
const besideEachOther = (analyses: readonly ReadonlyMap<string | undefined, Analysis>[]): readonly Diagnostic[] => {
  const names = new Set(analyses.flatMap((all) => [...all.keys()]))
  return merged(
    [...names].map((name): readonly [string | undefined, readonly Diagnostic[]] => {
      const programs = analyses.flatMap((all) => {
        const [first] = all.values()
        return (all.get(name) ?? first)?.program ?? []
      })
      return [name, checkAcross(programs)]
    }),
  )
}

/** The analyses by the environment, or the one without. */
const inEnvironments = (
  workspace: Workspace,
  uri: string,
  options: Options,
): ReadonlyMap<string | undefined, Analysis> => {
  const chosen = options.env !== undefined ? [options.env] : workspace.environments(uri, options.root)
  const environments = chosen.length === 0 ? [undefined] : chosen
  return new Map(
    environments.flatMap((env) => {
      // An environment is meant to be whole; without one, the values are a matter of who deploys.
      const missingParams = env === undefined ? "sample" : "error"
      const analysis = workspace.analyze(uri, { missingParams, ...options, ...(env !== undefined && { env }) })
      return analysis ? [[env, analysis] as const] : []
    }),
  )
}

const identityOf = ({ code, message, uri, span }: Diagnostic): string => JSON.stringify([code, message, uri, span])

/** The first of each. */
const once = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => {
  const found = new Map<string, Diagnostic>()
  for (const diagnostic of diagnostics) {
    const identity = identityOf(diagnostic)
    if (!found.has(identity)) found.set(identity, diagnostic)
  }
  return [...found.values()]
}

/** What is found in several environments, once; it says in which, unless it is in all of them. */
const merged = (
  found: readonly (readonly [name: string | undefined, diagnostics: readonly Diagnostic[]])[],
): readonly Diagnostic[] => {
  const places = new Map<string, { readonly diagnostic: Diagnostic; readonly names: (string | undefined)[] }>()
  for (const [name, diagnostics] of found) {
    for (const diagnostic of once(diagnostics)) {
      const identity = identityOf(diagnostic)
      const known = places.get(identity)
      if (known) known.names.push(name)
      else places.set(identity, { diagnostic, names: [name] })
    }
  }
  return [...places.values()].map(({ diagnostic, names }) => {
    const named = names.filter((name) => name !== undefined)
    if (names.length === found.length || named.length === 0) return diagnostic
    const note = `in the environment${named.length === 1 ? "" : "s"} ${named.map((name) => `\`${name}\``).join(", ")}`
    return { ...diagnostic, notes: [...diagnostic.notes, note] }
  })
}
