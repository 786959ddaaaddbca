/**
 * A made-up value for every secret a plan names, of the kind its use asks for. They live in memory and die with the scope.
 *
 * @module
 */
import { generateKeyPair, randomBytes } from "node:crypto"
import { promisify } from "node:util"
import { Effect, Redacted } from "effect"
import { secretRefs } from "../plan/secret-refs.ts"
import type { Plan, SecretRef } from "../plan.ts"
import { SecretMissing, type Secrets } from "../secrets.ts"

const generateKeys = promisify(generateKeyPair)

/** Secrets by reference. A reference the plan does not name is missing here as it would be anywhere. */
export const generateSecrets = Effect.fn("Sandbox.generateSecrets")(function* (plan: Plan) {
  const values = new Map<string, Redacted.Redacted<string>>()
  const put = (ref: SecretRef, value: string) => values.set(secretName(ref), Redacted.make(value))

  for (const ref of secretRefs(plan)) put(ref, randomBytes(32).toString("base64url"))
  for (const { keys } of plan.servers) for (const ref of keys) put(ref, yield* Effect.promise(signingKey))

  const get: Secrets["Service"]["get"] = (ref) => {
    const value = values.get(secretName(ref))
    return value === undefined
      ? Effect.fail(new SecretMissing({ ref, looked: ["the sandbox's generated secrets"] }))
      : Effect.succeed(value)
  }
  return { get, names: [...values.keys()] }
})

/** `name/key`, as it is shown to people. */
export const secretName = ({ name, key }: SecretRef): string => `${name}/${key}`

/** A new ES256 private key as PKCS #8 PEM. */
const signingKey = async (): Promise<string> => {
  const { privateKey } = await generateKeys("ec", { namedCurve: "P-256" })
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString()
}
