/**
 * `inject bearer`, `inject header`, `inject token` and `inject none` as the types bearerToken, headerInjection, upstreamInject
 * and unauthenticated.
 *
 * @module
 */
import { nameOf } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import { type Carrier, loginsOf } from "./carrier.ts"
import type { Context } from "./context.ts"
import { field, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, nothing, outgoingAuth } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

export const bearerToken = (stage: StageOf<"inject.bearer">, flow: Flow, context: Context): Addition => {
  const { token } = stage.fields
  return outgoingAuth(
    "bearerToken",
    mapping(field("tokenSecretRef", secretRef(token.value), context.origin(token.span))),
    "What the upstream is shown: one bearer token for everybody",
    flow,
    stage,
    [token.value],
    context,
  )
}

export const headerInjection = (stage: StageOf<"inject.header">, flow: Flow, context: Context): Addition => {
  const { name, value } = stage.fields
  return outgoingAuth(
    "headerInjection",
    mapping(
      field("headerName", name.value, context.origin(name.span)),
      field("valueSecretRef", secretRef(value.value), context.origin(value.span)),
    ),
    "What the upstream is shown: one header for everybody",
    flow,
    stage,
    [value.value],
    context,
  )
}

export const upstreamInject = (
  stage: StageOf<"inject.token">,
  flow: Flow,
  { kind }: Carrier,
  context: Context,
): Addition => {
  const { token, passthrough } = stage.fields
  if (passthrough.value === "allowed") {
    // A proxy without an embedded server passes the Authorization header on by itself; with one it swaps the token.
    if (loginsOf(flow).length > 0) context.report("AF0855", token.span, { token: nameOf(token.value) })
    return nothing
  }
  // Behind an embedded server, its proxy swaps the caller's token for the login's by itself: see server.ts.
  if (kind === "MCPServer") return nothing
  return outgoingAuth(
    "upstreamInject",
    mapping(field("providerName", kubernetesName(token.value.issuer.name.value), context.origin(token.span))),
    `What the upstream is shown: \`${nameOf(token.value)}\` of the person's login`,
    flow,
    stage,
    [],
    context,
  )
}

export const unauthenticated = (
  stage: StageOf<"inject.none">,
  flow: Flow,
  { kind }: Carrier,
  context: Context,
): Addition =>
  // What the proxy of a container would show by itself is kept from it: see server.ts.
  kind === "MCPServer"
    ? nothing
    : outgoingAuth("unauthenticated", undefined, "The upstream is shown no credential", flow, stage, [], context)
