/**
 * The stand-in for a Kubernetes cluster as an issuer: its metadata, its keys, and tokens of service accounts.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import type { Cluster, Plan } from "../plan.ts"
import { type ReservedPort, serveHttp } from "./loopback.ts"

/** Seconds: what a projected volume asks for when it says nothing. */
const LIFETIME = 3600

/** Every cluster that the plan's callers come from. */
export const clustersOf = ({ flows }: Plan): readonly Cluster[] =>
  flows.flatMap(({ stages }) =>
    stages.flatMap((stage) => {
      if (stage.kind === "identify.service_accounts") return [stage.cluster]
      if (stage.kind !== "identify.any_of") return []
      return stage.issuers.flatMap((each) => ("cluster" in each ? [each.cluster] : []))
    }),
  )

/** Makes a token of `system:serviceaccount:NAMESPACE:NAME`. `account` is `namespace/name`. */
export type TokenOf = (account: string, audience: string) => Promise<string>

/** Starts the issuer on a reserved port. */
export const clusterIssuer = Effect.fn("Sandbox.clusterIssuer")(function* (port: ReservedPort, issuer: string) {
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("RS256"))
  const jwk = yield* Effect.promise(() => exportJWK(publicKey))
  const documents: Readonly<Record<string, unknown>> = {
    "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/openid/v1/jwks` },
    "/openid/v1/jwks": { keys: [{ ...jwk, kid: "sandbox", use: "sig", alg: "RS256" }] },
  }
  yield* serveHttp(port, (request, response) => {
    const document = documents[request.url ?? ""]
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify(document ?? {}))
  })
  const tokenOf: TokenOf = (account, audience) => {
    const [namespace = "", name = ""] = account.split("/")
    return new SignJWT({
      "kubernetes.io": { namespace, serviceaccount: { name, uid: randomUUID() } },
    })
      .setProtectedHeader({ alg: "RS256", kid: "sandbox" })
      .setIssuer(issuer)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore("0 s")
      .setExpirationTime(`${LIFETIME} s`)
      .setJti(randomUUID())
      .sign(privateKey)
  }
  return tokenOf
})

/** An account that may call, for people of this name: the first that the plan names, or one of theirs. */
export const accountFor = ({ accounts }: Cluster, person: string): string => {
  const [first] = accounts ?? []
  if (first === undefined) return `sandbox/${person}`
  return first.endsWith("/*") ? first.replace("*", person) : first
}
