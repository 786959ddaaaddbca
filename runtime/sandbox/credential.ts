/**
 * What a program of a person's sends to a flow whose callers do not log in.
 *
 * @module
 */
import type { Flow } from "../plan.ts"
import { accountFor, type TokenOf } from "./cluster.ts"
import { secretName } from "./generated-secrets.ts"

/** Headers. `refused`: the sandbox has nothing that the flow takes, and the flow has to say so. */
export interface ProgramCredential {
  readonly headers: Readonly<Record<string, string>>
  readonly refused: boolean
}

/** `undefined`: people log in there. */
export type CredentialOf = (flow: Flow, person: string) => Promise<ProgramCredential | undefined>

/** `apiKeys`: by secret and person; `tokens`: by issuer of a cluster. */
export const credentialOf =
  (apiKeys: ReadonlyMap<string, ReadonlyMap<string, string>>, tokens: ReadonlyMap<string, TokenOf>): CredentialOf =>
  async ({ stages: [identify] }, person) => {
    switch (identify.kind) {
      case "identify.anonymous":
        return { headers: {}, refused: false }
      case "identify.client_certificates":
        return { headers: {}, refused: true }
      case "identify.api_keys": {
        const key = apiKeys.get(secretName(identify.keys[0]))?.get(person)
        if (key === undefined) return { headers: {}, refused: true }
        const { header } = identify
        const value = header.toLowerCase() === "authorization" ? `Bearer ${key}` : key
        return { headers: { [header]: value }, refused: false }
      }
      case "identify.service_accounts": {
        const { cluster, audience } = identify
        const token = await tokens.get(cluster.issuer)?.(accountFor(cluster, person), audience)
        if (token === undefined) return { headers: {}, refused: true }
        return { headers: { authorization: `Bearer ${token}` }, refused: false }
      }
      default:
        return undefined
    }
  }
