/**
 * What a value is checked in: where to report, what the names mean, whose claims are at hand.
 *
 * @module
 */
import type { Expression } from "../../grammar/ast.ts"
import type { AuthServer } from "../catalogue/auth-server.ts"
import type { Callers } from "../catalogue/callers.ts"
import type { Principal, TokenType } from "../catalogue/credential.ts"
import type { Provider } from "../catalogue/provider.ts"
import type { Report } from "../diagnostics/report.ts"
import type { Located } from "../source/source.ts"
import type { Names } from "./names.ts"
import type { ParamValue } from "./value.ts"

/** A declaration that failed its own check: what refers to it is not reported again. */
export const BROKEN: unique symbol = Symbol("broken")
export type Broken = typeof BROKEN

export interface Scope {
  readonly report: Report
  readonly names: Names
  /** What names of parameters, and of constants that are no lists or maps, stand for. */
  readonly values: ReadonlyMap<string, ParamValue | Broken>
  /** Constants as expressions without names of other constants or parameters in them. */
  readonly constants: ReadonlyMap<string, Expression>
  /** The parameter or constant that is being evaluated. */
  readonly evaluating: string | undefined
  readonly providers: ReadonlyMap<string, Provider | Broken>
  readonly servers: ReadonlyMap<string, AuthServer | Broken>
  readonly callers: ReadonlyMap<string, Callers | Broken>
  /** The caller of the flow being checked. `undefined` outside of flows, and where `identify` failed. */
  readonly principal: Principal | undefined
  /** The token that the stage before this one makes; `undefined` where it makes none. */
  readonly exchanged: TokenType | Broken | undefined
  /** Public URL of the flow being checked. */
  readonly flowUrl: Located<string> | undefined
}
