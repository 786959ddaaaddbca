/**
 * Checks the fields that were written against the fields a construct declares.
 *
 * @module
 */
import type { Block, Expression, MapLiteral, Segment, Span } from "../../grammar/ast.ts"
import type { FieldDeclarations, Fields } from "../catalogue/field.ts"
import { at, type Located } from "../source/source.ts"
import { replacement, resolved } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { isRecovered } from "./recovered.ts"
import type { Scope } from "./scope.ts"

/** A field as written, in a block or in a map. */
interface Written {
  readonly name: string
  readonly nameSpan: Span
  readonly value: Expression
}

export const writtenInBlock = (block: Block | undefined): readonly Written[] =>
  (block?.fields ?? []).map(({ name, value }) => ({ name: name.text, nameSpan: name.span, value }))

export const writtenInMap = (map: MapLiteral): readonly Written[] =>
  map.entries.map(({ key, value }: { readonly key: Segment; readonly value: Expression }) => ({
    name: key.text,
    nameSpan: key.span,
    value,
  }))

/** Reports all but the first of the same name; answers with the first ones. Names that recovery inserted are left out. */
export const withoutDuplicates = (fields: readonly Written[], scope: Scope): readonly Written[] => {
  const first = new Map<string, Written>()
  for (const field of fields) {
    if (isRecovered({ span: field.nameSpan })) continue
    const earlier = first.get(field.name)
    if (earlier === undefined) first.set(field.name, field)
    else
      scope.report(
        "AF0303",
        field.nameSpan,
        { name: field.name },
        { related: [{ span: earlier.nameSpan, message: "first said here" }] },
      )
  }
  return [...first.values()]
}

/**
 * The checked values, or `undefined` after reporting: unknown, duplicate and missing fields, and what is wrong with a value.
 * `owner` is what the fields belong to, as a message says it; `head` is where a missing field is reported and where
 * defaults are placed.
 */
export const checkFields = <F extends FieldDeclarations>(
  declarations: F,
  fields: readonly Written[],
  owner: string,
  head: Span,
  scope: Scope,
): Fields<F> | undefined => {
  const names = Object.keys(declarations)
  const checked: Record<string, Located<unknown> | undefined> = {}
  let complete = true
  // A name that recovery inserted may stand for any field: what seems missing may be just that.
  let guessing = fields.some(({ nameSpan }) => isRecovered({ span: nameSpan }))
  for (const { name, nameSpan, value } of withoutDuplicates(fields, scope)) {
    const declaration = Object.hasOwn(declarations, name) ? declarations[name] : undefined
    if (declaration === undefined) {
      const meant = nearest(
        name,
        names.filter((each) => !fields.some((field) => field.name === each)),
      )
      scope.report("AF0301", nameSpan, { name, owner, meant, known: names }, replacement(nameSpan, meant))
      if (meant !== undefined) guessing = true
      complete = false
      continue
    }
    const result = declaration.type.check(resolved(value, scope), scope)
    if (result === undefined) complete = false
    checked[name] = result === undefined ? undefined : at(value.span, result)
  }
  for (const [name, declaration] of Object.entries(declarations)) {
    if (fields.some((field) => field.name === name)) continue
    if (declaration.presence === "required") {
      complete = false
      if (!guessing)
        scope.report(
          "AF0302",
          head,
          { name, owner },
          { notes: [declaration.doc, `for example ${name} = ${declaration.example}`] },
        )
    } else checked[name] = declaration.fallback && at(head, declaration.fallback(head))
  }
  // Each value was checked by the type of its own field; the loop loses that correlation.
  return complete ? (checked as Fields<F>) : undefined
}
