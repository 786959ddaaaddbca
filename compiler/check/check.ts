/**
 * Checks a syntax tree: names, parameters, declarations, flows, and what they are together.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import { declarations } from "../catalogue/index.ts"
import type { Provider } from "../catalogue/oidc.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import type { Report } from "../diagnostics/report.ts"
import type { Source } from "../source/source.ts"
import { checkDeclaration } from "./declaration.ts"
import { checkCommonDeployments } from "./deployment.ts"
import { checkFlow } from "./flow.ts"
import { bind, isNamed } from "./names.ts"
import { checkParams, type ParamOptions } from "./params.ts"
import type { Program } from "./program.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"
import { checkTests } from "./test.ts"
import { checkAddresses, checkUnused } from "./together.ts"

/** The program, or `undefined` where something reported is an error. `reported` is what `report` has collected so far. */
export const checkProgram = (
  file: Ast.File,
  { uri, text }: Source,
  options: ParamOptions,
  report: Report,
  reported: readonly Diagnostic[],
): Program | undefined => {
  const names = bind(file, report)
  // A second item of a name is reported once, by `bind`, and not looked at again.
  const items = file.items
    .filter(isNamed)
    .filter((item) => item.name.text === "" || names.get(item.name.text)?.node === item)
  const bare: Scope = {
    report,
    names,
    params: new Map(),
    providers: new Map(),
    servers: new Map(),
    principal: undefined,
    flowUrl: undefined,
  }
  const { params, values } = checkParams(
    items.filter((item) => item.kind === "Param"),
    options,
    bare,
  )
  const withParams: Scope = { ...bare, params: values }
  const declared = items.filter((item) => item.kind === "Declaration")
  const providers = new Map<string, Provider | Broken>()
  for (const item of declared)
    if (item.keyword.text === declarations.oidc.keyword)
      providers.set(item.name.text, checkDeclaration(declarations.oidc, item, withParams))
  const withProviders: Scope = { ...withParams, providers }
  const servers = new Map<string, AuthServer | Broken>()
  for (const item of declared)
    if (item.keyword.text === declarations.auth_server.keyword)
      servers.set(item.name.text, checkDeclaration(declarations.auth_server, item, withProviders))
  const scope: Scope = { ...withProviders, servers }
  const written = items.filter((item) => item.kind === "Flow")
  const common = checkCommonDeployments(
    file.items.filter((item) => item.kind === "Deployment"),
    scope,
  )
  const flows = written.map((item) => checkFlow(item, common, scope)).filter((flow) => flow !== undefined)
  if (written.length === 0 && !hasError(reported)) report("AF0409", { start: 0, end: 0 }, {})
  const sound = { providers: whole(providers), servers: whole(servers) }
  checkAddresses(sound.providers, sound.servers, flows, scope)
  const tests = checkTests(
    file.items.filter((item) => item.kind === "Test"),
    flows,
    scope,
  ).filter((test) => test !== undefined)
  if (hasError(reported)) return undefined
  checkUnused(file, scope)
  const [first, ...others] = flows
  return first && { uri, text, params, ...sound, flows: [first, ...others], tests }
}

const whole = <T>(checked: ReadonlyMap<string, T | Broken>): readonly T[] =>
  [...checked.values()].filter((each): each is T => each !== BROKEN)

const hasError = (reported: readonly Diagnostic[]): boolean => reported.some(({ severity }) => severity === "error")
