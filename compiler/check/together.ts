/**
 * Checks that need more than one item of the file: addresses that collide, declarations that nothing uses.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { walk } from "../../grammar/index.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Callers } from "../catalogue/callers.ts"
import type { Provider } from "../catalogue/provider.ts"
import { routeOf } from "../catalogue/url.ts"
import type { Located } from "../source/source.ts"
import { isNamed, placeOf } from "./names.ts"
import type { Flow } from "./program.ts"
import type { Scope } from "./scope.ts"

/** Reports what cannot stand beside each other in one process. */
export const checkAddresses = (
  providers: readonly Provider[],
  servers: readonly AuthServer[],
  flows: readonly Flow[],
  scope: Scope,
): void => {
  const routes = new Map<string, Flow>()
  const at = Map.groupBy(servers, ({ fields }) => new URL(fields.issuer.value).origin)
  for (const flow of flows) {
    const route = routeOf(flow.url.value)
    const twin = routes.get(route)
    if (twin) {
      const related = [{ span: twin.url.span, message: `flow ${twin.name.value} is here` }]
      scope.report("AF0704", flow.url.span, { flow: flow.name.value, other: twin.name.value }, { related })
    } else routes.set(route, flow)
    const server = at.get(new URL(flow.url.value).origin)?.find((each) => hides(flow, each))
    if (server) {
      const related = [{ span: server.fields.issuer.span, message: `server ${server.name.value} is here` }]
      scope.report("AF0708", flow.url.span, { flow: flow.name.value, server: server.name.value }, { related })
    }
  }
  for (const flow of flows) checkLoop(flow, routes, scope)
  const issuers = new Map<string, { readonly name: string; readonly issuer: Located<string>; readonly what: string }>()
  for (const { kind, name, fields } of [...providers, ...servers]) {
    const { issuer } = fields
    if (issuer === undefined) continue
    const what = kind === "auth_server" ? "server" : "provider"
    const twin = issuers.get(issuer.value)
    // Two registrations of ours at one provider are two providers with one issuer; a server's issuer is its own.
    if (twin && (what === "server" || twin.what === "server")) {
      const related = [{ span: twin.issuer.span, message: `${twin.what} ${twin.name} has it already` }]
      scope.report("AF0705", issuer.span, { name: name.value, other: twin.name, issuer: issuer.value }, { related })
    }
    if (twin === undefined) issuers.set(issuer.value, { name: name.value, issuer, what })
  }
}

/** Whether a flow would take the requests that are for the authorization server's own endpoints. */
export const hides = (flow: Flow, server: AuthServer): boolean => {
  const [url, issuer] = [new URL(flow.url.value), new URL(server.fields.issuer.value)]
  if (url.origin !== issuer.origin) return false
  const base = issuer.pathname.replace(/\/+$/, "")
  const path = url.pathname.replace(/\/+$/, "")
  return path === base || [`${base}/oauth`, `${base}/.well-known`, "/.well-known"].some((own) => under(path, own))
}

const under = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`)

/** A request that is forwarded to one of the file's own flows never reaches an upstream. */
const checkLoop = (flow: Flow, routes: ReadonlyMap<string, Flow>, scope: Scope): void => {
  const target = flow.stages.find((stage) => stage.kind === "forward")?.operand
  if (target === undefined) return
  const own = prefixes(routeOf(target.value)).flatMap((route) => routes.get(route) ?? [])[0]
  if (own === undefined) return
  const related = [{ span: own.url.span, message: `flow ${own.name.value} answers there` }]
  scope.report("AF0709", target.span, { flow: flow.name.value, other: own.name.value }, { related })
}

/** The route and everything above it, nearest first: a flow answers for what is below its own path. */
const prefixes = (route: string): readonly string[] => {
  const { origin, pathname } = new URL(route)
  const segments = pathname.split("/").filter((segment) => segment !== "")
  return Array.from({ length: segments.length + 1 }, (_, dropped) =>
    [origin, ...segments.slice(0, segments.length - dropped)].join("/"),
  )
}

/**
 * Reports two declarations that come from different files and are called the same there: in what is made of the program, they
 * are known by that name.
 */
export const checkCalledTheSame = (declared: readonly (Provider | AuthServer | Callers)[], scope: Scope): void => {
  const called = new Map<string, Provider | AuthServer | Callers>()
  for (const each of declared) {
    const twin = called.get(each.name.value)
    if (twin === undefined) called.set(each.name.value, each)
    else {
      const related = [{ span: twin.name.span, message: "the other is declared here" }]
      scope.report("AF0223", each.name.span, { name: each.name.value }, { related })
    }
  }
}

/** Warns of declarations, parameters and imports that nothing refers to. */
export const checkUnused = (file: Ast.File, importedElsewhere: ReadonlySet<string>, scope: Scope): void => {
  const used = new Set<string>()
  for (const item of file.items) {
    const own = isNamed(item) ? item.name.text : undefined
    walk(item, (node) => {
      if (node.kind === "Reference" && node.path[0] && node.path[0].text !== own) used.add(node.path[0].text)
      return true
    })
  }
  for (const [name, named] of scope.names) {
    if (named.kind === "flow" || used.has(name) || importedElsewhere.has(name)) continue
    scope.report("AF0209", placeOf(named), { what: named.imported ? "import" : named.kind, name })
  }
}
