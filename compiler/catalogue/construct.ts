/**
 * The shape of a catalogue entry: what a declaration or a stage is, in one place.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { CredentialOf, CredentialTag } from "./credential.ts"
import type { FieldDeclarations, Fields, ValueType } from "./field.ts"

/** What every checked declaration has. */
export interface Declared<Kind extends string, F extends FieldDeclarations> {
  readonly kind: Kind
  readonly name: Located<string>
  readonly doc: string | undefined
  readonly span: Span
  readonly fields: Fields<F>
}

/** `keyword name = kind { fields }` */
export interface DeclarationConstruct<Kind extends string, F extends FieldDeclarations, Checked> {
  readonly keyword: string
  readonly kind: Kind
  readonly doc: string
  readonly fields: F
  /** The checks that need more than one field, and what follows from the fields. */
  readonly complete: (declared: Declared<Kind, F>, scope: Scope) => Checked | undefined
}

/** `keyword kind { fields }`: what one engine is told. Each field may be left out. */
export interface DeploymentConstruct<Kind extends string, F extends FieldDeclarations> {
  readonly keyword: "deploy"
  readonly kind: Kind
  readonly doc: string
  readonly fields: F
}

/** What was said of a deployment. `span` is the block nearest to the flow. */
export interface Deployed<F extends FieldDeclarations> {
  readonly span: Span
  readonly fields: Fields<F>
}

/** How the operand after the verb is read: it names the kind, names a declaration whose kind selects the stage, or is a value. */
export type Operand<T> =
  | { readonly by: "kind"; readonly name: string }
  | { readonly by: "declaration"; readonly of: string }
  /** `example`: as written in a file. */
  | { readonly by: "value"; readonly type: ValueType<T>; readonly example: string }

/** A checked stage with the credentials that go in and come out. */
export interface CheckedStage<
  Kind extends string,
  T,
  F extends FieldDeclarations,
  In extends CredentialTag,
  Out extends CredentialTag,
> {
  readonly kind: Kind
  readonly doc: string | undefined
  readonly span: Span
  readonly operand: Located<T>
  readonly fields: Fields<F>
  readonly input: CredentialOf<In>
  readonly output: CredentialOf<Out>
}

/** `verb operand { fields }` */
export interface StageConstruct<
  Kind extends string,
  T,
  F extends FieldDeclarations,
  In extends CredentialTag,
  Out extends CredentialTag,
> {
  readonly verb: string
  /** Selects the stage's lowering in each target and its file in runtime/stages. */
  readonly kind: Kind
  readonly doc: string
  readonly operand: Operand<T>
  readonly fields: F
  /** Each one is enough. */
  readonly consumes: readonly In[]
  readonly produces: Out
  /** The credential that comes out, after the checks that need more than one field. `undefined` after reporting. */
  readonly type: (
    stage: Omit<CheckedStage<Kind, T, F, In, Out>, "output">,
    scope: Scope,
  ) => CredentialOf<Out> | undefined
}
