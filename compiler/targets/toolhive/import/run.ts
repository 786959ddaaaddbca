/**
 * `run …` from the container of a MCPServer.
 *
 * @module
 */
import type { Expression, Stage } from "../../../../grammar/ast.ts"
import { type Draft, originOf, quoted } from "./draft.ts"
import { carryAll } from "./json.ts"
import type { Resource } from "./resource.ts"
import { from, list, map, number, stage, string, word } from "./syntax.ts"

const TRANSPORTS: Readonly<Record<string, string>> = {
  stdio: "stdio",
  sse: "sse",
  "streamable-http": "streamable_http",
}

/** Variables by name; those whose value is a field of the pod or the like have no word. */
const variables = (draft: Draft, resource: Resource): Expression | undefined => {
  const said: Record<string, Expression> = {}
  const items = (key: string) => {
    const listed = draft.at(resource.spec, key)
    return listed?.kind === "sequence" ? listed.items : []
  }
  for (const each of items("env")) {
    const [name, value] = [draft.text(resource, each, "name"), draft.text(resource, each, "value")]
    if (name !== undefined && value !== undefined) said[name.value] = quoted(value)
  }
  for (const each of items("secrets")) {
    const target = draft.text(resource, each, "targetEnvName") ?? draft.peek(resource, each, "key")
    const value = draft.secret(resource, each)
    if (target !== undefined && value !== undefined) said[target.value] = value
  }
  return Object.keys(said).length > 0 ? map(said) : undefined
}

export const importRun = (draft: Draft, resource: Resource): Stage => {
  const { spec } = resource
  const image = draft.text(resource, spec, "image")
  const transport = draft.text(resource, spec, "transport")
  const isStdio = (transport?.value ?? "stdio") === "stdio"
  const port = isStdio ? undefined : draft.number(resource, spec, "mcpPort")
  const mode = isStdio ? draft.text(resource, spec, "proxyMode") : undefined
  const args = draft.at(spec, "args")
  const texts = args?.kind === "sequence" ? args.items.map((item) => draft.text(resource, item)) : []
  if (args !== undefined) carryAll(draft, args)
  return from(
    image?.origin ?? originOf(resource, spec),
    stage("run", image ? quoted(image) : string(), {
      transport: transport && from(transport.origin, word(TRANSPORTS[transport.value] ?? "stdio")),
      port: port && from(port.origin, number(port.value)),
      clients: mode && from(mode.origin, word(TRANSPORTS[mode.value] ?? "sse")),
      args: texts.length > 0 ? list(texts.map((text) => (text ? quoted(text) : string()))) : undefined,
      env: variables(draft, resource),
    }),
  )
}
