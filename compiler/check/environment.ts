/**
 * Environments: `env prod { domain = "corp.example" }` says of parameters what the command line could say.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Report } from "../diagnostics/report.ts"
import { describe, replacement } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { readParam, typeOf } from "./params.ts"
import { isRecovered } from "./recovered.ts"

/** Files that are compiled together, the one that imports before those it imports. */
type Files = readonly Ast.File[]

/** The names of the environments there are, each once. */
export const environmentNames = (files: Files): readonly string[] => [
  ...new Set(environments(files).flatMap(({ name }) => (name.text === "" ? [] : [name.text]))),
]

const environments = (files: Files): readonly Ast.Environment[] =>
  files.flatMap(({ items }) => items.filter((item) => item.kind === "Environment"))

/** The parameters of all files by name; reports a second one of a name. */
export const paramsByName = (files: Files, report: Report): ReadonlyMap<string, Ast.Param> => {
  const params = new Map<string, Ast.Param>()
  for (const { items } of files) {
    const own = new Set<string>()
    for (const item of items) {
      if (item.kind !== "Param" || item.name.text === "" || own.has(item.name.text)) continue
      own.add(item.name.text)
      const twin = params.get(item.name.text)
      if (twin === undefined) params.set(item.name.text, item)
      else {
        const related = [{ span: twin.name.span, message: "the other is declared here" }]
        report("AF0222", item.name.span, { name: item.name.text }, { related })
      }
    }
  }
  return params
}

/** Reports a second environment of a name in one file. */
export const checkEnvironments = ({ items }: Ast.File, report: Report): void => {
  const names = new Map<string, Ast.Environment>()
  for (const item of items) {
    if (item.kind !== "Environment" || item.name.text === "") continue
    const twin = names.get(item.name.text)
    if (twin === undefined) names.set(item.name.text, item)
    else {
      const related = [{ span: twin.name.span, message: "this environment has the name already" }]
      report("AF0202", item.name.span, { name: item.name.text }, { related })
    }
  }
}

/**
 * What an environment gives to parameters, as on the command line. Where two files say something of one parameter, the one
 * that imports the other decides.
 */
export const givenBy = (
  name: string,
  files: Files,
  params: ReadonlyMap<string, Ast.Param>,
  report: Report,
): Readonly<Record<string, string>> => {
  const chosen = environments(files).filter((each) => each.name.text === name)
  if (chosen.length === 0) {
    const known = environmentNames(files)
    report("AF0906", { start: 0, end: 0 }, { name, meant: nearest(name, known), known })
  }
  const given = new Map<string, string>()
  for (const { body } of chosen) {
    const own = new Map<string, Ast.Field>()
    for (const field of body.fields) {
      if (isRecovered(field.name)) continue
      const earlier = own.get(field.name.text)
      own.set(field.name.text, field)
      if (earlier) {
        const related = [{ span: earlier.name.span, message: "first said here" }]
        report("AF0303", field.name.span, { name: field.name.text }, { related })
        continue
      }
      const text = givenText(field, name, params, report)
      if (text !== undefined && !given.has(field.name.text)) given.set(field.name.text, text)
    }
  }
  return Object.fromEntries(given)
}

/** The value as the command line would say it, or `undefined` after reporting. */
const givenText = (
  { name, value }: Ast.Field,
  env: string,
  params: ReadonlyMap<string, Ast.Param>,
  report: Report,
): string | undefined => {
  const param = params.get(name.text)
  if (param === undefined) {
    const known = [...params.keys()]
    const meant = nearest(name.text, known)
    report("AF0907", name.span, { env, name: name.text, meant, known }, replacement(name.span, meant))
    return undefined
  }
  const text = literalText(value)
  if (text === undefined) {
    if (value.kind !== "Missing") report("AF0908", value.span, { env, name: name.text, found: found(value) })
    return undefined
  }
  const type = typeOf(param)
  const kind = value.kind === "StringTemplate" ? "string" : undefined
  // A parameter of no type is reported where it is declared.
  if (type === undefined) return undefined
  if ((kind === "string") === (type.kind === "string") && readParam(text, type) !== undefined) return text
  const related = [{ span: param.name.span, message: "the parameter is declared here" }]
  report("AF0904", value.span, { name: name.text, value: text, expected: type.label, hint: type.hint }, { related })
  return undefined
}

const found = (value: Ast.Expression): string =>
  value.kind === "StringTemplate" ? "a string with `${`" : describe(value, { names: new Map() })

const literalText = (value: Ast.Expression): string | undefined => {
  switch (value.kind) {
    case "StringTemplate": {
      const text = value.parts.map((part) => (part.kind === "TemplateText" ? part.value : undefined))
      return text.includes(undefined) ? undefined : text.join("")
    }
    case "NumberLiteral":
    case "DurationLiteral":
    case "SizeLiteral":
      return value.text
    case "Reference": {
      const word = value.path.length === 1 ? value.path[0]?.text : undefined
      return word === "true" || word === "false" ? word : undefined
    }
    default:
      return undefined
  }
}
