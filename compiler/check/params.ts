/**
 * Parameters: what each one stands for in this compilation.
 *
 * @module
 */

import type * as Ast from "../../grammar/ast.ts"
import { parse } from "../../grammar/index.ts"
import { type ParamType, paramTypes } from "../catalogue/param.ts"
import { at } from "../source/source.ts"
import { describe, evaluate, replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import type { Param } from "./program.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"
import type { ParamValue, Value } from "./value.ts"

export interface ParamOptions {
  /** As on the command line. */
  readonly given: Readonly<Record<string, string>>
  readonly missing: "error" | "sample"
}

/** Evaluates the parameters in the file's order: a default may use those before it. */
export const checkParams = (
  items: readonly Ast.Param[],
  { given, missing }: ParamOptions,
  scope: Scope,
): { readonly params: readonly Param[]; readonly values: Scope["params"] } => {
  const values = new Map<string, ParamValue | Broken>()
  const params: Param[] = []
  for (const item of items) {
    const name = item.name.text
    if (name === "" || values.has(name)) continue
    const type = typeOf(item, scope)
    const value = type ? evaluateParam(item, type, given, missing, { ...scope, params: values }) : undefined
    values.set(name, value ?? BROKEN)
    if (value && type) {
      const typeName = item.type ? written(item.type) : type.label
      params.push({ name: at(item.name.span, name), doc: item.doc, type: typeName, span: item.span, value })
    }
  }
  for (const name of Object.keys(given)) {
    if (values.has(name)) continue
    const meant = nearest(name, [...values.keys()])
    scope.report("AF0902", { start: 0, end: 0 }, { name, meant, known: [...values.keys()] })
  }
  return { params, values }
}

/** The declared type, or that of the default's form; `undefined` after reporting. */
const typeOf = (item: Ast.Param, scope: Scope): ParamType | undefined => {
  if (item.type) {
    const name = written(item.type)
    const type = Object.hasOwn(paramTypes, name) ? paramTypes[name] : undefined
    if (type === undefined && !item.type.path.some(isRecovered)) {
      const meant = nearest(name, Object.keys(paramTypes))
      const details = replacement(item.type.span, meant)
      scope.report("AF0210", item.type.span, { name, known: Object.keys(paramTypes), meant }, details)
    }
    return type
  }
  switch (item.default?.kind) {
    case "StringTemplate":
      return paramTypes["string"]
    case "NumberLiteral":
      return paramTypes["int"]
    case "DurationLiteral":
      return paramTypes["duration"]
    case "SizeLiteral":
      return paramTypes["size"]
    case "Missing":
      return undefined
    default:
      scope.report("AF0214", item.name.span, { name: item.name.text })
      return undefined
  }
}

const evaluateParam = (
  item: Ast.Param,
  type: ParamType,
  given: Readonly<Record<string, string>>,
  missing: "error" | "sample",
  scope: Scope,
): ParamValue | undefined => {
  const { text: name, span } = item.name
  const fallback = item.default === undefined ? undefined : defaultOf(item.default, type, scope)
  if (Object.hasOwn(given, name)) {
    const text = given[name] ?? ""
    const value = read(text, type)
    if (value) return { value, text, source: "given" }
    scope.report("AF0904", span, { name, value: text, expected: type.label, hint: type.hint })
    return undefined
  }
  if (item.default !== undefined) return fallback
  if (missing === "sample") {
    const text = type.sample(name)
    const value = read(text, type)
    return value && { value, text, source: "sample" }
  }
  scope.report("AF0903", span, { name }, { notes: [`for example --param ${name}=${type.sample(name)}`] })
  return undefined
}

const defaultOf = (expression: Ast.Expression, type: ParamType, scope: Scope): ParamValue | undefined => {
  const value = evaluate(expression, scope)
  if (value === BROKEN) return undefined
  if (value?.kind !== type.kind) {
    const found = describe(expression, scope)
    // An account number is easily written as a number; AWS means it as text, and leading zeros count.
    const fix =
      type.kind === "string" && expression.kind === "NumberLiteral"
        ? {
            fix: {
              title: "Write it in quotes",
              edits: [{ span: expression.span, text: JSON.stringify(expression.text) }],
            },
          }
        : {}
    scope.report("AF0304", expression.span, { expected: type.label, found }, fix)
    return undefined
  }
  if (!type.accepts(value.value)) {
    scope.report("AF0312", expression.span, { what: type.label, value: String(value.value), hint: type.hint })
    return undefined
  }
  return { value, text: textOf(expression, value), source: "default" }
}

/** As it reads inside a string: a duration or size as it was written. */
const textOf = (expression: Ast.Expression, value: Value): string =>
  expression.kind === "DurationLiteral" || expression.kind === "SizeLiteral" ? expression.text : String(value.value)

/** A value from the command line: strings as they are, everything else as the language writes it. */
const read = (text: string, type: ParamType): Value | undefined => {
  const value = type.kind === "string" ? ({ kind: "string", value: text } as const) : literal(text)
  return value?.kind === type.kind && type.accepts(value.value) ? value : undefined
}

const literal = (text: string): Value | undefined => {
  if (text === "true" || text === "false") return { kind: "boolean", value: text === "true" }
  if (!/^-?[\w.]+$/.test(text)) return undefined
  const { file, problems } = parse(`param x = ${text}\n`)
  const [item] = file.items
  if (problems.length > 0 || file.items.length !== 1 || item?.kind !== "Param") return undefined
  switch (item.default?.kind) {
    case "NumberLiteral":
      return { kind: "number", value: item.default.value }
    case "DurationLiteral":
      return { kind: "duration", value: item.default.seconds }
    case "SizeLiteral":
      return { kind: "size", value: item.default.bytes }
    default:
      return undefined
  }
}
