/**
 * `authflow keys new`: makes a private key for `keys` of an authorization server.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { result } from "./terminal.ts"

/** JWS algorithms (RFC 7518, RFC 8037) of the keys that an authorization server can sign with. */
const algorithms = ["ES256", "ES384", "RS256", "EdDSA"] as const

const alg = Flag.Literals("alg", algorithms).pipe(
  Flag.withDefault("ES256"),
  Flag.withDescription("What it signs with: ES256 unless said otherwise; RS256 for verifiers that know nothing else"),
)

const fresh = Command.make("new", { alg }, (given) => Effect.suspend(() => result(newKey(given.alg)))).pipe(
  Command.withDescription("Print a new private key (PEM, PKCS #8)"),
  Command.withExamples([
    { command: "authflow keys new > secrets/gate-keys/2026", description: 'For secret("gate-keys", key: "2026")' },
  ]),
)

export const keys = Command.make("keys").pipe(
  Command.withDescription("Make signing keys of authorization servers"),
  Command.withSubcommands([fresh]),
)

const newKey = (algorithm: (typeof algorithms)[number]): string => {
  const { generateKeyPairSync } = process.getBuiltinModule("node:crypto")
  const pem = { type: "pkcs8", format: "pem" } as const
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pem).toString()
    case "ES384":
      return generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export(pem).toString()
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem).toString()
    case "EdDSA":
      return generateKeyPairSync("ed25519").privateKey.export(pem).toString()
  }
}
