/**
 * `validate` and `mutate` as one MCPWebhookConfig for the flow (pkg/webhook, cmd/thv-operator/pkg/controllerutil/webhook.go).
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow } from "../../check/program.ts"
import type { Carrier } from "./carrier.ts"
import type { Context } from "./context.ts"
import { goDuration } from "./go-duration.ts"
import { field, type Mapping, mapping } from "./manifest.ts"
import { webhooksName } from "./names.ts"
import { type Addition, nothing } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

type Hook = StageOf<"validate"> | StageOf<"mutate">

/** The one kind that is served in another version. */
const WEBHOOK_API_VERSION = "toolhive.stacklok.dev/v1alpha1"

const isHook = (stage: Flow["stages"][number]): stage is Hook => stage.kind === "validate" || stage.kind === "mutate"

export const refuseWebhook = (stage: Hook, { kind }: Carrier, { report }: Context): Addition => {
  const why = "it calls no webhooks"
  if (kind !== "MCPServer") report("AF1331", stage.span, { stage: stage.kind, kind, why })
  return nothing
}

const secretsOf = ({ fields: { hmac, tls } }: Hook): readonly SecretRef[] =>
  [hmac, tls?.value.ca, tls?.value.client_cert, tls?.value.client_key].flatMap((each) => each?.value ?? [])

const webhook = ({ kind, operand, fields, span }: Hook, index: number, { origin }: Context): Mapping => {
  const { name, timeout, on_failure, hmac, tls } = fields
  const { ca, client_cert, client_key, verify } = tls?.value ?? {}
  return mapping(
    field("name", name?.value ?? `${kind}-${index + 1}`, origin(span)),
    field("url", operand.value),
    field("timeout", goDuration(timeout.value)),
    field("failurePolicy", on_failure.value === "pass" ? "ignore" : "fail"),
    field("hmacSecretRef", hmac && secretRef(hmac.value)),
    field(
      "tlsConfig",
      tls &&
        mapping(
          field("caSecretRef", ca && secretRef(ca.value)),
          field("clientCertSecretRef", client_cert && secretRef(client_cert.value)),
          field("clientKeySecretRef", client_key && secretRef(client_key.value)),
          field("insecureSkipVerify", verify?.value === false ? true : undefined),
        ),
    ),
  )
}

/** What all webhooks of the flow make. */
export const webhooks = (flow: Flow, context: Context): Addition => {
  const hooks = flow.stages.filter(isHook)
  const [first] = hooks
  if (first === undefined) return nothing
  const name = flow.deployed.toolhive?.fields.webhook_config?.value ?? webhooksName(flow.name.value)
  const of = (kind: Hook["kind"]) => {
    const found = hooks.filter((hook) => hook.kind === kind).map((hook, index) => webhook(hook, index, context))
    return found.length > 0 ? found : undefined
  }
  return {
    ...nothing,
    manifests: [
      {
        comment: `Webhooks that see each request, ${context.origin(first.span)}`,
        apiVersion: WEBHOOK_API_VERSION,
        kind: "MCPWebhookConfig",
        name,
        spec: mapping(field("mutating", of("mutate")), field("validating", of("validate"))),
      },
    ],
    incoming: field("webhookConfigRef", mapping(field("name", name)), context.origin(first.span)),
    secrets: hooks.flatMap(secretsOf),
  }
}
