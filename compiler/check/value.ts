/**
 * Values that can be computed from an expression at compile time.
 *
 * @module
 */

/** A value with its kind. Durations are seconds, sizes bytes. */
export type Value =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "duration"; readonly value: number }
  | { readonly kind: "size"; readonly value: number }

/** What a parameter or a constant stands for in this compilation. */
export interface ParamValue {
  readonly value: Value
  /** As it reads inside a string. */
  readonly text: string
  /** `given` on the command line or by an environment, the file's `default`, or a `sample` where neither was needed. */
  readonly source: "given" | "default" | "sample"
}
