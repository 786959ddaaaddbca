/**
 * Checks `keyword name = kind { … }` against the catalogue.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { DeclarationConstruct } from "../catalogue/construct.ts"
import type { FieldDeclarations } from "../catalogue/field.ts"
import { declarations } from "../catalogue/index.ts"
import { at } from "../source/source.ts"
import { checkFields, writtenInBlock } from "./block.ts"
import { replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"

/** The checked declaration, or BROKEN after reporting. */
export const checkDeclaration = <Kind extends string, F extends FieldDeclarations, Checked>(
  construct: DeclarationConstruct<Kind, F, Checked>,
  item: Ast.Declaration,
  scope: Scope,
): Checked | Broken => {
  if (!isOfKind(construct.kind, item, scope)) return BROKEN
  const owner = `${construct.keyword} ${item.name.text}`
  const fields = checkFields(construct.fields, writtenInBlock(item.body), owner, item.name.span, scope)
  if (fields === undefined || item.name.text === "") return BROKEN
  const name = at(item.name.span, item.name.text)
  return construct.complete({ kind: construct.kind, name, doc: item.doc, span: item.span, fields }, scope) ?? BROKEN
}

const isOfKind = (kind: string, item: Ast.Declaration, scope: Scope): boolean => {
  const found = written(item.type)
  if (found === kind) return true
  const known = Object.values(declarations)
    .filter(({ keyword }) => keyword === item.keyword.text)
    .map((construct) => construct.kind)
  if (!item.type.path.some(isRecovered)) {
    const meant = nearest(found, known) ?? (known.length === 1 ? known[0] : undefined)
    scope.report(
      "AF0204",
      item.type.span,
      { keyword: item.keyword.text, kind: found, known },
      replacement(item.type.span, meant),
    )
  }
  return false
}
