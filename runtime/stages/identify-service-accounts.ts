/**
 * `identify <service accounts>`: a token that a Kubernetes cluster issued to one of its service accounts, for this flow.
 *
 * @module
 */
import { Effect } from "effect"
import { CallerRefused, type Failure, TokenInvalid } from "../failure.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { Cluster, IdentifyServiceAccounts } from "../plan.ts"
import { type Verified, verifyAccessToken } from "../resource-server/access-token.ts"
import { presentedToken } from "../resource-server/bearer.ts"
import { issuerKeys } from "../resource-server/issuer.ts"
import { issuerClient } from "../resource-server/issuer-client.ts"
import type { Possession } from "../resource-server/possession.ts"
import { principalOf } from "../resource-server/principal.ts"
import { noOther, type Verify } from "./identify-oidc.ts"

/** Where Kubernetes puts the pod's own token and the cluster's certificate authority. */
const POD = "/var/run/secrets/kubernetes.io/serviceaccount"

/** `sub` of a service account's token (Kubernetes, `serviceaccount.MakeUsername`). */
const SUBJECT = /^system:serviceaccount:([^:]+):([^:]+)$/

/** `env`: `AUTHFLOW_SERVICE_ACCOUNT_DIR` is read from it, where the pod's files are elsewhere. */
export const clusterVerifier = (cluster: Cluster, env: Readonly<Record<string, string | undefined>>): Verify => {
  const pod = cluster.inCluster ? (env["AUTHFLOW_SERVICE_ACCOUNT_DIR"] ?? POD) : undefined
  const { issuer, algorithms } = cluster
  const keys = issuerKeys(cluster, issuerClient({ pod }))
  return (token, audience) =>
    Effect.flatMap(verifyAccessToken(token, { issuer, audience, algorithms, keys, type: "offered" }), (verified) =>
      allowed(cluster, verified),
    )
}

/** Only service accounts, and of them only those that the plan names. */
const allowed = (cluster: Cluster, verified: Verified): Effect.Effect<Verified, Failure> => {
  const [, namespace, name] = SUBJECT.exec(verified.subject) ?? []
  if (namespace === undefined || name === undefined)
    return Effect.fail(new TokenInvalid({ detail: "the token is not one of a service account" }))
  const { accounts } = cluster
  if (accounts === undefined || accounts.includes(`${namespace}/${name}`) || accounts.includes(`${namespace}/*`))
    return Effect.succeed(verified)
  return Effect.fail(new CallerRefused({ detail: "this service account is not among those that may call" }))
}

export const identifyServiceAccounts = (
  { cluster, audience }: IdentifyServiceAccounts,
  verify: Verify,
  holder: Possession,
): Stage<"Caller", "Principal"> => ({
  label: `identify ${cluster.name}`,
  consumes: "Caller",
  produces: "Principal",
  run: Effect.fn("IdentifyServiceAccounts.run")(function* (exchange) {
    const presented = yield* Effect.fromResult(presentedToken(exchange.incoming))
    const { token } = presented
    const { subject, expiresAt, claims } = yield* verify(token, audience)
    yield* holder.verify(exchange, presented, claims)
    const verified = { token, name: cluster.name, issuer: cluster.issuer, subject, claims, expiresAt }
    const principal = principalOf(verified, noOther(cluster.name))
    return { credential: principal, account: { summary: subject, detail: { subject } } }
  }),
})
