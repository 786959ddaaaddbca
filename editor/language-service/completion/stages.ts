/**
 * Stages: those that take the credential that is there at the cursor, first.
 *
 * @module
 */
import type { CredentialTag } from "../../../compiler/catalogue/credential.ts"
import { declarations, deployments, stages } from "../../../compiler/catalogue/index.ts"
import type { Scope } from "../../../compiler/check/scope.ts"
import type { Span } from "../../../grammar/ast.ts"
import { describeConstruct } from "../hover/describe.ts"
import { type Construct, scopeBehind, stagesBefore } from "../place.ts"
import { type Completion, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { blockSnippet, Places, valueSnippet } from "./snippet.ts"
import { namesFor } from "./values.ts"

type Stage = Extract<Construct, { readonly verb: string }>

// Each construct is keyed by its own kind; what is asked of it here does not depend on the kind.
const all = Object.values(stages) as unknown as readonly Stage[]
const engines = Object.values(deployments) as readonly Extract<Construct, { readonly keyword: "deploy" }>[]

/** What may stand where a stage begins. */
export const stagesAt = (cursor: Cursor): readonly Completion[] => {
  const { place, word } = cursor
  const start = place.stage?.span.start ?? word.start
  const earlier = stagesBefore(place.knownFlow, start).at(-1)
  const scope = earlier ? scopeBehind(earlier) : place.scope
  const tag = earlier ? earlier.after : "Caller"
  const withBlock = !/^\s*\S/.test(cursor.rest)
  const written = all.flatMap((stage) =>
    operands(stage, scope).map((operand) =>
      item(stage, operand, tag, word, withBlock ? cursor.indent : undefined, scope),
    ),
  )
  const deploy = engines.map((engine): Completion => {
    const label = `deploy ${engine.kind}`
    const body = withBlock ? ` {\n${cursor.indent}  $0\n${cursor.indent}}` : ""
    return {
      label,
      kind: "stage",
      doc: describeConstruct(engine),
      snippet: `${label}${body}`,
      span: word,
      rank: rank.other,
    }
  })
  return [...written, ...undeclared(scope, tag, word), ...deploy]
}

/** Verbs that take the name of a declaration, while there is none. */
const undeclared = (scope: Scope, tag: CredentialTag | undefined, span: Span): readonly Completion[] => {
  const naming = all.filter(({ operand }) => operand.by === "declaration")
  return [...Map.groupBy(naming, ({ verb }) => verb)].flatMap(([verb, constructs]): readonly Completion[] => {
    const [first] = constructs
    if (first === undefined || constructs.some((each) => operands(each, scope).length > 0)) return []
    const needed = Object.values(declarations).filter(({ kind }) =>
      constructs.some(({ operand }) => operand.by === "declaration" && operand.of === kind),
    )
    const detail = `declare a ${needed.map(({ keyword }) => keyword).join(" or a ")} first`
    const fits = tag === undefined || first.consumes.includes(tag)
    const doc = describeConstruct(first)
    return [{ label: verb, kind: "stage", detail, doc, snippet: `${verb} `, span, rank: fits ? rank.good : rank.unfit }]
  })
}

/** What may stand behind the verb. */
export const operandsAt = (cursor: Cursor): readonly Completion[] => {
  const { place, word } = cursor
  const { stage } = place
  const operand = place.path.findLast(({ kind }) => kind === "Reference")
  const span = { start: operand?.span.start ?? word.start, end: word.end }
  if (stage?.verb.text === "deploy") {
    return engines.map((engine) => ({
      label: engine.kind,
      kind: "stage",
      doc: describeConstruct(engine),
      snippet: engine.kind,
      span,
      rank: rank.best,
    }))
  }
  const earlier = stagesBefore(place.knownFlow, stage?.span.start ?? word.start).at(-1)
  const scope = earlier ? scopeBehind(earlier) : place.scope
  const tag = earlier ? earlier.after : "Caller"
  const withBlock = !/^\s*\S/.test(cursor.rest)
  return all
    .filter(({ verb }) => verb === stage?.verb.text)
    .flatMap((construct) =>
      operands(construct, scope).map((name) => {
        const whole = item(construct, name, tag, span, withBlock ? cursor.indent : undefined, scope)
        const label = name ?? construct.verb
        return { ...whole, label, snippet: whole.snippet.slice(construct.verb.length + 1) }
      }),
    )
}

/** How the stage is written: each name that selects it, its kind, or `undefined` where a value follows the verb. */
const operands = ({ operand }: Stage, scope: Scope): readonly (string | undefined)[] => {
  switch (operand.by) {
    case "kind":
      return [operand.name]
    case "value":
      return [undefined]
    case "declaration": {
      const of = Object.values(declarations).find(({ kind }) => kind === operand.of)
      const known = { server: scope.servers, callers: scope.callers, provider: scope.providers }
      return [...known[of?.keyword === "server" || of?.keyword === "callers" ? of.keyword : "provider"].keys()]
    }
  }
}

const item = (
  construct: Stage,
  operand: string | undefined,
  tag: CredentialTag | undefined,
  span: Span,
  indent: string | undefined,
  scope: Scope,
): Completion => {
  const { verb, consumes, produces, fields } = construct
  const places = new Places()
  const { operand: by } = construct
  const value = operand ?? (by.by === "value" ? valueSnippet(by.type, by, places, () => [], "") : "")
  const needs = Object.values(fields).some(({ presence }) => presence === "required")
  const body = needs && indent !== undefined ? ` ${blockSnippet(fields, indent, places, namesFor(scope))}` : ""
  const fits = tag === undefined || consumes.includes(tag)
  return {
    label: operand === undefined ? verb : `${verb} ${operand}`,
    kind: "stage",
    detail: fits ? `${consumes.join(" | ")} → ${produces}` : `needs ${consumes.join(" or ")}, here is ${tag}`,
    doc: describeConstruct(construct),
    snippet: `${verb} ${value}${body}`,
    span,
    // What takes the credential further comes before what ends the flow, and that before what passes it on as it is.
    rank: !fits ? rank.unfit : produces === tag ? rank.fair : produces === "Answer" ? rank.good : rank.best,
  }
}
