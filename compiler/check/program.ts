/**
 * The checked program, the typed IR that targets lower. Whatever is in it has been proved: names are resolved to what they
 * name, values are within their bounds, each flow's credentials compose. A target never validates it again; it only says
 * what it cannot run.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Deployments, StageKind, StageOf, stages } from "../catalogue/index.ts"
import type { ObservationName, Observed } from "../catalogue/observation.ts"
import type { Provider } from "../catalogue/provider.ts"
import type { Places } from "../source/places.ts"
import type { Located } from "../source/source.ts"
import type { ParamValue } from "./value.ts"

export interface Program {
  /** The file, as the user named it. */
  readonly uri: string
  readonly text: string
  /** Where its spans are: some are in files that it imports. For targets that point back at lines. */
  readonly places: Places
  readonly params: readonly Param[]
  readonly providers: readonly Provider[]
  readonly servers: readonly AuthServer[]
  /** In the file's order. */
  readonly flows: readonly [Flow, ...Flow[]]
  /** In the file's order. No target lowers them. */
  readonly tests: readonly Test[]
}

export interface Param {
  readonly name: Located<string>
  readonly doc: string | undefined
  readonly type: string
  readonly span: Span
  readonly value: ParamValue
}

/** The way of a request: the first stage says who calls, the last one sends. */
export interface Flow {
  readonly name: Located<string>
  readonly doc: string | undefined
  readonly span: Span
  /** Public URL of the protected resource; also its RFC 8707 resource identifier. */
  readonly url: Located<string>
  readonly stages: readonly [Identify, ...Middle[], Forward]
  /** What each engine is told of where and how it runs. */
  readonly deployed: Deployments
}

/** `test "…" { … }`: a caller, and what is to come of it. */
export interface Test {
  readonly title: Located<string>
  readonly doc: string | undefined
  readonly span: Span
  readonly given: Given
  readonly expectations: readonly [Expectation, ...Expectation[]]
}

/** A caller. With neither claims nor scopes, its request carries no token. */
export interface Given {
  /** JSON values by name. */
  readonly claims: Readonly<Record<string, unknown>> | undefined
  readonly scopes: readonly string[] | undefined
  /** By name as written. */
  readonly headers: Readonly<Record<string, string>>
}

/** `expect flow.what == value` */
export interface Expectation {
  readonly span: Span
  readonly flow: Flow
  readonly what: ObservationName
  /** Lower-case name, for `upstream`. */
  readonly header: string | undefined
  readonly operator: "==" | "!="
  readonly value: Observed
}

type Consuming<Tag> = { [K in StageKind]: (typeof stages)[K]["consumes"][number] extends Tag ? K : never }[StageKind]
type Producing<Tag> = { [K in StageKind]: (typeof stages)[K]["produces"] extends Tag ? K : never }[StageKind]

/** Stages that need no credential, those that need nothing after them, and all others, as the catalogue says it. */
export type Identify = StageOf<Consuming<"Caller">>
export type Forward = StageOf<Producing<"Answer">>
export type Middle = StageOf<Exclude<StageKind, Identify["kind"] | Forward["kind"]>>
export type Stage = Flow["stages"][number]
