/**
 * What delegate clients and assertions may get tokens for, held against the flows that are there.
 *
 * @module
 */
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Located } from "../source/source.ts"
import type { Flow } from "./program.ts"
import type { Scope } from "./scope.ts"

/** Reports resources that are no flow of the server's, and audiences of assertions that are. */
export const checkDelegates = (servers: readonly AuthServer[], flows: readonly Flow[], scope: Scope): void => {
  for (const server of servers) {
    const { delegates, trust } = server.fields
    const urls = flows.flatMap(({ url, stages: [first] }) =>
      first.kind === "identify.auth_server" && first.operand.value === server ? [url.value] : [],
    )
    // Of a file without flows for it: those that import it have them.
    if (urls.length === 0) continue
    const resources = [
      ...[...delegates.value.values()].map(({ value }) => value.audiences),
      ...[...trust.value.values()].flatMap(({ value }) => [...(value.assertions?.value.subjects.value.values() ?? [])]),
    ]
    for (const list of resources) checkResources(list, server, urls, scope)
    for (const { value } of trust.value.values()) {
      for (const { value: audience, span } of value.assertions?.value.audiences?.value ?? [])
        if (urls.includes(audience)) scope.report("AF1566", span, { audience })
    }
  }
}

const checkResources = (
  { value }: Located<readonly Located<string>[]>,
  server: AuthServer,
  urls: readonly string[],
  scope: Scope,
): void => {
  for (const { value: resource, span } of value) {
    if (urls.includes(resource)) continue
    scope.report("AF1561", span, { resource, server: server.name.value, flows: urls })
  }
}
