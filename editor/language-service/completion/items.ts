/**
 * What a file is made of: items, and the kinds of declarations, engines and parameter types that their heads name.
 *
 * @module
 */

import { declarations, deployments } from "../../../compiler/catalogue/index.ts"
import { items } from "../../../compiler/catalogue/item.ts"
import { paramTypes } from "../../../compiler/catalogue/param.ts"
import { describeConstruct, paragraphs, source } from "../hover/describe.ts"
import type { Construct } from "../place.ts"
import { type Completion, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { blockSnippet, Places } from "./snippet.ts"
import { namesFor } from "./values.ts"

type Declaration = Exclude<Extract<Construct, { readonly keyword: string }>, { readonly keyword: "deploy" }>

// Each construct is keyed by its own kind; what is asked of it here does not depend on the kind.
const constructs = Object.values(declarations) as unknown as readonly Declaration[]

/** Heads of items that no construct stands for. `$0` is where the cursor ends. */
const HEADS: Readonly<Record<Exclude<keyof typeof items, "provider" | "server" | "callers" | "deploy">, string>> = {
  import: 'import { $0 } from "./${1:identity}.authflow"',
  param: "param ${1:domain}: ${2:hostname}$0",
  const: 'const ${1:region} = ${2:"us-east-1"}$0',
  env: "env ${1:prod} {\n  $0\n}",
  flow: 'flow ${1:name} at "https://${2:mcp.example.com}" {\n  $0\n}',
  test: 'test "${1:what must hold}" {\n  given claims { $2 }\n  expect $0\n}',
}

/** What a declaration may be called, until the writer says it. */
const NAMES: Readonly<Record<string, string>> = { server: "gate", callers: "partners" }

export const itemsAt = (cursor: Cursor): readonly Completion[] => {
  const { word: span, place } = cursor
  const isHead = !/^\s*\S/.test(cursor.rest)
  const words = Object.entries(items).flatMap(([word, { doc, example }]): readonly Completion[] => {
    const head: string | undefined = Object.hasOwn(HEADS, word) ? HEADS[word as keyof typeof HEADS] : undefined
    const common = { kind: "keyword", doc: paragraphs(doc, source(example)), span, rank: rank.good } as const
    if (head !== undefined && isHead) return [{ ...common, label: word, snippet: head }]
    // Those with a kind are offered whole, one by one.
    return isHead ? [] : [{ ...common, label: word, snippet: word }]
  })
  if (!isHead) return words
  const declared = constructs.map((construct): Completion => {
    const places = new Places()
    const name = places.hold(NAMES[construct.keyword] ?? "corp")
    const body = blockSnippet(construct.fields, "", places, namesFor(place.scope))
    return {
      label: `${construct.keyword} … = ${construct.kind}`,
      kind: "keyword",
      doc: describeConstruct(construct),
      snippet: `${construct.keyword} ${name} = ${construct.kind} ${body}`,
      span,
      rank: rank.good,
    }
  })
  const engines = Object.values(deployments).map(
    (engine): Completion => ({
      label: `deploy ${engine.kind}`,
      kind: "keyword",
      doc: describeConstruct(engine),
      snippet: `deploy ${engine.kind} {\n  $0\n}`,
      span,
      rank: rank.fair,
    }),
  )
  return [...words, ...declared, ...engines]
}

/** Kinds of what the keyword declares. */
export const declarationKindsAt = ({ place, word, rest }: Cursor, keyword: string): readonly Completion[] =>
  constructs
    .filter((construct) => construct.keyword === keyword)
    .map((construct) => {
      const body = /^\s*\S/.test(rest)
        ? ""
        : ` ${blockSnippet(construct.fields, "", new Places(), namesFor(place.scope))}`
      return {
        label: construct.kind,
        kind: "type",
        doc: describeConstruct(construct),
        snippet: `${construct.kind}${body}`,
        span: word,
        rank: rank.best,
      }
    })

export const enginesAt = ({ word }: Cursor): readonly Completion[] =>
  Object.values(deployments).map((engine) => ({
    label: engine.kind,
    kind: "type",
    doc: describeConstruct(engine),
    snippet: engine.kind,
    span: word,
    rank: rank.best,
  }))

export const paramTypesAt = (cursor: Cursor): readonly Completion[] => {
  const reference = cursor.place.path.findLast(({ kind }) => kind === "Reference")
  const span = { start: reference?.span.start ?? cursor.word.start, end: cursor.word.end }
  return Object.entries(paramTypes).map(([name, { label, doc, hint }]) => ({
    label: name,
    kind: "type",
    detail: label,
    doc: paragraphs(doc, `A value is ${hint}.`),
    snippet: name,
    span,
    rank: rank.best,
  }))
}
