/**
 * `inject …` from the types bearerToken, headerInjection, upstreamInject and unauthenticated.
 *
 * @module
 */
import { quoted } from "./draft.ts"
import { type ImportOutgoing, type Incoming, type Outgoing, plain } from "./outgoing.ts"
import { from, reference, stage, word } from "./syntax.ts"

export const bearerToken: ImportOutgoing = (draft, config) => {
  const token = draft.secret(config, draft.at(config.spec, "bearerToken", "tokenSecretRef"))
  return token && plain(() => [stage("inject", word("bearer"), { token })])
}

export const headerInjection: ImportOutgoing = (draft, config) => {
  const name = draft.text(config, config.spec, "headerInjection", "headerName")
  const value = draft.secret(config, draft.at(config.spec, "headerInjection", "valueSecretRef"))
  if (name === undefined || value === undefined) return undefined
  return plain(() => [stage("inject", word("header"), { name: quoted(name), value })])
}

export const upstreamInject: ImportOutgoing = (draft, config) => {
  const name = draft.text(config, config.spec, "upstreamInject", "providerName")
  if (name === undefined) return undefined
  return plain(({ upstream }) => [
    stage("inject", word("token"), { token: from(name.origin, reference(upstream(name.value), "access_token")) }),
  ])
}

export const unauthenticated: ImportOutgoing = () => plain(() => [stage("inject", word("none"))])

/**
 * A proxy passes on the token that it holds, which is the caller's own, or, behind an embedded server, the access token of the
 * login.
 */
export const passedOn = ({ embedded }: Incoming): Outgoing => {
  const passthrough = embedded ? undefined : word("allowed")
  const passing: Outgoing["stages"] = ({ provider }) => [
    stage("inject", word("token"), { token: reference(provider, "access_token"), passthrough }),
  ]
  return { ...plain(passing), compiled: undefined }
}
