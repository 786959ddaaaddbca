/** Lowers `identify` of callers that nobody logs in. */
import type {
  Cluster,
  IdentifyAnyOf,
  IdentifyApiKeys,
  IdentifyClientCertificates,
  IdentifyServiceAccounts,
} from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { ServiceAccounts } from "../../catalogue/service-accounts.ts"
import type { Flow } from "../../check/program.ts"
import { values } from "../../source/source.ts"

const cluster = ({ name, fields, algorithms }: ServiceAccounts): Cluster => {
  const [first = "RS256", ...others] = algorithms
  const [account, ...accounts] = fields.accounts ? values(fields.accounts) : []
  return {
    name: name.value,
    issuer: fields.issuer.value,
    ...(fields.jwks_url && { jwksUrl: fields.jwks_url.value }),
    inCluster: fields.in_cluster.value,
    algorithms: [first, ...others],
    ...(account !== undefined && { accounts: [account, ...accounts] }),
  }
}

export const lowerIdentifyServiceAccounts = (
  { operand, fields }: StageOf<"identify.service_accounts">,
  { url }: Flow,
): IdentifyServiceAccounts => ({
  kind: "identify.service_accounts",
  cluster: cluster(operand.value),
  audience: fields.audience?.value ?? url.value,
})

export const lowerIdentifyAnyOf = (
  { operand, fields }: StageOf<"identify.any_of">,
  { url }: Flow,
): IdentifyAnyOf | undefined => {
  const [first, ...others] = operand.value.issuers.map((issuer) =>
    issuer.kind === "oidc" ? { provider: issuer.name.value } : { cluster: cluster(issuer) },
  )
  return (
    first && {
      kind: "identify.any_of",
      callers: operand.value.name.value,
      issuers: [first, ...others],
      scopes: values(fields.scopes),
      audience: fields.audience?.value ?? url.value,
    }
  )
}

export const lowerIdentifyApiKeys = ({ operand }: StageOf<"identify.api_keys">): IdentifyApiKeys | undefined => {
  const { name, fields } = operand.value
  const [first, ...others] = values(fields.keys)
  return (
    first && {
      kind: "identify.api_keys",
      callers: name.value,
      header: fields.header.value,
      keys: [first, ...others],
    }
  )
}

export const lowerIdentifyClientCertificates = ({
  operand,
}: StageOf<"identify.client_certificates">): IdentifyClientCertificates => {
  const { name, fields } = operand.value
  const forwarded = fields.forwarded?.value
  const [proxy = "", ...proxies] = forwarded ? values(forwarded.proxies) : []
  return {
    kind: "identify.client_certificates",
    callers: name.value,
    ca: fields.ca.value,
    subject: fields.subject.value,
    ...(forwarded && { forwarded: { header: forwarded.header.value, proxies: [proxy, ...proxies] } }),
  }
}
