/**
 * How we prove at a token endpoint who we are (RFC 6749 section 2.3, RFC 7523 section 2.2).
 *
 * @module
 */
import { createPrivateKey } from "node:crypto"
import { Effect, Redacted } from "effect"
import { calculateJwkThumbprint, exportJWK, importPKCS8 } from "jose"
import * as oauth from "oauth4webapi"
import type { Environment } from "../pipeline/environment.ts"
import type { OAuthClient } from "../plan.ts"
import { PlanUnusable } from "../start-failure.ts"

/** A request that names no client: some token endpoints know us by the token that we show. */
const nobody: oauth.ClientAuth = () => {}

/** Fails when the secret is missing or is no key. */
export const clientAuthentication = Effect.fnUntraced(function* (
  client: OAuthClient | undefined,
  { secrets, path }: Pick<Environment, "secrets" | "path">,
): Effect.fn.Return<oauth.ClientAuth, PlanUnusable> {
  if (client === undefined) return nobody
  if (client.authentication === "none") return oauth.None()
  const ref = client.secret
  if (ref === undefined) {
    return yield* new PlanUnusable({ path, detail: `the client ${client.id} has no secret to authenticate with` })
  }
  const secret = yield* Effect.mapError(
    secrets.get(ref),
    () => new PlanUnusable({ path, detail: `there is no secret ${ref.name}/${ref.key}` }),
  )
  switch (client.authentication) {
    case "client_secret_basic":
      return oauth.ClientSecretBasic(Redacted.value(secret))
    case "client_secret_post":
      return oauth.ClientSecretPost(Redacted.value(secret))
    case "private_key_jwt": {
      const key = yield* Effect.tryPromise({
        try: () => signingKey(Redacted.value(secret)),
        catch: () =>
          new PlanUnusable({
            path,
            detail: `the secret ${ref.name}/${ref.key} is no private key (PKCS #8 PEM of RSA, EC P-256 or Ed25519)`,
          }),
      })
      return oauth.PrivateKeyJwt(key)
    }
  }
})

/** `kid` is the key's thumbprint (RFC 7638), which is what a key is registered by where nobody says otherwise. */
const signingKey = async (pem: string): Promise<oauth.PrivateKey> => {
  const object = createPrivateKey(pem)
  const algorithm = algorithms[object.asymmetricKeyType ?? ""]
  if (algorithm === undefined) throw new Error("a key of another kind")
  const pkcs8 = object.export({ type: "pkcs8", format: "pem" }).toString()
  const key = await importPKCS8(pkcs8, algorithm, { extractable: true })
  return { key, kid: await calculateJwkThumbprint(await exportJWK(key)) }
}

const algorithms: Readonly<Record<string, string>> = { rsa: "RS256", ec: "ES256", ed25519: "Ed25519" }
