/**
 * A Cedar policy as a value: a string of which the policy language says the shape.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import { evaluateText } from "../../check/evaluate.ts"
import { BROKEN } from "../../check/scope.ts"
import type { ValueType } from "../field.ts"
import { mismatch } from "../values.ts"
import { type CedarPolicy, readPolicies } from "./policy.ts"
import { inCedar } from "./tokens.ts"

/** One policy; `text` is Cedar's, `place` tells where each character was written. */
export interface WrittenPolicy extends CedarPolicy {
  readonly text: string
  readonly place: (start: number, end: number) => Span
}

export const cedarPolicy: ValueType<WrittenPolicy> = {
  label: "a Cedar policy (a string)",
  structure: { kind: "scalar", of: "string" },
  check: (expression, scope) => {
    if (expression.kind !== "StringTemplate") return mismatch(expression, cedarPolicy.label, scope)
    const written = evaluateText(expression, scope)
    if (written === BROKEN) return undefined
    const { text, place } = written
    const read = readPolicies(text)
    if ("reason" in read) {
      scope.report("AF1301", place(read.start, read.end), {
        reason: read.reason,
      })
      return undefined
    }
    const [policy, ...more] = read
    if (policy === undefined || more.length > 0) {
      scope.report("AF1302", expression.span, { count: read.length })
      return undefined
    }
    return { ...policy, text: inCedar(text), place }
  },
}
