/**
 * The keys of an authorization server: what signs its tokens, and what signs its cookies.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, type webcrypto } from "node:crypto"
import { Effect, Redacted } from "effect"
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTVerifyGetKey,
} from "jose"
import type { AuthServer, SecretRef } from "../plan.ts"
import { Secrets } from "../secrets.ts"
import { deriveKey, type Roots } from "./root-secrets.ts"
import { SigningKeysMissing, SigningKeyUnusable } from "./start-failure.ts"

/** A private JWK with the three members every one of our keys has. */
export interface SigningKey extends JWK {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly alg: string
  readonly use: "sig"
}

export interface SigningKeys {
  /** Signs every new token; not always the same, see key-publication.ts. */
  readonly current: SigningKey
  /** All of them, private: the current one first, then those that still verify. */
  readonly all: readonly SigningKey[]
  /** Looks up the public key of a token of ours. */
  readonly verify: JWTVerifyGetKey
  readonly algorithms: readonly string[]
}

/** Fails with SigningKeyUnusable, SigningKeysMissing or SecretMissing. */
export const signingKeys = Effect.fn("AuthServer.signingKeys")(function* (config: AuthServer, ephemeral: boolean) {
  if (config.keys.length === 0 && !ephemeral) {
    return yield* new SigningKeysMissing({
      server: config.name,
      reason:
        "name its signing keys in `keys`; ephemeral keys are for the sandbox, where tokens may die with the process",
    })
  }
  const all: SigningKey[] = []
  for (const ref of config.keys) {
    const key = yield* readKey(config.name, ref)
    if (all.some(({ kid }) => kid === key.kid)) {
      return yield* new SigningKeyUnusable({ server: config.name, ref, reason: "it is the same key as one before it" })
    }
    all.push(key)
  }
  if (all.length === 0) all.push(yield* Effect.promise(ephemeralKey))
  const [current] = all
  if (current === undefined) return yield* Effect.die("no signing key")
  return {
    current,
    all,
    verify: createLocalJWKSet({ keys: all.map(publicPart) }),
    algorithms: [...new Set(all.map(({ alg }) => alg))],
  } satisfies SigningKeys
})

const readKey = Effect.fnUntraced(function* (server: string, ref: SecretRef) {
  const pem = yield* (yield* Secrets).get(ref)
  const unusable = (reason: string) => new SigningKeyUnusable({ server, ref, reason })
  const key = yield* Effect.try({
    try: () => createPrivateKey({ key: Redacted.value(pem), format: "pem" }),
    // OpenSSL's message may quote what it could not read, so it is not passed on.
    catch: () => unusable("it is not an unencrypted private key in PEM (PKCS #8, PKCS #1 or SEC 1)"),
  })
  const kind = keyKind(key)
  if ("reason" in kind) return yield* unusable(kind.reason)
  return yield* Effect.promise(() => asJwk(key, kind.alg))
})

/** RFC 7518 section 3.1 and RFC 8037; RSA below 2048 bits is refused there too (section 3.3). */
const keyKind = (key: KeyObject): { readonly alg: string } | { readonly reason: string } => {
  const details = key.asymmetricKeyDetails
  switch (key.asymmetricKeyType) {
    case "ec":
      if (details?.namedCurve === "prime256v1") return { alg: "ES256" }
      if (details?.namedCurve === "secp384r1") return { alg: "ES384" }
      return { reason: "its curve is neither P-256 nor P-384" }
    case "rsa": {
      const bits = details?.modulusLength ?? 0
      return bits >= 2048 ? { alg: "RS256" } : { reason: `it is an RSA key of ${bits} bits; 2048 is the least` }
    }
    case "ed25519":
      return { alg: "EdDSA" }
    default:
      return { reason: "it is neither EC (P-256, P-384), RSA (2048 bits or more) nor Ed25519" }
  }
}

const ephemeralKey = async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true })
  return asJwk(privateKey, "ES256")
}

const asJwk = async (key: KeyObject | webcrypto.CryptoKey, alg: string): Promise<SigningKey> => {
  const jwk = await exportJWK(key)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: "sig" }
}

const publicPart = ({ kty, kid, alg, use, crv, x, y, n, e }: SigningKey): JWK =>
  Object.fromEntries(
    Object.entries({ kty, kid, alg, use, crv, x, y, n, e }).filter(([, value]) => value !== undefined),
  ) as JWK

/** Keys that sign the server's cookies, newest first. */
export const cookieKeys = (roots: Roots, issuer: string): readonly string[] =>
  roots.map((root) => deriveKey(root, "cookies", issuer).toString("base64url"))
