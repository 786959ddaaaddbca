/**
 * What an environment says of parameters: those it does not say yet, and what their values may be.
 *
 * @module
 */
import { paramTypes } from "../../../compiler/catalogue/param.ts"
import { written } from "../../../compiler/check/evaluate.ts"
import { typeOf } from "../../../compiler/check/params.ts"
import type { Param } from "../../../grammar/ast.ts"
import { analysisOf } from "../files.ts"
import { paragraphs } from "../hover/describe.ts"
import { type Completion, plain, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { Places, quoted } from "./snippet.ts"

/** Those of the file and of what it imports. */
const paramsOf = ({ analysis, files }: Cursor): readonly Param[] =>
  analysis.sources.flatMap(({ uri }) => {
    const file = uri === analysis.uri ? analysis.file : analysisOf(files, uri)?.file
    return (file?.items ?? []).flatMap((each) => (each.kind === "Param" && each.name.text !== "" ? [each] : []))
  })

export const environmentFieldsAt = (cursor: Cursor): readonly Completion[] => {
  const { place, word, rest } = cursor
  const { item } = place
  if (item?.kind !== "Environment") return []
  const given = item.body.fields.map(({ name }) => name.text)
  return paramsOf(cursor)
    .filter(({ name }) => !given.includes(name.text))
    .map((param) => ({
      label: param.name.text,
      kind: "param",
      detail: typeOf(param)?.label,
      doc: paragraphs(param.doc, typeOf(param)?.doc),
      snippet: /^\s*=/.test(rest) ? param.name.text : `${param.name.text} = ${quoted(sampleOf(param), new Places())}`,
      span: word,
      rank: param.default === undefined ? rank.best : rank.good,
    }))
}

export const environmentValuesAt = (cursor: Cursor, name: string): readonly Completion[] => {
  const param = paramsOf(cursor).find((each) => each.name.text === name)
  return param ? paramValues(param, cursor) : []
}

/** Values of a parameter: those it lists, or else what its type makes. */
export const paramValues = (param: Param, { analysis, word, place }: Cursor): readonly Completion[] => {
  const { choices } = param
  const { text } = place.scope.names.get(param.name.text)?.imported ? { text: "" } : analysis
  const listed =
    choices?.kind === "ListLiteral" ? choices.items.map(({ span }) => text.slice(span.start, span.end)) : []
  const type = typeOf(param)
  const words = type?.kind === "boolean" ? ["true", "false"] : listed.filter((each) => each !== "")
  const all = words.length > 0 ? words : [sampleOf(param)]
  return all.map((value) => ({
    label: value,
    kind: "value",
    detail: type?.label,
    snippet: words.length > 0 ? plain(value) : quoted(value, new Places()),
    span: word,
    rank: rank.best,
  }))
}

const sampleOf = (param: Param): string => {
  const type =
    typeOf(param) ??
    (param.type && Object.hasOwn(paramTypes, written(param.type)) ? paramTypes[written(param.type)] : undefined)
  const sample = type?.sample(param.name.text) ?? ""
  return type === undefined || type.kind === "string" ? JSON.stringify(sample) : sample
}
