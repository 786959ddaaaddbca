/**
 * `validate` and `mutate` from the MCPWebhookConfig that a workload refers to.
 *
 * @module
 */
import type { Stage } from "../../../../grammar/ast.ts"
import { webhooksName } from "../names.ts"
import { type Draft, originOf, quoted } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import type { Policy } from "./policy.ts"
import type { Resource } from "./resource.ts"
import { duration, from, map, stage, string, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

const webhook = (draft: Draft, config: Resource, verb: "mutate" | "validate", tree: Tree): Stage => {
  const url = draft.text(config, tree, "url")
  const name = draft.text(config, tree, "name")
  const said = draft.peek(config, tree, "timeout")
  const seconds = said && goSeconds(said.value)
  if (said !== undefined && seconds !== undefined) draft.carry(said.tree)
  const policy = draft.text(config, tree, "failurePolicy")
  const tls = draft.at(tree, "tlsConfig")
  const secret = (key: string) => draft.secret(config, draft.at(tls, key))
  const skip = draft.at(tls, "insecureSkipVerify")
  if (skip !== undefined) draft.carry(skip)
  const isUnverified = skip?.kind === "leaf" && skip.value === true
  const parts = {
    ca: secret("caSecretRef"),
    client_cert: secret("clientCertSecretRef"),
    client_key: secret("clientKeySecretRef"),
    verify: isUnverified ? word("off") : undefined,
  }
  const isSaid = Object.values(parts).some((part) => part !== undefined)
  return from(
    originOf(config, tree),
    stage(verb, url ? quoted(url) : string(), {
      name: name && quoted(name),
      timeout: said && seconds !== undefined ? from(said.origin, duration(seconds)) : undefined,
      on_failure: policy?.value === "ignore" ? from(policy.origin, word("pass")) : undefined,
      hmac: draft.secret(config, draft.at(tree, "hmacSecretRef")),
      tls: isSaid ? map(parts) : undefined,
    }),
  )
}

export const importWebhooks = (draft: Draft, resource: Resource): Policy | undefined => {
  if (draft.at(resource.spec, "webhookConfigRef") === undefined) return undefined
  const config = draft.referred(resource, "MCPWebhookConfig", "webhookConfigRef")
  const name = draft.peek(resource, resource.spec, "webhookConfigRef", "name")
  if (config === undefined || name === undefined) return undefined
  const hooks = (verb: "mutate" | "validate", key: string) => {
    const listed = draft.at(config.spec, key)
    return (listed?.kind === "sequence" ? listed.items : []).map((each) => webhook(draft, config, verb, each))
  }
  const stages = [...hooks("mutate", "mutating"), ...hooks("validate", "validating")]
  return {
    stages: () => stages,
    others: [{ resource: config, compiled: () => name.value }],
    deploy: { webhook_config: quoted(name) },
    usual: webhooksName,
  }
}
