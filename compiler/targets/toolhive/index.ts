/**
 * Target `toolhive`: manifests for the ToolHive operator on Kubernetes, one file a flow. What ToolHive would ignore or get
 * wrong is refused with an AF08xx code; what is known of ToolHive is in engine.ts.
 *
 * @module
 */
import type { Flow, Program } from "../../check/program.ts"
import { values } from "../../source/source.ts"
import { type Artifact, type Lowered, lowerStage, type StageLowerings, type Target } from "../target.ts"
import { authorizeCedar, authorizeHttp, authorizeToolhive } from "./authorization.ts"
import { refuseAwsSigv4 } from "./aws-sigv4.ts"
import { awsSts } from "./aws-sts.ts"
import { type Carrier, carrierOf } from "./carrier.ts"
import { refuseChains, refuseExchange } from "./chain.ts"
import { type Context, contextOf } from "./context.ts"
import { deploy, deploymentSecrets } from "./deployment.ts"
import { embeddedAuthServer, refuseLogins } from "./embedded-auth-server.ts"
import { header } from "./header.ts"
import { bearerToken, headerInjection, unauthenticated, upstreamInject } from "./inject.ts"
import { field, type Manifest, mapping, merged, stream } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { obo } from "./obo.ts"
import { oidcConfig, providerConfig, refuseCallers, serviceAccountsConfig } from "./oidc-config.ts"
import { type Addition, externalAuth, nothing } from "./outgoing.ts"
import { refusePolicyOrder } from "./policy-order.ts"
import { providerSecrets, refuseProvider } from "./provider.ts"
import { rateLimits } from "./rate-limits.ts"
import { storageSecrets } from "./redis-storage.ts"
import { forwardFields, forwardSecrets, identifyFields, refuseResource, remoteProxy } from "./remote-proxy.ts"
import { server as containerServer, keepsTokensFromContainer, runFields } from "./server.ts"
import { telemetry } from "./telemetry.ts"
import { tokenExchange } from "./token-exchange.ts"
import { virtualIdentifyFields, virtualServer } from "./virtual-server.ts"
import { refuseWebhook, webhooks } from "./webhooks.ts"
import { xaa } from "./xaa.ts"

/** What the lowering of a stage needs beside it. */
interface Whole {
  readonly carrier: Carrier
  readonly context: Context
}

const lowerings: StageLowerings<Whole, Addition> = {
  "identify.auth_server": (stage, flow, { carrier, context }) => {
    const server = stage.operand.value
    const secrets = [
      ...server.login.flatMap(providerSecrets),
      ...values(server.fields.keys),
      ...values(server.fields.hmac_keys),
      ...(server.fields.storage ? storageSecrets(server.fields.storage.value) : []),
    ]
    const config = oidcConfig(flow, server.fields.issuer, context)
    if (carrier.kind === "VirtualMCPServer")
      return { ...nothing, manifests: [config], incoming: virtualIdentifyFields(stage, flow, context), secrets }
    refuseLogins(server, context)
    const keepsTokens = flow.stages.some(({ kind }) => kind === "inject.bearer") || keepsTokensFromContainer(flow)
    return {
      ...nothing,
      manifests: [embeddedAuthServer(server, stage.fields.scopes, keepsTokens, context), config],
      incoming: identifyFields(stage, flow, context),
      secrets,
    }
  },
  "identify.oidc": (stage, flow, { carrier, context }) => {
    const provider = stage.operand.value
    refuseProvider(provider, context)
    const secret = provider.fields.introspection?.value.client_secret
    return {
      ...nothing,
      manifests: [providerConfig(flow, provider, context)],
      incoming: (carrier.kind === "VirtualMCPServer" ? virtualIdentifyFields : identifyFields)(stage, flow, context),
      secrets: secret ? [secret.value] : [],
    }
  },
  "limit.tool_calls": (stage, flow, { carrier, context }) => rateLimits(stage, flow, carrier, context),
  mutate: (stage, _, { carrier, context }) => refuseWebhook(stage, carrier, context),
  validate: (stage, _, { carrier, context }) => refuseWebhook(stage, carrier, context),
  "authorize.cedar": (stage, flow, { carrier, context }) => authorizeCedar(stage, flow, carrier, context),
  "authorize.http": (stage, flow, { carrier, context }) => authorizeHttp(stage, flow, carrier, context),
  "authorize.toolhive": (stage, _, { carrier, context }) => authorizeToolhive(stage, carrier, context),
  "identify.service_accounts": (stage, flow, { carrier, context }) => ({
    ...nothing,
    manifests: [serviceAccountsConfig(flow, stage.operand.value, context)],
    incoming: (carrier.kind === "VirtualMCPServer" ? virtualIdentifyFields : identifyFields)(stage, flow, context),
  }),
  "identify.any_of": refuseCallers,
  "identify.api_keys": refuseCallers,
  "identify.client_certificates": refuseCallers,
  "identify.anonymous": (stage, _, { carrier, context }) => ({
    ...nothing,
    incoming:
      carrier.kind === "VirtualMCPServer"
        ? field("incomingAuth", mapping(field("type", "anonymous")), context.origin(stage.span))
        : [],
  }),
  "aws.sts": (stage, flow, { carrier, context }) =>
    externalAuth(awsSts(stage, flow, carrier, context), stage.span, [], context),
  "aws.sigv4": (stage, flow, { context }) => {
    refuseAwsSigv4(stage, flow, context)
    return nothing
  },
  token_exchange: (stage, flow, { carrier, context }) => tokenExchange(stage, flow, carrier, context),
  obo: (stage, flow, { carrier, context }) => obo(stage, flow, carrier, context),
  xaa: (stage, flow, { context }) => xaa(stage, flow, context),
  jwt_bearer: (stage, _, { context }) => refuseExchange(stage, context),
  client_credentials: (stage, _, { context }) => refuseExchange(stage, context),
  "inject.bearer": (stage, flow, { context }) => bearerToken(stage, flow, context),
  "inject.header": (stage, flow, { context }) => headerInjection(stage, flow, context),
  "inject.token": (stage, flow, { carrier, context }) => upstreamInject(stage, flow, carrier, context),
  "inject.none": (stage, flow, { carrier, context }) => unauthenticated(stage, flow, carrier, context),
  forward: (stage, flow, { carrier, context }) => ({
    ...nothing,
    outgoing: forwardFields(stage, flow, carrier, context),
    secrets: forwardSecrets(stage),
  }),
  run: (stage, flow, { context }) => runFields(stage, flow, context),
}

/** ToolHive checks no scopes by itself; where roles are chosen, the role mappings do (role-mappings.ts). */
const refuseUncheckedScopes = ({ stages }: Flow, { report }: Context): void => {
  const { fields } = stages[0]
  if (!("scopes" in fields)) return
  const { scopes } = fields
  if (scopes.value.length > 0 && !stages.some(({ kind }) => kind === "aws.sts"))
    report("AF0852", scopes.span, { scopes: scopes.value.map(({ value }) => value) })
}

/** A flow's objects, each after those it refers to, and the words at the top of their file. */
const lowerFlow = (flow: Flow, context: Context): { readonly manifests: readonly Manifest[]; readonly top: string } => {
  const carrier = carrierOf(flow)
  refuseUncheckedScopes(flow, context)
  refusePolicyOrder(flow, context)
  const refused = refuseChains(flow, context)
  const staged = flow.stages.map((stage) =>
    refused.includes(stage) ? nothing : lowerStage(lowerings, stage, flow, { carrier, context }),
  )
  const added = [webhooks(flow, context), telemetry(flow, context), ...staged]
  // Where a request goes reads best above who may send it.
  const inOrder = [added.at(-1), ...added.slice(0, -1)].filter((each) => each !== undefined)
  const own = added.flatMap((each) => each.manifests)
  const top = header(flow, carrier, [...added.flatMap(({ secrets }) => secrets), ...deploymentSecrets(flow)], context)
  if (carrier.kind !== "VirtualMCPServer") {
    const fields = merged(inOrder.map((each) => [...each.incoming, ...each.outgoing]))
    refuseResource(flow, context)
    const carried = (carrier.kind === "MCPServer" ? containerServer : remoteProxy)(flow, fields, context)
    return { manifests: deploy(flow, carrier, [...own, carried], context), top }
  }
  const incoming = merged(inOrder.map((each) => each.incoming))
  const outgoing = merged(inOrder.map((each) => each.outgoing))
  const { before, server } = virtualServer(flow, carrier.why, incoming, outgoing, context)
  return { manifests: deploy(flow, carrier, [...own, ...before, server], context), top }
}

/** Each proxy runs an authorization server of its own, in its own pod: two of them cannot be one issuer. */
const refuseSharedServers = ({ program, report }: Context): void => {
  const first = new Map<string, Flow>()
  for (const flow of program.flows) {
    const [identify] = flow.stages
    if (identify.kind !== "identify.auth_server") continue
    const server = identify.operand.value.name.value
    const earlier = first.get(server)
    if (earlier === undefined) first.set(server, flow)
    else {
      const related = [{ span: earlier.name.span, message: `\`${earlier.name.value}\` uses it as well` }]
      report("AF0807", identify.operand.span, { server, flow: flow.name.value, other: earlier.name.value }, { related })
    }
  }
}

/** Two objects of one kind and name would be one object; the later would replace the earlier. */
const refuseCollisions = (
  made: readonly { readonly flow: Flow; readonly manifest: Manifest }[],
  { report }: Context,
): void => {
  const taken = new Map<string, { readonly flow: Flow; readonly manifest: Manifest }>()
  for (const { flow, manifest } of made) {
    const key = `${manifest.kind} ${manifest.namespace ?? ""}/${manifest.name}`
    const earlier = taken.get(key)
    if (earlier === undefined) taken.set(key, { flow, manifest })
    // Several flows may share one object that they agree about.
    else if (!isSameObject(earlier.manifest, manifest))
      report("AF0820", flow.name.span, {
        kind: manifest.kind,
        name: manifest.name,
        flow: flow.name.value,
        other: earlier.flow.name.value,
      })
  }
}

const isSameObject = (one: Manifest, other: Manifest): boolean => {
  const plain = ({ spec }: Manifest) => JSON.stringify(spec, (key, value) => (key === "comment" ? undefined : value))
  return plain(one) === plain(other)
}

const lower = (program: Program): Lowered => {
  const context = contextOf(program)
  refuseSharedServers(context)
  const shared = new Set(context.reported.map(({ span }) => span))
  const made = program.flows
    // What a second flow on the same server would say of the server, the first one has said.
    .filter((flow) => !shared.has(flow.stages[0].operand.span))
    .map((flow) => ({ flow, ...lowerFlow(flow, context) }))
  refuseCollisions(
    made.flatMap(({ flow, manifests }) => manifests.map((manifest) => ({ flow, manifest }))),
    context,
  )
  const failed = context.reported.some(({ severity }) => severity === "error")
  const artifacts: readonly Artifact[] = failed
    ? []
    : made.map(({ flow, manifests, top }) => ({
        path: `${kubernetesName(flow.name.value)}.yaml`,
        text: stream(top, manifests),
      }))
  return { artifacts, diagnostics: context.reported }
}

export const toolhive: Target = {
  name: "toolhive",
  title: "Manifests for the ToolHive operator on Kubernetes",
  lower,
}
