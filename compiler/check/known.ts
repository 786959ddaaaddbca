/**
 * What is known of a file while it is being written, whatever is wrong with it: for who helps to write it.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Credential, CredentialTag } from "../catalogue/credential.ts"
import type { StageKind } from "../catalogue/index.ts"
import type { Scope } from "./scope.ts"

/** A stage as written. */
export interface KnownStage {
  readonly stage: Ast.Stage
  /** `undefined` where there is no such stage. */
  readonly kind: StageKind | undefined
  /** What its values are checked in. */
  readonly scope: Scope
  /** What comes to it, and what it makes, as far as the stages before it say so; `undefined` after one of no known kind. */
  readonly before: CredentialTag | undefined
  readonly after: CredentialTag | undefined
  /** The credentials themselves, where what makes them is sound. */
  readonly input: Credential | undefined
  readonly output: Credential | undefined
}

export interface KnownFlow {
  readonly item: Ast.Flow
  /** Without what engines are told. */
  readonly stages: readonly KnownStage[]
}

export interface Known {
  /** What names mean in the file. */
  readonly scope: Scope
  readonly flows: readonly KnownFlow[]
}
