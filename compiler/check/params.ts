/**
 * Parameters: what each one stands for in this compilation.
 *
 * @module
 */

import type * as Ast from "../../grammar/ast.ts"
import { parse } from "../../grammar/index.ts"
import { type ParamType, paramTypes } from "../catalogue/param.ts"
import { at } from "../source/source.ts"
import { textOf } from "./constants.ts"
import { describe, evaluate, replacement, resolved, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import type { Param } from "./program.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Scope } from "./scope.ts"
import type { ParamValue, Value } from "./value.ts"

export interface ParamOptions {
  /** By the name they are declared by; as on the command line. */
  readonly given: Readonly<Record<string, string>>
  readonly missing: "error" | "sample"
}

/** The checked parameter, or `undefined` after reporting. Its default may use what is declared above it. */
export const checkParam = (item: Ast.Param, { given, missing }: ParamOptions, scope: Scope): Param | undefined => {
  const type = typeOf(item, scope)
  const choices = item.choices && type ? choicesOf(item.choices, type, scope) : undefined
  if (type === undefined || (item.choices && choices === undefined)) return undefined
  const value = evaluateParam(item, { ...type, choices }, given, missing, scope)
  if (value === undefined) return undefined
  const typeName = item.type ? written(item.type) : type.label
  return { name: at(item.name.span, item.name.text), doc: item.doc, type: typeName, span: item.span, value }
}

/** A type, of whose values only some are taken where `choices` lists them. */
interface ListedType extends ParamType {
  readonly choices: readonly ParamValue[] | undefined
}

/** The values that are listed, or `undefined` after reporting. */
const choicesOf = (written: Ast.Expression, type: ParamType, scope: Scope): readonly ParamValue[] | undefined => {
  const list = resolved(written, scope)
  if (list.kind !== "ListLiteral") {
    if (list.kind !== "Missing")
      scope.report("AF0304", written.span, { expected: "a list of the values it takes", found: describe(list, scope) })
    return undefined
  }
  if (list.items.length === 0) scope.report("AF0310", list.span, { count: 0, min: 1, max: undefined })
  const values = list.items.map((item) => paramValueOf(item, type, scope))
  const whole = values.filter((value) => value !== undefined)
  return whole.length === values.length && whole.length > 0 ? whole : undefined
}

const isListed = ({ value }: ParamValue, { choices }: ListedType): boolean =>
  choices === undefined || choices.some((choice) => choice.value.value === value.value)

const listed = ({ choices = [] }: ListedType): readonly string[] => choices.map(({ text }) => text)

/** The declared type, or that of the default's form; `undefined` after reporting, to whom there is a report. */
export const typeOf = (item: Ast.Param, scope?: Pick<Scope, "report">): ParamType | undefined => {
  if (item.type) {
    const name = written(item.type)
    const type = Object.hasOwn(paramTypes, name) ? paramTypes[name] : undefined
    if (type === undefined && !item.type.path.some(isRecovered)) {
      const meant = nearest(name, Object.keys(paramTypes))
      const details = replacement(item.type.span, meant)
      scope?.report("AF0210", item.type.span, { name, known: Object.keys(paramTypes), meant }, details)
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
      scope?.report("AF0214", item.name.span, { name: item.name.text })
      return undefined
  }
}

const evaluateParam = (
  item: Ast.Param,
  type: ListedType,
  given: Readonly<Record<string, string>>,
  missing: "error" | "sample",
  scope: Scope,
): ParamValue | undefined => {
  const { text: name, span } = item.name
  const fallback = item.default === undefined ? undefined : defaultOf(name, item.default, type, scope)
  if (Object.hasOwn(given, name)) {
    const text = given[name] ?? ""
    const value = readParam(text, type)
    if (value === undefined) scope.report("AF0904", span, { name, value: text, expected: type.label, hint: type.hint })
    else {
      const found: ParamValue = { value, text, source: "given" }
      if (isListed(found, type)) return found
      const known = listed(type)
      scope.report("AF0905", span, { name, value: text, known, meant: nearest(text, known) })
    }
    return undefined
  }
  if (item.default !== undefined) return fallback
  if (missing === "sample") {
    const [first] = type.choices ?? []
    if (first !== undefined) return { ...first, source: "sample" }
    const text = type.sample(name)
    const value = readParam(text, type)
    return value && { value, text, source: "sample" }
  }
  const example = listed(type)[0] ?? type.sample(name)
  scope.report("AF0903", span, { name }, { notes: [`for example --param ${name}=${example}`] })
  return undefined
}

const defaultOf = (
  name: string,
  expression: Ast.Expression,
  type: ListedType,
  scope: Scope,
): ParamValue | undefined => {
  const found = paramValueOf(expression, type, scope)
  if (found === undefined || isListed(found, type)) return found
  const known = listed(type)
  scope.report("AF0905", expression.span, { name, value: found.text, known, meant: nearest(found.text, known) })
  return undefined
}

/** The value of an expression of the type, or `undefined` after reporting. */
const paramValueOf = (expression: Ast.Expression, type: ParamType, scope: Scope): ParamValue | undefined => {
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

/** A value from the command line: strings as they are, everything else as the language writes it. */
export const readParam = (text: string, type: ParamType): Value | undefined => {
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
