/**
 * `callers NAME = service_accounts`: workloads of a Kubernetes cluster, with the tokens that the cluster gives its service
 * accounts.
 *
 * @module
 */
import { type Claim, claimSet } from "./claims.ts"
import type { DeclarationConstruct, Declared, StageConstruct } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { optional, withDefault } from "./field.ts"
import { flag } from "./scalars.ts"
import { httpsUrl, issuerUrl } from "./url.ts"
import { list, pattern, text } from "./values.ts"

/** Where a cluster's own API server is, seen from a pod. It is also the issuer, unless the cluster was set up otherwise. */
export const CLUSTER_ISSUER = "https://kubernetes.default.svc"

const account = pattern(
  "a service account",
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/(\*|[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/,
  'it is a namespace, `/`, and a name or `*`: "agents/runner", "agents/*"',
)

const fields = {
  issuer: withDefault(issuerUrl, CLUSTER_ISSUER, {
    doc: "`iss` of the cluster's tokens: `--service-account-issuer` of its API server.",
    example: '"https://kubernetes.default.svc"',
  }),
  jwks_url: optional(httpsUrl, {
    doc: "Where its keys are, if not where its discovery document says.",
    example: '"https://kubernetes.default.svc/openid/v1/jwks"',
  }),
  in_cluster: withDefault(flag, true, {
    doc: "Whether this runs in that cluster: its certificate authority and our pod's own token are used to ask for the keys.",
    example: "true",
  }),
  accounts: optional(list(account, { min: 1 }), {
    doc: "Those that may call; `*` for all of a namespace. Every one of the cluster that gets a token for this flow when unsaid.",
    example: '["agents/runner"]',
  }),
}

/** Checked service accounts. */
export interface ServiceAccounts extends Declared<"service_accounts", typeof fields> {
  readonly accessToken: TokenType
  readonly algorithms: readonly string[]
}

/** What a bound service account token holds (Kubernetes, "Service account tokens", structure of the claims). */
const claims = (origin: string): readonly Claim[] => {
  const claim = (name: string, type: Claim["type"], presence: Claim["presence"]): Claim => ({
    name,
    type,
    presence,
    origin,
    declared: undefined,
  })
  return [
    ...["iss", "sub", "aud"].map((name) => claim(name, "string", "always")),
    ...["exp", "iat"].map((name) => claim(name, "number", "always")),
    claim("nbf", "number", "sometimes"),
    claim("jti", "string", "sometimes"),
    claim("kubernetes.io", "object", "sometimes"),
  ]
}

export const serviceAccounts: DeclarationConstruct<"service_accounts", typeof fields, ServiceAccounts> = {
  keyword: "callers",
  kind: "service_accounts",
  doc: "Workloads of a Kubernetes cluster, by the tokens of their service accounts.",
  fields,
  complete: (declared) => ({
    ...declared,
    accessToken: {
      kind: "access_token",
      issuer: { kind: "service_accounts", name: declared.name, url: declared.fields.issuer.value },
      format: "jwt",
      audience: undefined,
      claims: claimSet(claims(declared.name.value)),
      lifetime: undefined,
    },
    // What the API server signs with: RSA keys, or ECDSA ones of these curves (pkg/serviceaccount/jwt.go).
    algorithms: ["RS256", "ES256", "ES384", "ES512"],
  }),
}

const stageFields = {
  audience: optional(text, {
    doc: "`aud` the token must have, as the pod's projected volume asks for it. The flow's own URL when unsaid.",
    example: '"https://mcp.example.com/mcp"',
  }),
}

export const identifyServiceAccounts: StageConstruct<
  "identify.service_accounts",
  ServiceAccounts,
  typeof stageFields,
  "Caller",
  "Principal"
> = {
  verb: "identify",
  kind: "identify.service_accounts",
  doc: "Requires a token of a Kubernetes service account, for this flow.",
  operand: { by: "declaration", of: "service_accounts" },
  fields: stageFields,
  consumes: ["Caller"],
  produces: "Principal",
  type: ({ operand: { value: accounts }, fields: { audience } }, { flowUrl }) => {
    if (flowUrl === undefined) return undefined
    const token = { ...accounts.accessToken, audience: audience?.value ?? flowUrl.value }
    return { tag: "Principal", token, tokens: [token] }
  },
}
