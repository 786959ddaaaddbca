/**
 * Role rules as ToolHive's role mappings, such that ToolHive decides exactly as our rules say.
 *
 * Ours: the first rule that applies decides, an absent claim satisfies no comparison, an expression that fails to evaluate
 * refuses. ToolHive's (pkg/auth/awssts/role_mapper.go): every mapping is evaluated, one that fails is skipped, of those that
 * hold the lowest priority number wins, and the fallback role when none holds. It has no mapping that refuses. Therefore
 *
 * - each rule has the priority of its place, so the first one wins;
 * - every comparison asks whether the claim is there and of the right type, so that it never fails and can be negated;
 * - after a rule that refuses, every later mapping holds only if that rule does not;
 * - after a rule in CEL, every later mapping holds only if that expression evaluates: `(e) || !(e)` fails where `e` does;
 * - `else => role` is the fallback role only where nothing has to be asked of it; else it is the last mapping;
 * - scopes that the caller must have are asked for by every mapping: ToolHive itself only advertises scopes
 *   (pkg/auth/token.go).
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import type { Condition, RoleRules } from "../../catalogue/role-rules.ts"
import type { Located } from "../../source/source.ts"
import { allOf, list, literal } from "./cel.ts"

export interface RoleMapping {
  /** Lower wins. */
  readonly priority: number
  readonly matcher: string
  readonly role: Located<string>
  /** The rule it comes from. */
  readonly span: Span
}

export interface RoleChoice {
  readonly mappings: readonly RoleMapping[]
  readonly fallback: Located<string> | undefined
}

/** CEL that is true exactly when the condition holds; it fails only where the operator's own CEL does. */
export const conditionCel = (condition: Condition): string => {
  if (condition.op === "cel") {
    const { value } = condition.expression
    // A comment of the operator's would swallow what is written behind it.
    return value.includes("//") ? `${value}\n` : value
  }
  const name = literal(condition.claim.name)
  const claim = `claims[${name}]`
  const given = (type: string, test: string) => `${name} in claims && type(${claim}) == ${type} && ${test}`
  switch (condition.op) {
    case "equals":
      return given("string", `${claim} == ${literal(condition.value.value)}`)
    case "starts_with":
      return given("string", `${claim}.startsWith(${literal(condition.value.value)})`)
    case "ends_with":
      return given("string", `${claim}.endsWith(${literal(condition.value.value)})`)
    case "in":
      return given("string", `${claim} in ${list(condition.values.map(({ value }) => value))}`)
    case "contains":
      return given("list", `${literal(condition.value.value)} in ${claim}`)
    case "contains_any":
      return given("list", `${list(condition.values.map(({ value }) => value))}.exists(value, value in ${claim})`)
    case "contains_all":
      return given("list", `${list(condition.values.map(({ value }) => value))}.all(value, value in ${claim})`)
  }
}

/** What later mappings must ask because of a rule that stands before them. */
const aftermath = (condition: Condition, refuses: boolean): string | undefined => {
  const cel = conditionCel(condition)
  if (refuses) return `!(${cel})`
  return condition.op === "cel" ? `(${cel}) || !(${cel})` : undefined
}

/** The mappings. `scopes` is CEL that holds when the caller has the scopes the flow asks for, if it asks for any. */
export const roleChoice = ({ rules, otherwise }: RoleRules, scopes: string | undefined): RoleChoice => {
  const guards = scopes === undefined ? [] : [scopes]
  const mappings: RoleMapping[] = []
  for (const { span, when, then } of rules) {
    if ("role" in then) {
      const matcher = allOf([...guards, conditionCel(when)])
      mappings.push({ priority: mappings.length + 1, matcher, role: then.role, span })
    }
    const after = aftermath(when, "deny" in then)
    if (after !== undefined) guards.push(after)
  }
  if ("deny" in otherwise) return { mappings, fallback: undefined }
  if (guards.length === 0) return { mappings, fallback: otherwise.role }
  const last = { priority: mappings.length + 1, matcher: allOf(guards), role: otherwise.role, span: otherwise.span }
  return { mappings: [...mappings, last], fallback: undefined }
}

/** Scopes in the embedded server's own tokens: `scp`, a list (fosite's default claims strategy). */
export const ownScopes = (scopes: readonly string[]): string | undefined => {
  const [only] = scopes
  if (only === undefined) return undefined
  if (scopes.length === 1) return `${literal(only)} in claims["scp"]`
  return `${list(scopes)}.all(scope, scope in claims["scp"])`
}

/** Scopes in an outside issuer's tokens: `scope`, a string (RFC 9068 section 2.2.3), or `scp`, a string or a list. */
export const issuedScopes = (scopes: readonly string[]): string | undefined => {
  const [only] = scopes
  if (only === undefined) return undefined
  const single = scopes.length === 1
  const scope = single ? literal(only) : "scope"
  const spaced = single ? literal(` ${only} `) : '" " + scope + " "'
  const within = (claim: string) =>
    `(type(${claim}) == list ? ${scope} in ${claim} : (" " + ${claim} + " ").contains(${spaced}))`
  const stated = `"scope" in claims ? ${within('claims["scope"]')} : ${within('claims["scp"]')}`
  return single ? stated : `${list(scopes)}.all(scope, ${stated})`
}
