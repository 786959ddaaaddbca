/**
 * A flow as a VirtualMCPServer with one backend: a MCPGroup, a MCPServerEntry in it that says where requests go and what they
 * are shown, and the server that people talk to.
 *
 * @module
 */
import type { Flow } from "../../check/program.ts"
import type { Context } from "./context.ts"
import { authServerSpec } from "./embedded-auth-server.ts"
import { API_VERSION, VIRTUAL_PATH, VIRTUAL_WRITE_TIMEOUT } from "./engine.ts"
import { type Field, field, type Manifest, mapping, put } from "./manifest.ts"
import { entryName, kubernetesName, virtualNameProblem } from "./names.ts"
import { type Identifying, oidcConfigReference } from "./remote-proxy.ts"

const refuse = ({ name, url }: Flow, { report }: Context): void => {
  const { pathname } = new URL(url.value)
  if (pathname !== VIRTUAL_PATH) {
    report("AF0853", url.span, { path: pathname, served: VIRTUAL_PATH, seconds: VIRTUAL_WRITE_TIMEOUT })
  }
  const problem = virtualNameProblem(kubernetesName(name.value))
  if (problem !== undefined) report("AF0819", name.span, { what: "flow", name: name.value, problem })
}

/** Fields of the server that `identify` makes. */
export const virtualIdentifyFields = (identify: Identifying, flow: Flow, context: Context): readonly Field[] => {
  const server = identify.kind === "identify.auth_server" ? identify.operand.value : undefined
  return mapping(
    field(
      "replicas",
      server && !server.fields.storage ? 1 : undefined,
      "Logins and tokens are held in the memory of this one pod: a restart logs everybody out.",
    ),
    field(
      "incomingAuth",
      mapping(field("type", "oidc"), oidcConfigReference(identify, flow, context)),
      context.origin(identify.span),
    ),
    field(
      "authServerConfig",
      identify.kind === "identify.auth_server"
        ? authServerSpec(identify.operand.value, identify.fields.scopes, context)
        : undefined,
      server && context.origin(server.span),
    ),
  ).fields
}

/** The objects, each after those it refers to. */
export const virtualServer = (
  flow: Flow,
  why: string,
  incoming: readonly Field[],
  outgoing: readonly Field[],
  context: Context,
): { readonly before: readonly Manifest[]; readonly server: Manifest } => {
  refuse(flow, context)
  const name = kubernetesName(flow.name.value)
  const groupRef = field("groupRef", mapping(field("name", name)))
  return {
    before: [
      {
        comment: `What the server offers: the one upstream of ${context.origin(flow.span).replace(/^from /, "")}`,
        apiVersion: API_VERSION,
        kind: "MCPGroup",
        name,
        spec: mapping(field("description", `The upstream of the flow ${flow.name.value}`)),
      },
      {
        comment: `The upstream, ${context.origin(flow.stages[flow.stages.length - 1]?.span ?? flow.span)}`,
        apiVersion: API_VERSION,
        kind: "MCPServerEntry",
        name: entryName(flow.name.value),
        spec: { fields: [...groupRef, ...outgoing] },
      },
    ],
    server: {
      comment: `The server, ${context.origin(flow.span)}. It is a VirtualMCPServer because ${why}.\nIt speaks MCP itself and calls the upstream as a client; sessions and notifications are its own.\nAnswers to a POST are cut off after ${VIRTUAL_WRITE_TIMEOUT} seconds; nothing sets another limit.`,
      apiVersion: API_VERSION,
      kind: "VirtualMCPServer",
      name,
      spec: {
        fields: put(
          [
            ...groupRef,
            ...field(
              "config",
              mapping(
                field(
                  "aggregation",
                  mapping(
                    field("conflictResolution", "priority"),
                    field("conflictResolutionConfig", mapping(field("priorityOrder", [entryName(flow.name.value)]))),
                  ),
                  "Tools keep the names that the upstream gives them; by default each would get the entry's name in front.",
                ),
              ),
            ),
          ],
          [
            ...incoming,
            ...field(
              "outgoingAuth",
              mapping(field("source", "discovered")),
              "What the upstream is shown is what the entry refers to.",
            ),
          ],
        ),
      },
    },
  }
}
