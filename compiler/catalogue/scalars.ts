/**
 * Whole numbers and switches.
 *
 * @module
 */
import type { ValueType } from "./field.ts"
import { scalar } from "./values.ts"

/** A whole number within the bounds. */
export const integer = ({ min, max }: { readonly min: number; readonly max: number }): ValueType<number> => {
  const label = `a number from ${min} to ${max}`
  return scalar("number", label, (value, { span }, scope) => {
    if (value >= min && value <= max) return value
    scope.report("AF0305", span, { found: String(value), bounds: label })
    return undefined
  })
}

/** `true` or `false`, `on` or `off`. */
export const flag: ValueType<boolean> = scalar("boolean", "`true` or `false`", (value) => value)
