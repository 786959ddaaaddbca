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
import { makeApiKey } from "../resource-server/api-key.ts"
import { SecretMissing, type Secrets } from "../secrets.ts"
import { UNUSABLE_AUTHORITY } from "./authority.ts"

const generateKeys = promisify(generateKeyPair)

/** Secrets by reference, and the API keys of the people of these ids, by the ref of their secret. A reference the plan does not name is missing here as it would be anywhere. */
export const generateSecrets = Effect.fn("Sandbox.generateSecrets")(function* (plan: Plan, people: readonly string[]) {
  const values = new Map<string, Redacted.Redacted<string>>()
  const put = (ref: SecretRef, value: string) => values.set(secretName(ref), Redacted.make(value))

  for (const ref of secretRefs(plan)) put(ref, randomBytes(32).toString("base64url"))
  for (const { keys } of plan.servers) for (const ref of keys) put(ref, yield* Effect.promise(signingKey))

  const apiKeys = new Map<string, ReadonlyMap<string, string>>()
  for (const stage of plan.flows.flatMap(({ stages }) => stages)) {
    if (stage.kind === "identify.client_certificates") put(stage.ca, UNUSABLE_AUTHORITY)
    for (const ref of stage.kind === "identify.api_keys" ? stage.keys : []) {
      if (apiKeys.has(secretName(ref))) continue
      const made = people.flatMap((id) => {
        const key = makeApiKey(id)
        return key === undefined ? [] : [{ id, ...key }]
      })
      put(ref, made.map(({ line }) => line).join("\n"))
      apiKeys.set(secretName(ref), new Map(made.map(({ id, key }) => [id, key])))
    }
  }

  const get: Secrets["Service"]["get"] = (ref) => {
    const value = values.get(secretName(ref))
    return value === undefined
      ? Effect.fail(new SecretMissing({ ref, looked: ["the sandbox's generated secrets"] }))
      : Effect.succeed(value)
  }
  return { get, names: [...values.keys()], apiKeys }
})

/** `name/key`, as it is shown to people. */
export const secretName = ({ name, key }: SecretRef): string => `${name}/${key}`

/** A new ES256 private key as PKCS #8 PEM. */
const signingKey = async (): Promise<string> => {
  const { privateKey } = await generateKeys("ec", { namedCurve: "P-256" })
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString()
}
