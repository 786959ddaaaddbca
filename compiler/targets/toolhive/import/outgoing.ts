/**
 * What the upstream is shown, from the MCPExternalAuthConfig that a workload refers to: one entry a type.
 *
 * @module
 */
import type { Stage } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { stages as catalogue } from "../../../catalogue/index.ts"
import { outgoingName } from "../names.ts"
import { importAwsSts } from "./aws-sts.ts"
import { type Draft, quoted, quotedList, type Said } from "./draft.ts"
import type { Resource } from "./resource.ts"
import type { Asking } from "./role-rules.ts"

import { type Origin, stage, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** Who a flow's callers are, as far as the outgoing side has to know it. */
export interface Incoming {
  /** They bring tokens of an embedded server of ours. */
  readonly embedded: boolean
  /** The ways the mappings of roles can ask for scopes. */
  readonly askings: readonly Asking[]
}

/** Names that the stages refer to. */
export interface Subject {
  /** The provider whose access token the upstream, or who gives a credential for it, is shown. */
  readonly provider: string
}

export interface Outgoing {
  readonly stages: (subject: Subject) => readonly Stage[]
  /** What the target calls the object, when it is named after the flow. */
  readonly compiled: ((flow: string) => string) | undefined
  /** The upstream is shown an access token that others can verify. */
  readonly token: { readonly origin: Origin } | undefined
  readonly claims: ReadonlyMap<string, { readonly type: ClaimType; readonly origin: Origin | undefined }>
  /** The scopes that callers must have, where the configuration says them. */
  readonly scopes: readonly Said<string>[] | undefined
  readonly equivalent: ReadonlySet<Tree>
}

export type ImportOutgoing = (draft: Draft, config: Resource, incoming: Incoming) => Outgoing | undefined

const plain = (stages: Outgoing["stages"], compiled: Outgoing["compiled"] = outgoingName): Outgoing => ({
  stages,
  compiled,
  token: undefined,
  claims: new Map(),
  scopes: undefined,
  equivalent: new Set(),
})

const bearerToken: ImportOutgoing = (draft, config) => {
  const token = draft.secret(config, draft.at(config.spec, "bearerToken", "tokenSecretRef"))
  return token && plain(() => [stage("inject", word("bearer"), { token })])
}

const headerInjection: ImportOutgoing = (draft, config) => {
  const name = draft.text(config, config.spec, "headerInjection", "headerName")
  const value = draft.secret(config, draft.at(config.spec, "headerInjection", "valueSecretRef"))
  if (name === undefined || value === undefined) return undefined
  return plain(() => [stage("inject", word("header"), { name: quoted(name), value })])
}

const SUBJECT_TOKEN_TYPE = /^(?:urn:ietf:params:oauth:token-type:)?(access_token|id_token|jwt)$/

const tokenExchange: ImportOutgoing = (draft, config) => {
  const tree = draft.at(config.spec, "tokenExchange")
  const url = draft.text(config, tree, "tokenUrl")
  const audience = draft.text(config, tree, "audience")
  const id = draft.text(config, tree, "clientId")
  const secret = draft.secret(config, draft.at(tree, "clientSecretRef"))
  const scopes = draft.texts(config, tree, "scopes")
  const type = draft.text(config, tree, "subjectTokenType")
  const [, kind] = SUBJECT_TOKEN_TYPE.exec(type?.value ?? "") ?? []
  const header = draft.text(config, tree, "externalTokenHeaderName")
  return plain(({ provider }) => [
    stage("exchange", word("token_exchange"), {
      subject: word(`${provider}.access_token`),
      token_url: url && quoted(url),
      audience: audience && quoted(audience),
      scopes: quotedList(scopes),
      client_id: id && quoted(id),
      client_secret: secret,
      subject_token_type: kind === undefined ? undefined : word(kind),
      header: header && quoted(header),
    }),
  ])
}

interface Type {
  /** The stages it needs; while the catalogue lacks one, it is not carried. */
  readonly kinds: readonly string[]
  readonly import: ImportOutgoing
}

/** By `spec.type`. */
const types: Readonly<Record<string, Type>> = {
  awsSts: { kinds: ["aws.sts", "aws.sigv4"], import: importAwsSts },
  bearerToken: { kinds: ["inject.bearer"], import: bearerToken },
  headerInjection: { kinds: ["inject.header"], import: headerInjection },
  tokenExchange: { kinds: ["token_exchange"], import: tokenExchange },
}

const known: ReadonlySet<string> = new Set(Object.keys(catalogue))

export const outgoingOf = (type: string): ImportOutgoing | undefined => {
  const found = types[type]
  return found?.kinds.every((kind) => known.has(kind)) === true ? found.import : undefined
}

/**
 * The stages of a proxy that refers to no outgoing configuration: it passes on the token that it holds, which is the caller's
 * own, or, behind an embedded server, the access token of the login.
 */
export const noOutgoing = ({ embedded }: Incoming): Outgoing | undefined =>
  known.has("inject.token")
    ? plain(
        ({ provider }) => [
          stage("inject", word("token"), {
            token: word(`${provider}.access_token`),
            passthrough: embedded ? undefined : word("allowed"),
          }),
        ],
        undefined,
      )
    : undefined
