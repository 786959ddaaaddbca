/**
 * Fields of a construct: a value type, whether it must be said, and its doc. The TypeScript type of a checked block is
 * inferred from its field declarations, and the same declarations are what hover, completion and the docs enumerate.
 *
 * @module
 */
import type { Expression, Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Value } from "../check/value.ts"
import { at, type Located } from "../source/source.ts"

/** Values that are worth offering where others may be right too, and what each one is. */
export type KnownValues = Readonly<Record<string, string>>

/** What a value is made of, for completion and docs. */
export type Structure =
  /** `of`: what it is computed to, where that is one kind; durations are seconds, sizes bytes. */
  | { readonly kind: "scalar"; readonly of?: Value["kind"]; readonly known?: KnownValues }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly item: ValueType<unknown> }
  | { readonly kind: "block"; readonly fields: FieldDeclarations }
  | { readonly kind: "map"; readonly value: ValueType<unknown> }
  /** `login_claim`: a claim of a login at a provider, `corp.id_token.groups`. */
  | { readonly kind: "name"; readonly of: "provider" | "server" | "token" | "claim" | "login_claim" }
  /** `match … { … }`, or what an arm of it results in. */
  | { readonly kind: "rules" }

/** A type of values: its name in the reader's words, its structure, and how an expression is checked to be one. */
export interface ValueType<T> {
  /** With its bounds, as a message says it after "expected": `a duration from 15m to 12h`. */
  readonly label: string
  readonly structure: Structure
  /** The value, or `undefined` after reporting why it is none. Reports nothing that only follows from another error. */
  readonly check: (expression: Expression, scope: Scope) => T | undefined
}

/** `required`: must be said. `optional`: `undefined` when unsaid. `default`: has a value when unsaid. */
export interface Field<T, Presence extends "required" | "optional" | "default" = "required" | "optional" | "default"> {
  readonly type: ValueType<T>
  readonly presence: Presence
  /** The value when unsaid; parts of it are placed at `span`, that of the block it is missing from. */
  readonly fallback: ((span: Span) => T) | undefined
  /** One or two plain sentences; says the unit. */
  readonly doc: string
  /** As written in a file. */
  readonly example: string
}

export type FieldDeclarations = Readonly<Record<string, Field<unknown>>>

/** The checked values of a block with these fields. */
export type Fields<F extends FieldDeclarations> = {
  readonly [K in keyof F]: F[K] extends Field<infer T, infer P>
    ? "optional" extends P
      ? Located<T> | undefined
      : Located<T>
    : never
}

interface Description {
  readonly doc: string
  readonly example: string
}

export const required = <T>(type: ValueType<T>, description: Description): Field<T, "required"> => ({
  type,
  presence: "required",
  fallback: undefined,
  ...description,
})

export const optional = <T>(type: ValueType<T>, description: Description): Field<T, "optional"> => ({
  type,
  presence: "optional",
  fallback: undefined,
  ...description,
})

export const withDefault = <T>(type: ValueType<T>, fallback: T, description: Description): Field<T, "default"> => ({
  type,
  presence: "default",
  fallback: () => fallback,
  ...description,
})

/** A block that may be left out because each of its own fields may: unsaid, it is as if it were empty. */
export const section = <F extends FieldDeclarations>(
  block: ValueType<Fields<F>> & { readonly fields: F },
  description: Description,
): Field<Fields<F>, "default"> => ({
  type: block,
  presence: "default",
  fallback: (span) => unsaid(block.fields, span),
  ...description,
})

/** The values of fields none of which is said. Only for fields that need not be. */
const unsaid = <F extends FieldDeclarations>(fields: F, span: Span): Fields<F> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.fallback && at(span, field.fallback(span))]),
  ) as Fields<F>
