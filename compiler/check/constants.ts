/**
 * Constants: `const NAME = …`, names for what is known when the file is compiled.
 *
 * A constant becomes an expression without names of other constants or parameters in it, so that it means the same wherever it
 * is used, in a file that imports it too.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { describe, evaluate, evaluateText, lookup } from "./evaluate.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"
import type { ParamValue } from "./value.ts"

/** What a constant stands for: a value, where it is one, and the expression that can stand in its place. */
export interface ConstantValue {
  readonly value: ParamValue | undefined
  readonly expression: Ast.Expression
}

/** BROKEN after reporting. */
export const checkConstant = (item: Ast.Constant, scope: Scope): ConstantValue | Broken => {
  const expression = closed(item.value, scope)
  if (expression === BROKEN) return BROKEN
  const value = evaluate(expression, scope)
  if (value === BROKEN) return BROKEN
  return { value: value && { value, text: textOf(expression, value), source: "default" }, expression }
}

/** As it reads inside a string: a duration or size as it was written. */
export const textOf = (expression: Ast.Expression, { value }: ParamValue["value"]): string =>
  expression.kind === "DurationLiteral" || expression.kind === "SizeLiteral" ? expression.text : String(value)

/** The expression with all names of constants and parameters replaced by what they stand for. */
export const closed = (expression: Ast.Expression, scope: Scope): Ast.Expression | Broken => {
  switch (expression.kind) {
    case "NumberLiteral":
    case "DurationLiteral":
    case "SizeLiteral":
      return expression
    case "Missing":
      return BROKEN
    case "StringTemplate": {
      const text = evaluateText(expression, scope)
      return text === BROKEN ? BROKEN : string(text.text, expression)
    }
    case "Reference":
      return named(expression, scope)
    case "ListLiteral": {
      const items = all(expression.items, (item) => closed(item, scope))
      return items === BROKEN ? BROKEN : { ...expression, items }
    }
    case "MapLiteral": {
      const entries = all(expression.entries, (entry) => {
        const value = closed(entry.value, scope)
        return value === BROKEN ? BROKEN : { ...entry, value }
      })
      return entries === BROKEN ? BROKEN : { ...expression, entries }
    }
    case "Call": {
      const args = all(expression.args, (argument) => {
        const value = closed(argument.value, scope)
        return value === BROKEN ? BROKEN : { ...argument, value }
      })
      return args === BROKEN ? BROKEN : { ...expression, args }
    }
    case "Match":
      scope.report("AF0215", expression.span, { found: describe(expression, scope) })
      return BROKEN
  }
}

const string = (value: string, { span, parts }: Ast.StringTemplate): Ast.StringTemplate => {
  const [first, ...others] = parts
  // What was written as it is keeps its place in the quotes.
  const only = first?.kind === "TemplateText" && others.length === 0 ? first : undefined
  const part: Ast.TemplateText = only ?? { kind: "TemplateText", span, value }
  return { kind: "StringTemplate", span, parts: value === "" ? [] : [part] }
}

/** What is no name of anything stays a word: `dynamic`, `true`. */
const named = (reference: Ast.Reference, scope: Scope): Ast.Expression | Broken => {
  const [first, ...rest] = reference.path
  if (first === undefined || isRecovered(first)) return BROKEN
  const value = lookup(reference, scope, false)
  if (value === BROKEN) return BROKEN
  if (value !== undefined) return literal(value, reference.span)
  const constant = rest.length === 0 ? scope.constants.get(first.text) : undefined
  if (constant !== undefined) return constant
  if (rest.length === 0 && !scope.names.has(first.text)) return reference
  scope.report("AF0215", reference.span, { found: describe(reference, scope) })
  return BROKEN
}

const literal = ({ value, text }: ParamValue, span: Ast.Span): Ast.Expression => {
  switch (value.kind) {
    case "string":
      return string(value.value, { kind: "StringTemplate", span, parts: [] })
    case "number":
      return { kind: "NumberLiteral", span, value: value.value, text }
    case "duration":
      return { kind: "DurationLiteral", span, seconds: value.value, text }
    case "size":
      return { kind: "SizeLiteral", span, bytes: value.value, text }
    case "boolean":
      return { kind: "Reference", span, path: [{ kind: "Segment", span, text: String(value.value), quoted: false }] }
  }
}

/** Each of them, so that every mistake is reported, or BROKEN where one is. */
const all = <T, U>(items: readonly T[], each: (item: T) => U | Broken): readonly U[] | Broken => {
  const results = items.map(each)
  const whole = results.filter((result): result is U => result !== BROKEN)
  return whole.length === items.length ? whole : BROKEN
}
