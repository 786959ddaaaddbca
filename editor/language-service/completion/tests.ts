/**
 * Inside a test: what is given, and what is expected of which flow.
 *
 * @module
 */
import type { Claim } from "../../../compiler/catalogue/claims.ts"
import { clauses, givens, type WordDoc } from "../../../compiler/catalogue/item.ts"
import { type ObservationDoc, observations } from "../../../compiler/catalogue/observation.ts"
import { refusalCodes, refusals } from "../../../compiler/catalogue/refusal.ts"
import type { KnownFlow } from "../../../compiler/check/known.ts"
import type { Test } from "../../../grammar/ast.ts"
import { claimType, describeClaim, paragraphs, source } from "../hover/describe.ts"
import { callerClaims, testedFlows } from "../test-callers.ts"
import { type Completion, plain, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { Places, quoted } from "./snippet.ts"
import { weight } from "./values.ts"

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

export const clausesAt = ({ word: span }: Cursor): readonly Completion[] =>
  Object.entries(clauses).map(([label, { doc, example }]) => ({
    label,
    kind: "keyword",
    doc: paragraphs(doc, source(example)),
    snippet: label === "given" ? "given claims { $0 }" : "expect $0",
    span,
    rank: rank.best,
  }))

export const givensAt = ({ word: span, rest }: Cursor): readonly Completion[] =>
  Object.entries(givens).map(([label, { doc, example }]: [string, WordDoc]) => ({
    label,
    kind: "keyword",
    doc: paragraphs(doc, source(`given ${label} ${example}`)),
    snippet: /^\s*\S/.test(rest) ? label : label === "scopes" ? "scopes [$0]" : `${label} { $0 }`,
    span,
    rank: rank.best,
  }))

const SAMPLES: Readonly<Record<Claim["type"], string>> = {
  string: '"$1"',
  strings: '["$1"]',
  number: "$1",
  boolean: "${1|true,false|}",
  object: "{ $1 }",
}

export const claimKeysAt = (cursor: Cursor, test: Test): readonly Completion[] => {
  const map = cursor.place.path.findLast((node) => node.kind === "MapLiteral")
  const self = cursor.place.path.findLast(({ kind }) => kind === "Entry")
  const given =
    map?.kind === "MapLiteral" ? map.entries.flatMap((entry) => (entry === self ? [] : [entry.key.text])) : []
  return [...callerClaims(cursor.analysis, test).values()]
    .filter(({ name }) => !given.includes(name))
    .map((claim) => {
      const name = /^[A-Za-z_]\w*$/.test(claim.name) ? claim.name : JSON.stringify(claim.name)
      return {
        label: name,
        kind: "claim",
        detail: claimType(claim),
        doc: describeClaim(claim, "the caller's token"),
        snippet: /^\s*:/.test(cursor.rest) ? plain(name) : `${plain(name)}: ${SAMPLES[claim.type]}`,
        span: cursor.word,
        rank: weight(claim),
      }
    })
}

/** `expect `: a flow, with what is looked at. */
export const expectationsAt = (cursor: Cursor): readonly Completion[] => {
  const { word, place, analysis, rest } = cursor
  const reference = place.path.findLast((node) => node.kind === "Reference")
  const path = reference?.kind === "Reference" ? reference.path : []
  const [flow, what] = path
  if (path.length > 1 && flow !== undefined) {
    if (what?.text === "upstream" && path.length > 2) return []
    const behind = /^\s*[=!]=/.test(rest)
    const known = analysisFlow(cursor, flow.text)
    return Object.entries(observations).map(([label, observation]: [string, ObservationDoc]) => ({
      label,
      kind: "word",
      doc: observation.doc,
      snippet: behind
        ? label
        : label === "upstream"
          ? "upstream.$1 == $0"
          : `${label} == ${likely(label, observation, known)}`,
      span: word,
      rank: rank.best,
    }))
  }
  return (analysis.known?.flows ?? []).map(({ item }) => ({
    label: item.name.text,
    kind: "flow",
    doc: item.doc,
    snippet: item.name.text,
    span: word,
    rank: rank.best,
  }))
}

/** A value to begin with: one that the flow can come to, a word, or the example. */
const likely = (what: string, { example, words }: ObservationDoc, flow: KnownFlow | undefined): string => {
  const values = flow ? knownValues(what, flow).map(([value]) => value) : []
  const all = [...values, ...words]
  return all.length > 1
    ? new Places().choose(all.includes(example) ? [example, ...all.filter((each) => each !== example)] : all)
    : quoted(example, new Places())
}

/** What stands behind `==`. */
export const expectedValuesAt = (cursor: Cursor, test: Test): readonly Completion[] => {
  const { word: span, place } = cursor
  const clause = place.path.find((node) => node.kind === "Expectation")
  if (clause?.kind !== "Expectation" || clause.target.kind !== "Reference") return []
  const [flowName, what] = clause.target.path
  const observation: ObservationDoc | undefined = own<ObservationDoc>(observations, what?.text ?? "")
  if (observation === undefined) return []
  const flow = analysisFlow(cursor, flowName?.text) ?? testedFlows(cursor.analysis, test)[0]
  const values = flow ? knownValues(what?.text ?? "", flow) : []
  const item = (label: string, at: number, detail?: string): Completion => ({
    label,
    kind: "value",
    detail,
    doc: observation.doc,
    snippet: plain(label),
    span,
    rank: at,
  })
  return [
    ...values.map(([value, detail]) => item(value, rank.best, detail)),
    ...observation.words.map((word) => item(word, rank.good)),
  ]
}

const analysisFlow = ({ analysis }: Cursor, name: string | undefined): KnownFlow | undefined =>
  analysis.known?.flows.find(({ item }) => item.name.text === name)

/** What of the flow it could be. */
const knownValues = (what: string, { stages }: KnownFlow): readonly (readonly [value: string, detail?: string])[] => {
  switch (what) {
    case "reason":
      return refusalCodes.map((code) => [JSON.stringify(code), refusals[code].title] as const)
    case "status":
      return [...new Set(Object.values(refusals).map(({ status }) => status))].map(
        (status) => [String(status)] as const,
      )
    case "role":
      return stages.flatMap(({ output }) => {
        if (output?.tag !== "AwsCredentials") return []
        const { rules, otherwise } = output.roles
        const roles = [...rules.map(({ then }) => then), otherwise].flatMap((each) =>
          "role" in each ? [each.role.value] : [],
        )
        return [...new Set(roles)].map((role) => [JSON.stringify(role)] as const)
      })
    case "subject":
      return stages.flatMap(({ output }) =>
        output?.tag === "Principal"
          ? output.tokens.map(({ issuer, kind }) => [`${issuer.name.value}.${kind}`] as const)
          : [],
      )
    default:
      return []
  }
}
