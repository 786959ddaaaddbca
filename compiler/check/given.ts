/**
 * Checks what a test gives: claims that the caller's token can hold, scopes, and headers.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Claim } from "../catalogue/claims.ts"
import type { ValueType } from "../catalogue/field.ts"
import { givens } from "../catalogue/item.ts"
import { readClaim } from "../catalogue/token.ts"
import { list, map, mismatch, scope as scopeName, text } from "../catalogue/values.ts"
import { values } from "../source/source.ts"
import { withoutDuplicates, writtenInMap } from "./block.ts"
import { describe, evaluate, replacement } from "./evaluate.ts"
import { nearest } from "./names.ts"
import type { Flow, Given } from "./program.ts"
import { BROKEN, type Scope } from "./scope.ts"

const SUBJECTS = Object.keys(givens) as readonly (keyof typeof givens)[]

const scopes = list(scopeName)

/** What is given together, or `undefined` after reporting. `flows` are those the test is about. */
export const checkGiven = (clauses: readonly Ast.Given[], flows: readonly Flow[], scope: Scope): Given | undefined => {
  const written = new Map<string, Ast.Given>()
  let sound = true
  for (const clause of clauses) {
    const { text: subject, span } = clause.subject
    const earlier = written.get(subject)
    if (subject === "") sound = false
    else if (!SUBJECTS.some((each) => each === subject)) {
      const meant = nearest(subject, SUBJECTS)
      scope.report("AF1102", span, { subject, known: SUBJECTS, meant }, replacement(span, meant))
      sound = false
    } else if (earlier) {
      const related = [{ span: earlier.subject.span, message: "first said here" }]
      scope.report("AF0303", span, { name: subject }, { related })
      sound = false
    } else written.set(subject, clause)
  }
  const [claimsOf, scopesOf, headersOf] = SUBJECTS.map((subject) => written.get(subject))
  const claims = claimsOf && checkClaims(claimsOf.value, flows, scope)
  const granted = scopesOf && scopes.check(scopesOf.value, scope)
  const headers = headersOf && headerMap.check(headersOf.value, scope)
  if (claimsOf && scopesOf && claims && Object.hasOwn(claims, "scope")) {
    const related = [{ span: scopesOf.span, message: "the scopes are said here" }]
    scope.report("AF1104", claimsOf.subject.span, {}, { related })
    sound = false
  }
  if (!sound || (claimsOf && !claims) || (scopesOf && !granted) || (headersOf && !headers)) return undefined
  return {
    claims,
    scopes: scopesOf && granted && values({ span: scopesOf.span, value: granted }),
    headers: Object.fromEntries([...(headers ?? [])].map(([name, { value }]) => [name, value])),
  }
}

const checkClaims = (
  expression: Ast.Expression,
  flows: readonly Flow[],
  scope: Scope,
): Readonly<Record<string, unknown>> | undefined => {
  if (expression.kind !== "MapLiteral") return mismatch(expression, "a map of claims", scope)
  const entries = withoutDuplicates(writtenInMap(expression), scope)
  const checked = entries.map(({ name, nameSpan, value }) => {
    const claim = knownClaim(name, nameSpan, flows, scope)
    const found = claim === undefined ? anyValue(value, scope) : claimValue(claim, value, scope)
    return claim === undefined || found === undefined ? undefined : ([name, found.value] as const)
  })
  const whole = checked.filter((each) => each !== undefined)
  return whole.length === expression.entries.length ? Object.fromEntries(whole) : undefined
}

/** The claim in the token that every one of the flows asks for, or `undefined` after reporting that one's token has none. */
const knownClaim = (name: string, span: Ast.Span, flows: readonly Flow[], scope: Scope): Claim | undefined => {
  let known: Claim | undefined
  for (const { stages } of flows) {
    const { output } = stages[0]
    if (output.tag !== "Principal") continue
    known = readClaim(output.token, name, span, scope)
    if (known === undefined) return undefined
  }
  return known
}

/** In a box of its own: a claim may be `null`-like, and `undefined` means that it was reported. */
interface Box {
  readonly value: unknown
}

const TYPES: Readonly<Record<Claim["type"], string>> = {
  string: "a string",
  strings: "a list of strings",
  number: "a number",
  boolean: "`true` or `false`",
  object: "a map",
}

const claimValue = (claim: Claim, expression: Ast.Expression, scope: Scope): Box | undefined => {
  const found = anyValue(expression, scope)
  if (found === undefined || fits(claim, found.value)) return found
  const { span } = expression
  const related = claim.declared ? [{ span: claim.declared, message: `${claim.name} is declared here` }] : []
  const edits = [
    { span: { start: span.start, end: span.start }, text: "[" },
    { span: { start: span.end, end: span.end }, text: "]" },
  ]
  const fix =
    claim.type === "strings" && typeof found.value === "string" ? { title: "Make it a list", edits } : undefined
  const args = { claim: claim.name, expected: TYPES[claim.type], found: describe(expression, scope) }
  scope.report("AF1103", span, args, { related, ...(fix && { fix }) })
  return undefined
}

const fits = ({ name, type }: Claim, value: unknown): boolean => {
  const strings = Array.isArray(value) && value.every((each) => typeof each === "string")
  switch (type) {
    case "string":
      // RFC 7519 section 4.1.3: an audience is one string or several.
      return typeof value === "string" || (name === "aud" && strings)
    case "strings":
      return strings
    case "number":
    case "boolean":
      return typeof value === type
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value)
  }
}

/** A value as JSON has it. */
const anyValue = (expression: Ast.Expression, scope: Scope): Box | undefined => {
  switch (expression.kind) {
    case "ListLiteral": {
      const items = expression.items.map((item) => anyValue(item, scope))
      const whole = items.filter((item) => item !== undefined)
      return whole.length === items.length ? { value: whole.map(({ value }) => value) } : undefined
    }
    case "MapLiteral": {
      const entries = withoutDuplicates(writtenInMap(expression), scope).map(
        ({ name, value }) => [name, anyValue(value, scope)] as const,
      )
      const whole = entries.flatMap(([name, box]) => (box === undefined ? [] : [[name, box.value] as const]))
      return whole.length === expression.entries.length ? { value: Object.fromEntries(whole) } : undefined
    }
    default: {
      const value = evaluate(expression, scope)
      if (value === BROKEN) return undefined
      if (value === undefined || value.kind === "duration" || value.kind === "size")
        return mismatch(expression, "a claim's value: a string, a number, `true` or `false`, a list or a map", scope)
      return { value: value.value }
    }
  }
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Headers whose values the proxy takes from the connection, the route or the token. */
const NOT_GIVEN: Readonly<Record<string, string>> = {
  authorization: "it carries the token, which `given claims` says",
  host: "it is that of the flow's URL",
  "content-length": "it frames the body",
  "transfer-encoding": "it frames the body",
  upgrade: "a request to change the protocol is refused before any stage",
}

const headerMap: ValueType<ReadonlyMap<string, { readonly value: string }>> = map(
  text,
  'a map of headers, such as `{ "x-tenant": "a" }`',
  ({ value, span }, scope) => {
    const name = value.toLowerCase()
    const reason = Object.hasOwn(NOT_GIVEN, name)
      ? NOT_GIVEN[name]
      : TOKEN.test(value)
        ? undefined
        : "a header's name is letters, digits and a few signs"
    if (reason !== undefined && value !== "") scope.report("AF1105", span, { header: value, reason })
    return reason === undefined
  },
)
