/**
 * Values of an engine's own configuration that authflow has no word for: JSON, with places. What they mean is checked against
 * the engine's schema, which the compiler does not ship.
 *
 * @module
 */
import type { Expression } from "../../grammar/ast.ts"
import { withoutDuplicates, writtenInMap } from "../check/block.ts"
import { evaluate } from "../check/evaluate.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import { at, type Located } from "../source/source.ts"
import type { ValueType } from "./field.ts"
import { secret } from "./secret.ts"
import { mismatch } from "./values.ts"

export type Verbatim = string | number | boolean | readonly Verbatim[] | VerbatimMap

/** A map with the place of each value. The keys are the engine's own. */
export interface VerbatimMap {
  readonly entries: ReadonlyMap<string, Located<Verbatim>>
}

export const isVerbatimMap = (value: Verbatim): value is VerbatimMap =>
  typeof value === "object" && !Array.isArray(value)

const LABEL = "a string, a number, `true` or `false`, a list, a map or a secret reference"

const check = (expression: Expression, scope: Scope): Verbatim | undefined => {
  if (expression.kind === "MapLiteral") return verbatimMap.check(expression, scope)
  if (expression.kind === "ListLiteral") {
    const items = expression.items.map((item) => check(item, scope))
    const whole = items.filter((item) => item !== undefined)
    return whole.length === items.length ? whole : undefined
  }
  if (expression.kind === "Call" && expression.callee.text === "secret") {
    const reference = secret.check(expression, scope)
    const { span } = expression
    return (
      reference && {
        entries: new Map([
          ["name", at(span, reference.name)],
          ["key", at(span, reference.key)],
        ]),
      }
    )
  }
  const value = evaluate(expression, scope)
  if (value === BROKEN) return undefined
  // Durations and sizes are written otherwise by each engine: what is meant verbatim is a string.
  if (value === undefined || value.kind === "duration" || value.kind === "size")
    return mismatch(expression, LABEL, scope)
  return value.value
}

/** `{ resources: { limits: { memory: "256Mi" } } }` */
export const verbatimMap: ValueType<VerbatimMap> = {
  label: "a map of the engine's own fields",
  structure: { kind: "scalar" },
  check: (expression, scope) => {
    if (expression.kind !== "MapLiteral") return mismatch(expression, verbatimMap.label, scope)
    const written = withoutDuplicates(writtenInMap(expression), scope)
    const checked = written.map(({ name, value }) => [name, value.span, check(value, scope)] as const)
    const entries = checked.flatMap(([name, span, value]) =>
      value === undefined ? [] : [[name, at(span, value)] as const],
    )
    return entries.length === expression.entries.length ? { entries: new Map(entries) } : undefined
  },
}
