/**
 * The words at the top of a file: what has to be there before it is applied, and where traffic has to be sent.
 *
 * @module
 */
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow } from "../../check/program.ts"
import { claimsRead } from "./aws-sts.ts"
import type { Carrier } from "./carrier.ts"
import type { Context } from "./context.ts"
import { portOf } from "./deployment.ts"
import { COPIED_CLAIMS, serverServiceName, serviceName, virtualServiceName } from "./engine.ts"
import { kubernetesName } from "./names.ts"
import { redirectUriOf } from "./provider.ts"

const services = {
  MCPServer: serverServiceName,
  MCPRemoteProxy: serviceName,
  VirtualMCPServer: virtualServiceName,
} as const

/** Lines without the comment sign. */
export const header = (flow: Flow, carrier: Carrier, secrets: readonly SecretRef[], { program }: Context): string => {
  const [identify] = flow.stages
  const name = kubernetesName(flow.name.value)
  const service = `${services[carrier.kind](name)}:${portOf(flow, carrier)}`
  const resource = new URL(flow.url.value)
  const metadata = `${resource.origin}/.well-known/oauth-protected-resource${resource.pathname === "/" ? "" : resource.pathname}`
  const lines = [
    `Compiled by authflow from ${program.uri}, flow ${flow.name.value}. Change the source, not this file.`,
    "",
    `Send to Service ${service} what comes for`,
    `  ${flow.url.value}`,
    `  ${metadata}`,
  ]
  const sts = flow.stages.find((stage) => stage.kind === "aws.sts")
  if (identify.kind === "identify.auth_server") {
    const { fields, login } = identify.operand.value
    lines.push(
      `  ${fields.issuer.value}/oauth/… and ${fields.issuer.value}/.well-known/…`,
      ...(fields.authorization_base ? [`  ${fields.authorization_base.value}/oauth/authorize`] : []),
      "",
      ...login.map((provider) => {
        const uri = redirectUriOf(provider, fields.issuer.value)
        const at = provider.kind === "oidc" ? provider.fields.issuer : provider.fields.authorization_endpoint
        // Where we register ourselves, we register the URI as well.
        return provider.client?.id === undefined
          ? `The server registers at ${provider.name.value} by itself, with the redirect URI ${uri}`
          : `Register at ${at.value} the redirect URI ${uri}`
      }),
    )
    const copied =
      sts === undefined || login[0].kind === "oauth2" ? [] : claimsRead(sts).filter((claim) => COPIED_CLAIMS.has(claim))
    if (copied.length > 0) {
      lines.push(`and see that its ID tokens hold ${copied.join(" and ")}: ToolHive reads nothing from userinfo.`)
    }
  }
  const byName = Map.groupBy(secrets, (secret) => secret.name)
  if (byName.size > 0) lines.push("", "Secrets that must be in the namespace, by name and keys:")
  for (const [of, refs] of byName) lines.push(`  ${of}: ${[...new Set(refs.map(({ key }) => key))].join(", ")}`)
  if (sts !== undefined) {
    const { issuer, audience } = sts.fields.subject.value
    const aud = audience === undefined ? "" : ` with the audience ${audience}`
    lines.push("", `AWS is shown access tokens of ${issuer.url}: the account needs an IAM OpenID Connect`)
    lines.push(`provider for that issuer${aud}, and the roles have to trust it.`)
  }
  return lines.join("\n")
}
