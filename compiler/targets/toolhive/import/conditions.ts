/**
 * Role rules from the CEL of role mappings: the inverse of what the target writes, and what people write by hand.
 *
 * @module
 */
import { type ASTNode, parse } from "@marcbachmann/cel-js"
import type { Claim, ClaimType } from "../../../catalogue/claims.ts"
import type { Condition } from "../../../catalogue/role-rules.ts"
import { at } from "../../../source/source.ts"

/** Conditions are made of texts only; nothing of them is in a file yet. */
const NOWHERE = { start: 0, end: 0 }

const located = (value: string) => at(NOWHERE, value)

const claim = (name: string, type: ClaimType): Claim => ({
  name,
  type,
  presence: "sometimes",
  origin: "",
  declared: undefined,
})

export const one = (
  op: "contains" | "equals" | "starts_with" | "ends_with",
  name: string,
  value: string,
): Condition => ({
  op,
  claim: claim(name, op === "contains" ? "strings" : "string"),
  value: located(value),
})

const many = (
  op: "contains_any" | "contains_all" | "in",
  name: string,
  values: readonly string[],
): Condition | undefined => {
  const [first, ...rest] = values.map(located)
  if (first === undefined) return undefined
  return { op, claim: claim(name, op === "in" ? "string" : "strings"), values: [first, ...rest] }
}

/** An expression as it stands. */
export const raw = (expression: string): Condition => ({
  op: "cel",
  expression: located(expression),
  claims: [],
  constant: undefined,
})

type Test = (claim: string, value: string) => Condition | undefined

const METHODS: Readonly<Record<string, Test>> = {
  startsWith: (name, value) => one("starts_with", name, value),
  endsWith: (name, value) => one("ends_with", name, value),
}

const isNode = (value: unknown): value is ASTNode => typeof value === "object" && value !== null && "op" in value

/** `claims.email`, `claims["email"]` */
const claimRead = (node: ASTNode | undefined): string | undefined => {
  if (node === undefined || (node.op !== "." && node.op !== "[]")) return undefined
  const [object, key] = node.args as readonly [ASTNode, ASTNode | string]
  if (object.op !== "id" || object.args !== "claims") return undefined
  return typeof key === "string" ? key : textOf(key)
}

const textOf = (node: ASTNode | undefined): string | undefined =>
  node?.op === "value" && typeof node.args === "string" ? node.args : undefined

const textsOf = (node: ASTNode | undefined): readonly string[] | undefined => {
  if (node?.op !== "list") return undefined
  const texts = (node.args as readonly ASTNode[]).map(textOf)
  return texts.every((text) => text !== undefined) ? texts : undefined
}

/** `has(claims.x)`, `"x" in claims`: asks only whether the claim is there. */
const presence = (node: ASTNode): string | undefined => {
  if (node.op === "call") {
    const [name, args] = node.args as readonly [string, readonly ASTNode[]]
    return name === "has" ? claimRead(args[0]) : undefined
  }
  if (node.op !== "in") return undefined
  const [key, map] = node.args as readonly [ASTNode, ASTNode]
  return map.op === "id" && map.args === "claims" ? textOf(key) : undefined
}

/** `type(claims["x"]) == string`: asks only for the type that the comparison needs anyway. */
const typeTest = (node: ASTNode): string | undefined => {
  if (node.op !== "==") return undefined
  const [left, right] = node.args as readonly [ASTNode, ASTNode]
  if (left.op !== "call" || right.op !== "id" || (right.args !== "string" && right.args !== "list")) return undefined
  const [name, args] = left.args as readonly [string, readonly ASTNode[]]
  return name === "type" ? claimRead(args[0]) : undefined
}

const comparison = (node: ASTNode): Condition | undefined => {
  if (node.op === "==") {
    const [left, right] = node.args as readonly [ASTNode, ASTNode]
    const [name, value] = [claimRead(left) ?? claimRead(right), textOf(right) ?? textOf(left)]
    return name === undefined || value === undefined ? undefined : one("equals", name, value)
  }
  if (node.op === "in") {
    const [left, right] = node.args as readonly [ASTNode, ASTNode]
    const [value, list] = [textOf(left), claimRead(right)]
    if (value !== undefined && list !== undefined) return one("contains", list, value)
    const [name, values] = [claimRead(left), textsOf(right)]
    return name === undefined || values === undefined ? undefined : many("in", name, values)
  }
  if (node.op !== "rcall") return undefined
  const [method, object, args] = node.args as readonly [string, ASTNode, readonly ASTNode[]]
  const [first, second] = args
  const name = claimRead(object)
  const value = textOf(first)
  if (name !== undefined && value !== undefined) return METHODS[method]?.(name, value)
  if (method !== "exists" && method !== "all") return undefined
  if (first?.op !== "id" || !isNode(second)) return undefined
  const variable = String(first.args)
  const isVariable = (each: ASTNode | undefined) => each?.op === "id" && each.args === variable
  const [left, right] = second.op === "==" || second.op === "in" ? (second.args as readonly [ASTNode, ASTNode]) : []
  // `claims.groups.exists(g, g == "x")`
  if (method === "exists" && name !== undefined && second.op === "==") {
    const sought = isVariable(left) ? textOf(right) : isVariable(right) ? textOf(left) : undefined
    return sought === undefined ? undefined : one("contains", name, sought)
  }
  // `["a", "b"].exists(value, value in claims["groups"])`
  const [values, list] = [textsOf(object), second.op === "in" && isVariable(left) ? claimRead(right) : undefined]
  if (values === undefined || list === undefined) return undefined
  return many(method === "exists" ? "contains_any" : "contains_all", list, values)
}

/** The condition in words of the language; the expression as it stands where they cannot say it. */
export const conditionOf = (expression: string): Condition => {
  try {
    return inWords(parse(expression).ast) ?? raw(expression)
  } catch {
    // The checker says what is wrong with it, where it is read as a rule.
    return raw(expression)
  }
}

/** Asking first whether the claim is there changes nothing: a mapping that fails is one that does not hold. */
const inWords = (node: ASTNode): Condition | undefined => {
  const conjuncts: ASTNode[] = []
  const flatten = (each: ASTNode): void => {
    if (each.op === "&&") for (const part of each.args as readonly ASTNode[]) flatten(part)
    else conjuncts.push(each)
  }
  flatten(node)
  const last = conjuncts.pop()
  const condition = last && comparison(last)
  if (condition === undefined || condition.op === "cel") return undefined
  const asked = conjuncts.map((each) => presence(each) ?? typeTest(each))
  return asked.every((name) => name === condition.claim.name) ? condition : undefined
}

/** Claims that an expression reads, each with the type that its use suggests. */
export const claimsOf = (expression: string): ReadonlyMap<string, ClaimType> => {
  const found = new Map<string, ClaimType>()
  const visit = (node: ASTNode): void => {
    const name = claimRead(node)
    if (name !== undefined && !found.has(name)) found.set(name, "string")
    const [left, right] = Array.isArray(node.args) ? (node.args as readonly unknown[]) : []
    const list = node.op === "in" && isNode(right) ? right : node.op === "rcall" && isNode(right) ? right : undefined
    const listed = node.op === "in" || left === "exists" || left === "all" ? claimRead(list) : undefined
    if (listed !== undefined) found.set(listed, "strings")
    // `!` has its operand where others have a list of them.
    for (const each of Array.isArray(node.args) ? (node.args as readonly unknown[]) : [node.args]) {
      for (const child of Array.isArray(each) ? each : [each]) if (isNode(child)) visit(child)
    }
  }
  try {
    visit(parse(expression).ast)
  } catch {
    // No expression reads nothing.
  }
  return found
}
