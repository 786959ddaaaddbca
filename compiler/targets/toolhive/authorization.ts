/**
 * `authorize …` as authorization of ToolHive's: policies within the object that carries the flow, or in a MCPAuthzConfig that it
 * refers to (cmd/thv-operator/pkg/controllerutil/authz.go and authz_ref.go, pkg/vmcpconfig/converter.go).
 *
 * @module
 */
import { plainOf } from "../../catalogue/authorize-cedar.ts"
import { nameOf, type PresentedKind, type TokenType } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import { values } from "../../source/source.ts"
import { type Carrier, cedarProvider, isSame } from "./carrier.ts"
import type { Context } from "./context.ts"
import { API_VERSION } from "./engine.ts"
import { type Field, field, type Manifest, type Mapping, mapping } from "./manifest.ts"
import { authzName, kubernetesName } from "./names.ts"
import { type Addition, nothing } from "./outgoing.ts"

type Cedar = StageOf<"authorize.cedar">

/** Fields of what carries the flow: a virtual server has them among those that say who may come in. */
const onCarrier = (fields: readonly Field[], { kind }: Carrier): readonly Field[] =>
  kind === "VirtualMCPServer" ? field("incomingAuth", { fields }) : fields

const object = (type: string, config: Mapping, what: string, stage: Cedar | StageOf<"authorize.http">, flow: Flow) => ({
  name: flow.deployed.toolhive?.fields.authz_config?.value ?? authzName(flow.name.value),
  manifest: (context: Context, name: string): Manifest => ({
    comment: `${what}, ${context.origin(stage.span)}`,
    apiVersion: API_VERSION,
    kind: "MCPAuthzConfig",
    name,
    spec: mapping(field("type", type), field("config", config)),
  }),
})

/** An object of its own, and a reference to it. */
const referred = (
  { name, manifest }: ReturnType<typeof object>,
  { span }: { readonly span: Cedar["span"] },
  carrier: Carrier,
  context: Context,
): Addition => ({
  ...nothing,
  manifests: [manifest(context, name)],
  incoming: onCarrier(field("authzConfigRef", mapping(field("name", name)), context.origin(span)), carrier),
})

/** Behind a server of ToolHive's, policies see a login's access token (pkg/runner/middleware.go, injectUpstreamProviderIfNeeded). */
const refuseToken = (
  asked: TokenType<PresentedKind>,
  stage: Cedar,
  flow: Flow,
  carrier: Carrier,
  { report }: Context,
): void => {
  const shown = cedarProvider(asked, flow, carrier)
  if (!isSame(shown.token, asked))
    report("AF1332", stage.fields.token?.span ?? stage.operand.span, {
      asked: nameOf(asked),
      shown: nameOf(shown.token),
    })
}

export const authorizeCedar = (stage: Cedar, flow: Flow, carrier: Carrier, context: Context): Addition => {
  const { policies, groups, roles, group_type, scope_claims, entities, token } = stage.fields
  const { origin, report } = context
  const asked = token?.value ?? stage.input.token
  refuseToken(asked, stage, flow, carrier, context)
  const sets = values(scope_claims)
  if (sets.length > 0 && carrier.kind === "VirtualMCPServer") {
    const why = "it drops `multi_valued_claims`, so that the sets are not there"
    report("AF1331", scope_claims.span, {
      stage: "scope_claims",
      kind: carrier.kind,
      why,
    })
  }
  const texts = values(policies).map(({ text }) => text)
  const listed =
    entities.value.length > 0 ? JSON.stringify(entities.value.map(({ value }) => plainOf(value))) : undefined
  const primary = cedarProvider(asked, flow, carrier).primary
  const chosen = field(
    "authServerConfig",
    primary && mapping(field("primaryUpstreamProvider", kubernetesName(primary), token && origin(token.span))),
  )
  if (sets.length > 0 || flow.deployed.toolhive?.fields.authz_config !== undefined) {
    const config = mapping(
      field("policies", texts, origin(policies.span)),
      field("entities_json", listed),
      field("group_claim_name", groups?.value),
      field("role_claim_name", roles?.value),
      field("group_entity_type", group_type?.value),
      field("multi_valued_claims", sets.length > 0 ? sets : undefined),
    )
    const added = referred(object("cedarv1", config, "What callers may do", stage, flow), stage, carrier, context)
    return { ...added, incoming: [...added.incoming, ...chosen] }
  }
  const config = mapping(
    field("type", "inline"),
    field("inline", mapping(field("policies", texts, origin(policies.span)), field("entitiesJson", listed))),
    field("groupClaimName", groups?.value, groups && origin(groups.span)),
    field("roleClaimName", roles?.value, roles && origin(roles.span)),
    field("groupEntityType", group_type?.value, group_type && origin(group_type.span)),
  )
  return {
    ...nothing,
    incoming: [...onCarrier(field("authzConfig", config, origin(stage.span)), carrier), ...chosen],
  }
}

const refusePolicyPoint = (span: Cedar["span"], { kind }: Carrier, { report }: Context): void => {
  const why = "it evaluates Cedar policies, and nothing else"
  if (kind === "VirtualMCPServer") report("AF1331", span, { stage: "authorize http", kind, why })
}

export const authorizeHttp = (
  stage: StageOf<"authorize.http">,
  flow: Flow,
  carrier: Carrier,
  context: Context,
): Addition => {
  refusePolicyPoint(stage.operand.span, carrier, context)
  const { url, timeout, claims, told, verify } = stage.fields
  const parts = values(told)
  const config = mapping(
    field(
      "http",
      mapping(
        field("url", url.value, context.origin(url.span)),
        field("timeout", timeout.value),
        field("insecure_skip_verify", verify.value ? undefined : true),
      ),
    ),
    field("claim_mapping", claims.value),
    field(
      "context",
      parts.length === 0
        ? undefined
        : mapping(
            field("include_args", parts.includes("arguments") || undefined),
            field("include_operation", parts.includes("operation") || undefined),
          ),
    ),
  )
  return referred(object("httpv1", config, "Who decides what callers may do", stage, flow), stage, carrier, context)
}

export const authorizeToolhive = (
  { span, fields }: StageOf<"authorize.toolhive">,
  carrier: Carrier,
  { origin }: Context,
): Addition => {
  const { config, config_map, key, groups, roles, group_type } = fields
  const said = config
    ? field("authzConfigRef", mapping(field("name", config.value)), origin(span))
    : field(
        "authzConfig",
        mapping(
          field("type", "configMap"),
          field("configMap", mapping(field("name", config_map?.value), field("key", key?.value))),
          field("groupClaimName", groups?.value),
          field("roleClaimName", roles?.value),
          field("groupEntityType", group_type?.value),
        ),
        origin(span),
      )
  return { ...nothing, incoming: onCarrier(said, carrier) }
}
