/**
 * The checked program, the typed IR that targets lower. Whatever is in it has been proved: names are resolved to what they
 * name, values are within their bounds, each flow's credentials compose. A target never validates it again; it only says
 * what it cannot run.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { StageOf } from "../catalogue/index.ts"
import type { Provider } from "../catalogue/oidc.ts"
import type { Located } from "../source/source.ts"
import type { ParamValue } from "./value.ts"

export interface Program {
  /** The file, as the user named it. */
  readonly uri: string
  /** Its text, for targets that point back at lines. */
  readonly text: string
  readonly params: readonly Param[]
  readonly providers: readonly Provider[]
  readonly servers: readonly AuthServer[]
  /** In the file's order. */
  readonly flows: readonly [Flow, ...Flow[]]
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
}

export type Identify = StageOf<"identify.auth_server" | "identify.oidc">
export type Middle = StageOf<"aws.sts" | "aws.sigv4">
export type Forward = StageOf<"forward">
export type Stage = Flow["stages"][number]
