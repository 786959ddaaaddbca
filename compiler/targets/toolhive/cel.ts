/**
 * CEL as ToolHive evaluates it: writing it, and what of an operator's own expression it cannot run.
 *
 * ToolHive's matchers are compiled by cel-go with the standard library and no extensions (stacklok/toolhive-core
 * cel/engine.go); numbers of a token are doubles there, since Go decodes JSON so.
 *
 * @module
 */
import { type ASTNode, parse } from "@marcbachmann/cel-js"
import { goPattern } from "./crd/go-pattern.ts"

/** A CEL string literal. JSON's escapes are CEL's own. */
export const literal = (text: string): string => JSON.stringify(text.toWellFormed())

export const list = (texts: readonly string[]): string => `[${texts.map(literal).join(", ")}]`

/** Every one of them. Expressions are put in parentheses where they need it. */
export const allOf = (expressions: readonly string[]): string => {
  const [only, ...rest] = expressions
  return only !== undefined && rest.length === 0 ? only : expressions.map(operand).join(" && ")
}

/** Compared by what binds less tightly than `&&`, at any depth: parentheses that are not needed do no harm. */
const operand = (expression: string): string => (/\|\||\?/.test(expression) ? `(${expression})` : expression)

/** Functions and macros of cel-go's standard library. */
const STANDARD = new Set(
  (
    "has all exists exists_one map filter size contains startsWith endsWith matches int uint double string bytes bool dyn type " +
    "timestamp duration getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds " +
    "getMilliseconds"
  ).split(" "),
)

const isText = (node: ASTNode): boolean => node.op === "value" && typeof node.args === "string"

const regex = (pattern: ASTNode | undefined): string | undefined => {
  if (pattern === undefined) return undefined
  if (pattern.op !== "value" || typeof pattern.args !== "string") {
    return "its regular expression is not a plain string, so nobody can tell whether ToolHive's RE2 accepts it"
  }
  try {
    goPattern(pattern.args)
    return undefined
  } catch {
    return `its regular expression ${literal(pattern.args)} is none of RE2, which has no lookaround and no backreferences`
  }
}

const own = (node: ASTNode): string | undefined => {
  switch (node.op) {
    case "call":
    case "rcall": {
      const name = node.args[0]
      if (!STANDARD.has(name))
        return `\`${name}\` is no function of ToolHive's CEL, which has the standard library only`
      const args = node.op === "call" ? node.args[1] : node.args[2]
      return name === "matches" ? regex(args.at(-1)) : undefined
    }
    case ".?":
    case "[?]":
      return "optional access is no part of ToolHive's CEL"
    case "-":
    case "*":
    case "/":
    case "%":
      return `ToolHive reads each number of a token as a double, for which \`${node.op}\` with an integer is not defined`
    case "+":
      return node.args.some(isText)
        ? undefined
        : "ToolHive reads each number of a token as a double, which adds to no integer"
    default:
      return undefined
  }
}

const children = (node: ASTNode): readonly ASTNode[] => {
  const found: ASTNode[] = []
  const visit = (each: unknown): void => {
    if (Array.isArray(each)) each.forEach(visit)
    else if (typeof each === "object" && each !== null && "op" in each) found.push(each as ASTNode)
  }
  visit(node.args)
  return found
}

/** Why ToolHive cannot evaluate an expression as our runtime does, if it cannot. The expression compiles. */
export const notPortable = (expression: string): string | undefined => {
  const visit = (node: ASTNode): string | undefined => {
    const reason = own(node)
    if (reason !== undefined) return reason
    for (const each of children(node)) {
      const inner = visit(each)
      if (inner !== undefined) return inner
    }
    return undefined
  }
  return visit(parse(expression).ast)
}
