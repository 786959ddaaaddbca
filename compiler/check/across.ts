/**
 * Checks that need more than one file: what cannot stand beside each other where all of them are deployed.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import { routeOf } from "../catalogue/url.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import type { Arguments, Code } from "../diagnostics/registry/index.ts"
import { diagnose } from "../diagnostics/report.ts"
import type { Flow, Program } from "./program.ts"
import { hides } from "./together.ts"

/** Something that a program declares or imports. */
interface Owned<T> {
  readonly program: Program
  readonly value: T
}

/** What two files have in common by importing it is one thing, and no collision. What one file does by itself is not looked at. */
export const checkAcross = (programs: readonly Program[]): readonly Diagnostic[] => {
  const flows = programs.flatMap((program) => program.flows.map((value) => ({ program, value })))
  const servers = declaredOnce(programs.flatMap((program) => program.servers.map((value) => ({ program, value }))))
  return [
    ...checkRoutes(flows),
    ...checkIssuers(servers),
    ...checkHidden(flows, servers),
    ...checkNames("flow", flows, namespaceOf),
    ...checkNames("server", servers, () => ""),
  ]
}

const fileOf = ({ program, value }: Owned<Flow | AuthServer>): string => program.places(value.name.span).source.uri

/** What is imported is declared once, however many programs have it. */
const declaredOnce = <T extends Flow | AuthServer>(all: readonly Owned<T>[]): readonly Owned<T>[] => {
  const found = new Map<string, Owned<T>>()
  for (const each of all) {
    const { source, span } = each.program.places(each.value.name.span)
    const home = `${span.start} ${source.uri}`
    if (!found.has(home)) found.set(home, each)
  }
  return [...found.values()]
}

/** Pairs each with the first of the same key that stands in another file. */
const collisions = <T extends Flow | AuthServer>(
  all: readonly Owned<T>[],
  keyOf: (value: T) => string,
): readonly (readonly [each: Owned<T>, twin: Owned<T>])[] => {
  const first = new Map<string, Owned<T>>()
  return all.flatMap((each) => {
    const key = keyOf(each.value)
    const twin = first.get(key)
    if (twin === undefined) first.set(key, each)
    return twin === undefined || fileOf(twin) === fileOf(each) ? [] : [[each, twin] as const]
  })
}

interface At {
  readonly program: Program
  readonly span: Span
}

/** A diagnostic in one program, that points at another for what it collides with. */
const collision = <C extends Code>(code: C, here: At, args: Arguments<C>, there: At, message: string): Diagnostic => {
  const { source, span } = there.program.places(there.span)
  return { ...diagnose(here.program.places, code, here.span, args), related: [{ uri: source.uri, span, message }] }
}

const checkRoutes = (flows: readonly Owned<Flow>[]): readonly Diagnostic[] =>
  collisions(flows, (flow) => routeOf(flow.url.value)).map(([{ program, value: flow }, twin]) => {
    const args = { flow: flow.name.value, other: twin.value.name.value }
    const there = { program: twin.program, span: twin.value.url.span }
    return collision("AF0704", { program, span: flow.url.span }, args, there, `flow ${args.other} is here`)
  })

const checkIssuers = (servers: readonly Owned<AuthServer>[]): readonly Diagnostic[] =>
  collisions(servers, ({ fields }) => fields.issuer.value).flatMap(([{ program, value: server }, twin]) => {
    // One server that is written down twice is the same server.
    if (configurationOf(server) === configurationOf(twin.value)) return []
    const { issuer } = server.fields
    const args = { name: server.name.value, other: twin.value.name.value, issuer: issuer.value }
    const there = { program: twin.program, span: twin.value.fields.issuer.span }
    return [collision("AF0710", { program, span: issuer.span }, args, there, `server ${args.other} is here`)]
  })

/** All that a server does, without places. */
const configurationOf = ({ fields, login }: AuthServer): string =>
  JSON.stringify([fields, login.map((provider) => provider.fields)], (key, value: unknown) => {
    if (key === "span" || key === "declared") return undefined
    return value instanceof Map ? [...value] : value
  })

const checkHidden = (flows: readonly Owned<Flow>[], servers: readonly Owned<AuthServer>[]): readonly Diagnostic[] => {
  const byOrigin = Map.groupBy(servers, ({ value }) => new URL(value.fields.issuer.value).origin)
  return flows.flatMap(({ program, value: flow }) => {
    const others = byOrigin.get(new URL(flow.url.value).origin) ?? []
    const hidden = others.find(({ value }) => !program.servers.includes(value) && hides(flow, value))
    if (hidden === undefined) return []
    const args = { flow: flow.name.value, server: hidden.value.name.value }
    const there = { program: hidden.program, span: hidden.value.fields.issuer.span }
    return [collision("AF0708", { program, span: flow.url.span }, args, there, `server ${args.server} is here`)]
  })
}

/** What a flow says of where its objects are. */
const namespaceOf = ({ deployed }: Flow): string => deployed.toolhive?.fields.namespace?.value ?? ""

/** Names of objects on Kubernetes are made from these names. */
const checkNames = <T extends Flow | AuthServer>(
  what: string,
  all: readonly Owned<T>[],
  namespace: (value: T) => string,
): readonly Diagnostic[] =>
  collisions(all, (value) => `${namespace(value)} ${value.name.value}`).map(([each, twin]) => {
    const { name } = each.value
    const there = { program: twin.program, span: twin.value.name.span }
    const args = { what, name: name.value, other: fileOf(twin) }
    return collision("AF0224", { program: each.program, span: name.span }, args, there, "the other is here")
  })
