/**
 * Completion: what could stand at the cursor, what fits best first. All of it follows from the catalogue, the names of the files
 * and the credential that is there.
 *
 * @module
 */
import { isDeployment } from "../../../compiler/check/deployment.ts"
import type { Files } from "../files.ts"
import { type Completion, rank } from "./completion.ts"
import { type Cursor, cursorAt } from "./cursor.ts"
import { environmentFieldsAt, environmentValuesAt, paramValues } from "./environment.ts"
import { fieldsAt } from "./fields.ts"
import { importedNamesAt } from "./imports.ts"
import { declarationKindsAt, enginesAt, itemsAt, paramTypesAt } from "./items.ts"
import { ruleWordsAt } from "./rules.ts"
import { operandsAt, stagesAt } from "./stages.ts"
import { stringsAt } from "./strings.ts"
import { claimKeysAt, clausesAt, expectationsAt, expectedValuesAt, givensAt } from "./tests.ts"
import { anyName, valuesAt } from "./values.ts"

export { type Completion, withoutPlaces } from "./completion.ts"

/** Best first; what is offered twice, once. */
export const completion = (files: Files, uri: string, offset: number): readonly Completion[] => {
  const cursor = cursorAt(files, uri, offset)
  const offered = cursor ? offers(cursor) : []
  const once = new Map(offered.toReversed().map((each) => [each.label, each]))
  return [...once.values()].toReversed().toSorted((a, b) => a.rank - b.rank)
}

const offers = (cursor: Cursor): readonly Completion[] => {
  const { place, string } = cursor
  if (string) return stringsAt(cursor)
  const { path, item } = place
  if (path.some(({ kind }) => kind === "TemplateHole")) return inHole(cursor)
  // From the innermost outwards, the first that says what its parts may be.
  for (let index = path.length - 1; index >= 0; index--) {
    const found = offersIn(cursor, index)
    if (found) return found
  }
  return item === undefined ? itemsAt(cursor) : []
}

/** What the node at this place of the path offers for the one below it; `undefined` where the one around it has to say. */
const offersIn = (cursor: Cursor, index: number): readonly Completion[] | undefined => {
  const { place } = cursor
  const { path } = place
  const node = path[index]
  const child = path[index + 1]
  switch (node?.kind) {
    case "Import":
    case "ImportedName":
      return child?.kind === "Segment" ? [] : importedNamesAt(cursor)
    case "Param":
      if (child === node.type) return paramTypesAt(cursor)
      return child === node.default ? [...paramValues(node, cursor.text, cursor), ...anyName(cursor)] : []
    case "Constant":
      return child === node.name ? [] : anyName(cursor)
    case "Environment":
      return child?.kind === "Block" ? environmentFieldsAt(cursor) : []
    case "Declaration":
      return child === node.type ? declarationKindsAt(cursor, node.keyword.text) : child === node.name ? [] : undefined
    case "Deployment":
      return child === node.engine ? enginesAt(cursor) : []
    case "Flow":
      return child === node.name ? [] : child === node.url ? inUrl(cursor) : stagesAt(cursor)
    case "Stage":
      if (child === node.verb) return stagesAt(cursor)
      if (child !== node.operand) return undefined
      return place.type === undefined || isDeployment(node) ? operandsAt(cursor) : valuesAt(cursor)
    case "Test":
      return child === node.title ? [] : clausesAt(cursor)
    case "Given":
      return child === node.subject ? givensAt(cursor) : []
    case "Expectation":
      return child === node.target ? expectationsAt(cursor) : inExpectation(cursor)
    case "Field":
      if (child === node.name)
        return place.item?.kind === "Environment" ? environmentFieldsAt(cursor) : fieldsAt(cursor)
      return place.item?.kind === "Environment" ? environmentValuesAt(cursor, node.name.text) : valuesAt(cursor)
    case "Entry":
      return child === node.key ? inKey(cursor) : valuesAt(cursor)
    case "Block":
      return fieldsAt(cursor)
    case "ListLiteral":
    case "Argument":
      return valuesAt(cursor)
    case "Match":
      return child === node.scrutinee ? valuesAt(cursor) : ruleWordsAt(cursor)
    case "Arm":
      return child === node.operator ? ruleWordsAt(cursor) : valuesAt(cursor)
    default:
      return undefined
  }
}

/** A key of a map: a field of it, or a claim that is given. */
const inKey = (cursor: Cursor): readonly Completion[] => {
  const { path, item } = cursor.place
  const given = path.find(({ kind }) => kind === "Given")
  if (given?.kind === "Given" && item?.kind === "Test")
    return given.subject.text === "claims" ? claimKeysAt(cursor, item) : []
  return fieldsAt(cursor)
}

const inExpectation = (cursor: Cursor): readonly Completion[] => {
  const { item } = cursor.place
  return item?.kind === "Test" ? expectedValuesAt(cursor, item) : []
}

const inUrl = (cursor: Cursor): readonly Completion[] => [
  {
    label: '"https://…"',
    kind: "value",
    detail: "where callers find the flow",
    snippet: '"https://${1:mcp.example.com}"',
    span: cursor.word,
    rank: rank.best,
  },
  ...valuesAt(cursor),
]

/** `"https://${…}"`: what has a text. */
const inHole = ({ place: { scope }, word: span }: Cursor): readonly Completion[] =>
  [...scope.names].flatMap(([name, { kind }]): readonly Completion[] => {
    const value = scope.values.get(name)
    if ((kind !== "param" && kind !== "constant") || value === undefined) return []
    const text = typeof value === "symbol" ? undefined : value.text
    return [{ label: name, kind, detail: text, snippet: name, span, rank: kind === "param" ? rank.best : rank.good }]
  })
