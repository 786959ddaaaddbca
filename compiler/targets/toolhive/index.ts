/**
 * Target `toolhive`: manifests for the ToolHive operator on Kubernetes, one file a flow. What ToolHive would ignore or get
 * wrong is refused with an AF08xx code; what is known of ToolHive is in engine.ts.
 *
 * @module
 */
import type { Flow, Program } from "../../check/program.ts"
import { type Artifact, type Lowered, lowerStage, type StageLowerings, type Target } from "../target.ts"
import { refuseAwsSigv4 } from "./aws-sigv4.ts"
import { awsSts } from "./aws-sts.ts"
import { type Context, contextOf } from "./context.ts"
import { embeddedAuthServer } from "./embedded-auth-server.ts"
import { header } from "./header.ts"
import { type Field, field, type Manifest, mapping, stream } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { oidcConfig } from "./oidc-config.ts"
import { refuseProvider } from "./provider.ts"
import { forwardFields, identifyFields, remoteProxy } from "./remote-proxy.ts"

/** What one stage adds: objects of its own, and fields of the flow's proxy. */
interface Addition {
  readonly manifests: readonly Manifest[]
  readonly proxy: readonly Field[]
}

const lowerings: StageLowerings<Context, Addition> = {
  "identify.auth_server": (stage, flow, context) => {
    const server = stage.operand.value
    return {
      manifests: [
        embeddedAuthServer(server, stage.fields.scopes, context),
        oidcConfig(flow, server.fields.issuer, context),
      ],
      proxy: identifyFields(stage, flow, context),
    }
  },
  "identify.oidc": (stage, flow, context) => {
    const provider = stage.operand.value
    refuseProvider(provider, context)
    return {
      manifests: [oidcConfig(flow, provider.fields.issuer, context)],
      proxy: identifyFields(stage, flow, context),
    }
  },
  "aws.sts": (stage, flow, context) => {
    const manifest = awsSts(stage, flow, context)
    return {
      manifests: [manifest],
      proxy: field("externalAuthConfigRef", mapping(field("name", manifest.name)), context.origin(stage.span)),
    }
  },
  "aws.sigv4": (stage, flow, context) => {
    refuseAwsSigv4(stage, flow, context)
    return { manifests: [], proxy: [] }
  },
  forward: (stage, flow, context) => ({ manifests: [], proxy: forwardFields(stage, flow, context) }),
}

/** A flow's objects, each after those it refers to. */
const manifestsOf = (flow: Flow, context: Context): readonly Manifest[] => {
  const added = flow.stages.map((stage) => lowerStage(lowerings, stage, flow, context))
  // Where a request goes reads best above who may send it.
  const fields = [added.at(-1), ...added.slice(0, -1)].flatMap((each) => each?.proxy ?? [])
  return [...added.flatMap((each) => each.manifests), remoteProxy(flow, fields, context)]
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
  const taken = new Map<string, Flow>()
  for (const { flow, manifest } of made) {
    const key = `${manifest.kind} ${manifest.name}`
    const earlier = taken.get(key)
    if (earlier === undefined) taken.set(key, flow)
    else
      report("AF0820", flow.name.span, {
        kind: manifest.kind,
        name: manifest.name,
        flow: flow.name.value,
        other: earlier.name.value,
      })
  }
}

const lower = (program: Program): Lowered => {
  const context = contextOf(program)
  refuseSharedServers(context)
  const shared = new Set(context.reported.map(({ span }) => span))
  const made = program.flows
    // What a second flow on the same server would say of the server, the first one has said.
    .filter((flow) => !shared.has(flow.stages[0].operand.span))
    .map((flow) => ({ flow, manifests: manifestsOf(flow, context) }))
  refuseCollisions(
    made.flatMap(({ flow, manifests }) => manifests.map((manifest) => ({ flow, manifest }))),
    context,
  )
  const failed = context.reported.some(({ severity }) => severity === "error")
  const artifacts: readonly Artifact[] = failed
    ? []
    : made.map(({ flow, manifests }) => ({
        path: `${kubernetesName(flow.name.value)}.yaml`,
        text: stream(header(flow, context), manifests),
      }))
  return { artifacts, diagnostics: context.reported }
}

export const toolhive: Target = {
  name: "toolhive",
  title: "Manifests for the ToolHive operator on Kubernetes",
  lower,
}
