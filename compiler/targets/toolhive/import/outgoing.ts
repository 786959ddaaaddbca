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
import type { Draft, Said } from "./draft.ts"
import { bearerToken, headerInjection, passedOn, unauthenticated, upstreamInject } from "./inject.ts"
import { obo } from "./obo.ts"
import type { Resource } from "./resource.ts"
import type { Asking } from "./role-rules.ts"
import type { Origin } from "./syntax.ts"
import { tokenExchange } from "./token-exchange.ts"
import type { Tree } from "./tree.ts"
import { xaa } from "./xaa.ts"

/** Who a flow's callers are, as far as the outgoing side has to know it. */
export interface Incoming {
  /** They bring tokens of an embedded server of ours. */
  readonly embedded: boolean
  /** The workload can be told which login's token is the subject. */
  readonly chooses: boolean
  /** The ways the mappings of roles can ask for scopes. */
  readonly askings: readonly Asking[]
}

/** Names that the stages refer to. */
export interface Subject {
  /** The provider whose access token is shown when nothing else is said. */
  readonly provider: string
  /** The provider that stands for an upstream of the embedded server, by its name there. */
  readonly upstream: (name: string) => string
}

export interface Outgoing {
  readonly stages: (subject: Subject) => readonly Stage[]
  /** What the target calls the object, when there is one. */
  readonly compiled: ((flow: string) => string) | undefined
  /** An access token of a login is shown to others, who have to be able to verify it: of this upstream, or of the first. */
  readonly token: { readonly origin: Origin; readonly upstream: string | undefined } | undefined
  readonly claims: ReadonlyMap<string, { readonly type: ClaimType; readonly origin: Origin | undefined }>
  /** The scopes that callers must have, where the configuration says them. */
  readonly scopes: readonly Said<string>[] | undefined
  readonly equivalent: ReadonlySet<Tree>
  /** The vendor's enterprise build has to run it. */
  readonly enterprise?: boolean
}

export type ImportOutgoing = (draft: Draft, config: Resource, incoming: Incoming) => Outgoing | undefined

/** Stages that ask nothing of what comes before them. */
export const plain = (stages: Outgoing["stages"], compiled: Outgoing["compiled"] = outgoingName): Outgoing => ({
  stages,
  compiled,
  token: undefined,
  claims: new Map(),
  scopes: undefined,
  equivalent: new Set(),
})

interface Type {
  /** The stages it becomes; while the catalogue lacks one, it is not carried. */
  readonly kinds: readonly string[]
  readonly import: ImportOutgoing
}

/** By `spec.type`. */
const types: Readonly<Record<string, Type>> = {
  awsSts: { kinds: ["aws.sts", "aws.sigv4"], import: importAwsSts },
  bearerToken: { kinds: ["inject.bearer"], import: bearerToken },
  headerInjection: { kinds: ["inject.header"], import: headerInjection },
  tokenExchange: { kinds: ["token_exchange"], import: tokenExchange },
  unauthenticated: { kinds: ["inject.none"], import: unauthenticated },
  upstreamInject: { kinds: ["inject.token"], import: upstreamInject },
  obo: { kinds: ["obo"], import: obo },
  xaa: { kinds: ["xaa"], import: xaa },
}

const known: ReadonlySet<string> = new Set(Object.keys(catalogue))

export const outgoingOf = (type: string): ImportOutgoing | undefined => {
  const found = types[type]
  return found?.kinds.every((kind) => known.has(kind)) === true ? found.import : undefined
}

/** The stages of a proxy that refers to no outgoing configuration. */
export const noOutgoing = (incoming: Incoming): Outgoing => passedOn(incoming)
