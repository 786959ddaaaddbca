/**
 * `secret("name", key: "key")`: the only way a secret gets into a file. A reference, never a value.
 *
 * @module
 */
import type { ValueType } from "./field.ts"

/** As in a Kubernetes Secret: `name` of the object, `key` within it. */
export interface SecretRef {
  readonly name: string
  readonly key: string
}

export const secret: ValueType<SecretRef> = {
  label: "a secret reference",
  structure: { kind: "scalar" },
  check: () => undefined,
}
