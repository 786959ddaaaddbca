/**
 * Code actions: fixes that the compiler has for a diagnostic, and fields that have to be there put in.
 *
 * @module
 */
import type { Diagnostic, Edit } from "../../compiler/index.ts"
import type { Block, Span } from "../../grammar/ast.ts"
import { nodesAt } from "../../grammar/index.ts"
import { indentAt } from "./completion/cursor.ts"
import { diagnosticsOf } from "./diagnostics.ts"
import { analysisOf, type Files } from "./files.ts"
import { placeOf } from "./place.ts"

export interface CodeAction {
  readonly title: string
  readonly edits: readonly Edit[]
  /** What it is for; it removes the first of them. */
  readonly diagnostics: readonly Diagnostic[]
  /** Whether it is likely what is wanted. */
  readonly preferred: boolean
}

/** For the diagnostics that touch the span. */
export const codeActions = (files: Files, uri: string, { start, end }: Span): readonly CodeAction[] => {
  const here = diagnosticsOf(files, uri).filter(({ span }) => span.start <= end && start <= span.end)
  const fixes = here.flatMap((diagnostic): readonly CodeAction[] =>
    diagnostic.fix ? [{ ...diagnostic.fix, diagnostics: [diagnostic], preferred: true }] : [],
  )
  return [...fixes, ...missingFields(files, uri, here)]
}

/** Puts in all fields that a block needs, with their examples: what is reported one by one is done at once. */
const missingFields = (files: Files, uri: string, here: readonly Diagnostic[]): readonly CodeAction[] => {
  const analysis = analysisOf(files, uri)
  const missing = here.filter(({ code }) => code === "AF0302")
  const [first] = missing
  if (analysis?.known === undefined || first === undefined) return []
  const path = nodesAt(analysis.file, first.span.start)
  const owner = path.findLast(({ kind }) => kind === "Stage" || kind === "Declaration")
  if (owner?.kind !== "Stage" && owner?.kind !== "Declaration") return []
  const { construct } = placeOf(path.slice(0, path.indexOf(owner) + 1), analysis.known)
  const body: Block | undefined = owner.body
  const given = (body?.fields ?? []).map(({ name }) => name.text)
  const needed = Object.entries(construct?.fields ?? {}).filter(
    ([name, { presence }]) => presence === "required" && !given.includes(name),
  )
  if (needed.length === 0) return []
  const indent = indentAt(analysis.text, owner.span.start)
  const lines = needed.map(([name, { example }]) => `${indent}  ${name} = ${example}`).join("\n")
  const title =
    needed.length === 1 ? `Add \`${needed[0]?.[0]}\`` : `Add ${needed.map(([name]) => `\`${name}\``).join(", ")}`
  const edit =
    body && body.span.end > body.span.start
      ? intoBlock(analysis.text, body, lines, indent)
      : behind(owner.span.end, lines, indent)
  return [{ title, edits: [{ uri, ...edit }], diagnostics: missing, preferred: false }]
}

const behind = (end: number, lines: string, indent: string): Omit<Edit, "uri"> => ({
  span: { start: end, end },
  text: ` {\n${lines}\n${indent}}`,
})

/** Before the closing brace, or where a block that is not closed ends. */
const intoBlock = (text: string, { span, fields }: Block, lines: string, indent: string): Omit<Edit, "uri"> => {
  const closed = text[span.end - 1] === "}"
  const last = fields.at(-1)?.span.end ?? span.start + 1
  return { span: { start: last, end: closed ? span.end - 1 : last }, text: `\n${lines}\n${closed ? indent : ""}` }
}
