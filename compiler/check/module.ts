/**
 * Checks what a file declares for itself and for files that import it: parameters, constants, providers and servers.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Callers } from "../catalogue/callers.ts"
import { callersKinds, declarations } from "../catalogue/index.ts"
import type { Provider } from "../catalogue/provider.ts"
import type { Report } from "../diagnostics/report.ts"
import { checkConstant } from "./constants.ts"
import { checkDeclaration } from "./declaration.ts"
import { replacement, written } from "./evaluate.ts"
import { bind, isNamed, type Named, type NamedItem, nearest } from "./names.ts"
import { checkParam, type ParamOptions } from "./params.ts"
import type { Param } from "./program.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"
import type { ParamValue } from "./value.ts"

/** A file's declarations. */
export interface Module {
  /** The items that have a name of their own here. */
  readonly items: readonly NamedItem[]
  readonly params: readonly Param[]
  /** What names mean in the file. */
  readonly scope: Scope
}

/** An import, and what the file is that it names. `undefined` after it was reported that there is none. */
export interface ResolvedImport {
  readonly item: Ast.Import
  readonly module: Module | undefined
}

/** Checks the declarations of a file. `imports` are its imports, in its order. */
export const checkModule = (
  file: Ast.File,
  imports: readonly ResolvedImport[],
  options: ParamOptions,
  report: Report,
): Module => {
  const imported = imports.flatMap((each) => importedNames(each, report))
  const names = bind(
    file,
    imported.map(({ named }) => named),
    report,
  )
  // A second item of a name is reported once, by `bind`, and not looked at again.
  const items = file.items
    .filter(isNamed)
    .filter((item) => item.name.text === "" || names.get(item.name.text)?.node === item)
  const values = new Map<string, ParamValue | Broken>()
  const constants = new Map<string, Ast.Expression>()
  const providers = new Map<string, Provider | Broken>()
  const servers = new Map<string, AuthServer | Broken>()
  const callers = new Map<string, Callers | Broken>()
  for (const { local, named, from } of imported) {
    if (names.get(local) !== named) continue
    const name = named.node.name.text
    take(name, local, from?.scope.values, values)
    take(name, local, from?.scope.constants, constants)
    take(name, local, from?.scope.providers, providers)
    take(name, local, from?.scope.servers, servers)
    take(name, local, from?.scope.callers, callers)
    // What could not be imported may be anything.
    if (from === undefined) for (const map of [values, providers, servers, callers]) map.set(local, BROKEN)
  }
  const scope: Scope = {
    report,
    names,
    values,
    constants,
    evaluating: undefined,
    providers: new Map(),
    servers: new Map(),
    callers: new Map(),
    principal: undefined,
    exchanged: undefined,
    flowUrl: undefined,
  }
  const params: Param[] = []
  for (const item of items) {
    const name = item.name.text
    if (name === "") continue
    if (item.kind === "Param") {
      const param = checkParam(item, options, { ...scope, evaluating: name })
      values.set(name, param?.value ?? BROKEN)
      if (param) params.push(param)
    } else if (item.kind === "Constant") {
      const constant = checkConstant(item, { ...scope, evaluating: name })
      if (constant === BROKEN) values.set(name, BROKEN)
      else {
        if (constant.value) values.set(name, constant.value)
        constants.set(name, constant.expression)
      }
    }
  }
  const declared = items.filter((item) => item.kind === "Declaration")
  for (const item of declared)
    if (item.keyword.text === declarations.oidc.keyword) providers.set(item.name.text, checkProvider(item, scope))
  for (const item of declared)
    if (item.keyword.text === declarations.auth_server.keyword)
      servers.set(item.name.text, checkDeclaration(declarations.auth_server, item, { ...scope, providers }))
  const calling = declared.filter((item) => item.keyword.text === declarations.any_of.keyword)
  const known = Object.values(callersKinds)
  // Those that name others come last.
  const order = (item: Ast.Declaration): number => known.findIndex(({ kind }) => kind === written(item.type))
  for (const item of calling.toSorted((a, b) => order(a) - order(b)))
    callers.set(item.name.text, checkCallers(item, { ...scope, providers, servers, callers }))
  return { items, params, scope: { ...scope, providers, servers, callers } }
}

const checkCallers = (item: Ast.Declaration, scope: Scope): Callers | Broken => {
  switch (written(item.type)) {
    case "service_accounts":
      return checkDeclaration(callersKinds.service_accounts, item, scope)
    case "client_certificates":
      return checkDeclaration(callersKinds.client_certificates, item, scope)
    case "any_of":
      return checkDeclaration(callersKinds.any_of, item, scope)
    default:
      // Reports every other word.
      return checkDeclaration(callersKinds.api_keys, item, scope)
  }
}

const checkProvider = (item: Ast.Declaration, scope: Scope): Provider | Broken =>
  written(item.type) === declarations.oauth2.kind
    ? checkDeclaration(declarations.oauth2, item, scope)
    : checkDeclaration(declarations.oidc, item, scope)

const take = <T>(name: string, local: string, from: ReadonlyMap<string, T> | undefined, into: Map<string, T>): void => {
  const value = from?.get(name)
  if (value !== undefined) into.set(local, value)
}

interface ImportedItem {
  readonly local: string
  readonly named: Named
  /** `undefined` when the name is not to be had. */
  readonly from: Module | undefined
}

const importedNames = ({ item, module }: ResolvedImport, report: Report): readonly ImportedItem[] =>
  item.names.flatMap((imported) => {
    const { name, alias } = imported
    const local = (alias ?? name).text
    if (name.text === "" || local === "") return []
    const node = module && exported(name, module, item.path.text, report)
    const named: Named = node
      ? { kind: module.scope.names.get(name.text)?.kind ?? "provider", node, imported }
      : { kind: "provider", node: unknown(name), imported }
    return [{ local, named, from: node && module }]
  })

/** The item a name stands for in the file it is imported from, or `undefined` after reporting that it cannot be imported. */
const exported = (name: Ast.Name, { items }: Module, path: string, report: Report): NamedItem | undefined => {
  const item = items.find((each) => each.name.text === name.text)
  if (item?.kind === "Flow") report("AF0221", name.span, { name: name.text })
  if (item === undefined) {
    const known = items.flatMap((each) => (each.kind === "Flow" || each.name.text === "" ? [] : [each.name.text]))
    const meant = nearest(name.text, known)
    report("AF0220", name.span, { name: name.text, path, meant, known }, replacement(name.span, meant))
  }
  return item?.kind === "Flow" ? undefined : item
}

/** Stands for an item that could not be had: of no known kind, so that nothing is said of what it is used for. */
const unknown = (name: Ast.Name): Ast.Declaration => {
  const span = { start: name.span.end, end: name.span.end }
  return {
    kind: "Declaration",
    span: name.span,
    doc: undefined,
    keyword: { kind: "Name", span, text: "provider" },
    name,
    type: { kind: "Reference", span, path: [{ kind: "Segment", span, text: "", quoted: false }] },
    body: { kind: "Block", span, fields: [] },
  }
}
