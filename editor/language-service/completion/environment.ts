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

interface Declared {
  readonly param: Param
  /** Of the file that declares it. */
  readonly text: string
}

/** Those of the file and of what it imports. */
const paramsOf = ({ analysis, files }: Cursor): readonly Declared[] =>
  analysis.sources.flatMap(({ uri, text }) => {
    const file = uri === analysis.uri ? analysis.file : analysisOf(files, uri)?.file
    return (file?.items ?? []).flatMap((item) =>
      item.kind === "Param" && item.name.text !== "" ? [{ param: item, text }] : [],
    )
  })

export const environmentFieldsAt = (cursor: Cursor): readonly Completion[] => {
  const { place, word, rest } = cursor
  const { item } = place
  if (item?.kind !== "Environment") return []
  const given = item.body.fields.map(({ name }) => name.text)
  return paramsOf(cursor)
    .filter(({ param }) => !given.includes(param.name.text))
    .map(({ param, text }) => ({
      label: param.name.text,
      kind: "param",
      detail: typeOf(param)?.label,
      doc: paragraphs(param.doc, typeOf(param)?.doc),
      snippet: /^\s*=/.test(rest) ? param.name.text : `${param.name.text} = ${placeFor(param, text)}`,
      span: word,
      rank: param.default === undefined ? rank.best : rank.good,
    }))
}

export const environmentValuesAt = (cursor: Cursor, name: string): readonly Completion[] => {
  const found = paramsOf(cursor).find(({ param }) => param.name.text === name)
  return found ? paramValues(found.param, found.text, cursor) : []
}

/** Values of a parameter: those it lists, or else what its type makes. `text`: of the file that it stands in. */
export const paramValues = (param: Param, text: string, { word }: Cursor): readonly Completion[] => {
  const type = typeOf(param)
  const words = wordsOf(param, text)
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

const placeFor = (param: Param, text: string): string => {
  const words = wordsOf(param, text)
  return words.length > 0 ? new Places().choose(words) : quoted(sampleOf(param), new Places())
}

/** The values that a parameter lists, or that its type has. */
const wordsOf = (param: Param, text: string): readonly string[] => {
  if (typeOf(param)?.kind === "boolean") return ["true", "false"]
  const listed = param.choices?.kind === "ListLiteral" ? param.choices.items : []
  return listed.map(({ span }) => text.slice(span.start, span.end)).filter((each) => each !== "")
}

const sampleOf = (param: Param): string => {
  const type =
    typeOf(param) ??
    (param.type && Object.hasOwn(paramTypes, written(param.type)) ? paramTypes[written(param.type)] : undefined)
  const sample = type?.sample(param.name.text) ?? ""
  return type === undefined || type.kind === "string" ? JSON.stringify(sample) : sample
}
