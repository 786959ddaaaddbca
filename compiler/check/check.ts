/**
 * Checks a file as a program: its flows and tests, and what all of it is together.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Callers } from "../catalogue/callers.ts"
import type { Provider } from "../catalogue/provider.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import type { Report } from "../diagnostics/report.ts"
import type { Places } from "../source/places.ts"
import type { Source } from "../source/source.ts"
import { checkDelegates } from "./delegates.ts"
import { checkCommonDeployments } from "./deployment.ts"
import { checkFlow } from "./flow.ts"
import type { Known } from "./known.ts"
import type { Module } from "./module.ts"
import type { Program } from "./program.ts"
import { BROKEN, type Broken } from "./scope.ts"
import { checkTests } from "./test.ts"
import { checkAddresses, checkCalledTheSame, checkUnused } from "./together.ts"

export interface ProgramOptions {
  readonly source: Source
  readonly places: Places
  /** Whether a file without flows is an error. */
  readonly flows: "required" | "optional"
  /** Names of the file that other files import. */
  readonly importedElsewhere: ReadonlySet<string>
  /** Whether nothing is wrong with what it imports. */
  readonly soundImports: boolean
  /** Those of the file and of all it imports. */
  readonly params: Program["params"]
}

export interface CheckedProgram {
  /** `undefined` where something reported is an error. */
  readonly program: Program | undefined
  readonly known: Known
}

/** `reported` is what `report` has collected so far. */
export const checkProgram = (
  file: Ast.File,
  { items, scope }: Module,
  { source: { uri, text }, places, params, ...options }: ProgramOptions,
  report: Report,
  reported: readonly Diagnostic[],
): CheckedProgram => {
  const written = items.filter((item) => item.kind === "Flow")
  const common = checkCommonDeployments(
    file.items.filter((item) => item.kind === "Deployment"),
    scope,
  )
  const checked = written.map((item) => checkFlow(item, common, scope))
  const flows = checked.map(({ flow }) => flow).filter((flow) => flow !== undefined)
  const known: Known = { scope, flows: checked.map((each) => each.known) }
  const needsFlows = options.flows === "required" || file.items.length === 0
  if (written.length === 0 && needsFlows && !hasError(reported)) report("AF0409", { start: 0, end: 0 }, {})
  const servers = whole(scope.servers)
  // A server that is imported brings the providers along that people log in at.
  const callers = whole(scope.callers)
  // So do several issuers.
  const brought = callers.flatMap((each) => (each.kind === "any_of" ? each.issuers : []))
  const providers = [
    ...new Set([
      ...whole(scope.providers),
      ...servers.flatMap(({ login }) => login),
      ...brought.filter((each) => each.kind === "oidc"),
    ]),
  ]
  const sound = { providers, servers }
  checkCalledTheSame([...providers, ...servers, ...callers], scope)
  checkAddresses(sound.providers, sound.servers, flows, scope)
  if (flows.length === written.length) checkDelegates(servers, flows, scope)
  const tests = checkTests(
    file.items.filter((item) => item.kind === "Test"),
    flows,
    scope,
  ).filter((test) => test !== undefined)
  if (hasError(reported)) return { program: undefined, known }
  if (written.length > 0 && options.soundImports) checkUnused(file, options.importedElsewhere, scope)
  const [first, ...others] = flows
  const program = first && { uri, text, places, params, ...sound, flows: [first, ...others] as const, tests }
  return { program, known }
}

/** Those that are sound, each once: one declaration can have two names here. */
const whole = <T extends Provider | AuthServer | Callers>(checked: ReadonlyMap<string, T | Broken>): readonly T[] =>
  [...new Set(checked.values())].filter((each): each is T => each !== BROKEN)

const hasError = (reported: readonly Diagnostic[]): boolean => reported.some(({ severity }) => severity === "error")
