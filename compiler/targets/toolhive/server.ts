/**
 * A flow that ends in `run` as a MCPServer: the container, and the proxy in front of it.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import { nameOf } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow, Stage } from "../../check/program.ts"
import { values } from "../../source/source.ts"
import { isLoginToken, isSame, loginsOf, nameShown, shownByProxy } from "./carrier.ts"
import type { Context } from "./context.ts"
import { API_VERSION, PROXY_PORT, STDIO_PATH } from "./engine.ts"
import { type Field, field, type Manifest, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, nothing } from "./outgoing.ts"

type Run = StageOf<"run">

const runOf = ({ stages }: Flow): Run | undefined => stages.find((stage): stage is Run => stage.kind === "run")

/** What comes of a stage that makes a credential, where that is not what the file says; `undefined` where it is. */
const instead = (stage: Stage, flow: Flow, { fields: { transport } }: Run): string | undefined => {
  const isEmbedded = loginsOf(flow).length > 0
  switch (stage.kind) {
    case "inject.header":
      return "headerInjection is accepted and ignored"
    case "inject.bearer":
      return "bearerToken is for a remote URL, and is ignored"
    case "xaa":
      return "xaa is accepted and ignored"
    case "inject.none":
      return transport.value === "stdio" || isEmbedded
        ? undefined
        : "the token that the caller brought would be passed on to it"
    case "inject.token":
    case "token_exchange":
    case "obo":
      if (transport.value === "stdio") return "nothing that travels in a header arrives over `stdio`"
      if (stage.kind !== "inject.token" || isSame(stage.fields.token.value, shownByProxy(flow))) return undefined
      return `it is shown \`${nameShown(flow)}\`, and upstreamInject is ignored`
    default:
      return undefined
  }
}

/** Reports the stages of the flow that a MCPServer has no use for. */
const refuseShown = (flow: Flow, run: Run, { report }: Context): void => {
  for (const stage of flow.stages) {
    const does = instead(stage, flow, run)
    if (does !== undefined) report("AF1334", stage.span, { stage: written(stage), does })
    const shown = shownByProxy(flow)
    // Another login's can be chosen on a virtual server only; what no kind exchanges is refused with the stage.
    const chosen = stage.kind === "token_exchange" || stage.kind === "obo" ? stage.fields.subject : undefined
    if (chosen && !isSame(chosen.value, shown) && isLoginToken(chosen.value, flow))
      report("AF0850", chosen.span, { subject: nameOf(chosen.value), shown: nameShown(flow) })
  }
}

const written = ({ kind }: Stage): string => kind.replace(".", " ")

const refuseStdio = (flow: Flow, { fields: { transport } }: Run, { report }: Context): void => {
  if (transport.value !== "stdio") return
  const replicas = flow.deployed.toolhive?.fields.replicas
  if (replicas !== undefined && replicas.value > 1) report("AF1335", replicas.span, { replicas: replicas.value })
  const { pathname } = new URL(flow.url.value)
  if (pathname !== STDIO_PATH) report("AF1336", flow.url.span, { path: pathname, served: STDIO_PATH })
}

interface Variable {
  readonly name: string
  readonly span: Span
  readonly value: string | SecretRef
}

/** `secrets` is a list with one entry a Secret. */
const refuseVariables = (variables: readonly Variable[], { report }: Context): void => {
  const first = new Map<string, Variable>()
  for (const each of variables) {
    if (typeof each.value === "string") continue
    const earlier = first.get(each.value.name)
    if (earlier === undefined) first.set(each.value.name, each)
    else
      report("AF1337", each.span, {
        secret: each.value.name,
        first: earlier.name,
        second: each.name,
      })
  }
}

/** What `run` makes: fields of the MCPServer. */
export const runFields = (run: Run, flow: Flow, context: Context): Addition => {
  refuseShown(flow, run, context)
  refuseStdio(flow, run, context)
  const { transport, port, clients, args, env } = run.fields
  const variables = [...(env?.value ?? [])].map(([name, { value, span }]): Variable => ({ name, value, span }))
  refuseVariables(variables, context)
  const plain = variables.flatMap(({ name, value }) =>
    typeof value === "string" ? [mapping(field("name", name), field("value", value))] : [],
  )
  const secrets = variables.flatMap(({ name, value }) => (typeof value === "string" ? [] : [{ name, value }]))
  const { origin } = context
  return {
    ...nothing,
    incoming: mapping(
      field("image", run.operand.value, origin(run.span)),
      field("transport", transport.value.replace("_", "-")),
      field("proxyMode", clients?.value.replace("_", "-")),
      field("mcpPort", port?.value),
      field("proxyPort", PROXY_PORT),
      field("args", args && values(args)),
      field("env", plain.length > 0 ? plain : undefined),
      field(
        "secrets",
        secrets.length > 0
          ? secrets.map(({ name, value }) =>
              mapping(field("name", value.name), field("key", value.key), field("targetEnvName", name)),
            )
          : undefined,
      ),
    ).fields,
    secrets: secrets.map(({ value }) => value),
  }
}

/** Whether the login's token has to be kept from the container. */
export const keepsTokensFromContainer = (flow: Flow): boolean =>
  runOf(flow) !== undefined && flow.stages.some(({ kind }) => kind === "inject.none")

/** The server of these fields. */
export const server = (flow: Flow, fields: readonly Field[], context: Context): Manifest => ({
  comment: `The container and the proxy in front of it, ${context.origin(flow.span)}`,
  apiVersion: API_VERSION,
  kind: "MCPServer",
  name: kubernetesName(flow.name.value),
  spec: { fields },
})
