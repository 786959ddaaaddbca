/**
 * CEL in role rules. An expression must compile, be boolean, and read only claims that the token is known to hold; one that a
 * token may come without is read only where the expression has made sure of it (`has(claims.x) && …`).
 *
 * @module
 */
import { type ASTNode, Environment } from "@marcbachmann/cel-js"
import type { Span } from "../../grammar/ast.ts"
import type { Claim, ClaimType } from "../catalogue/claims.ts"
import type { PresentedKind, TokenType } from "../catalogue/credential.ts"
import { readClaim } from "../catalogue/token.ts"
import type { Text } from "./evaluate.ts"
import type { Scope } from "./scope.ts"

/** A checked expression. `constant` when it does not depend on the caller. */
export interface Cel {
  readonly expression: string
  readonly claims: readonly Claim[]
  readonly constant: boolean | undefined
}

/** A rule is something a person reads; also the walks below are as deep as a chain of operators is long. */
const limits = { maxAstNodes: 2000 }

let made: Environment | undefined

/**
 * The one variable: a map whose values' types nobody knows, which is how it is evaluated for a request. Made when the first
 * expression is met: most files have none.
 */
const untyped = (): Environment => {
  made ??= new Environment({ limits }).registerVariable("claims", "map<string, dyn>")
  return made
}

const CEL_TYPES: Record<ClaimType, string> = {
  string: "string",
  strings: "list<string>",
  number: "double",
  boolean: "bool",
  object: "map<string, dyn>",
}

/** A part of the expression that reads a claim or asks for its presence, to be replaced by a variable of the claim's type. */
interface Read {
  readonly start: number
  readonly end: number
  readonly claim: Claim
  readonly presence: boolean
}

/** Paths (`email`, `address.country`) that are known to be there when the expression is true, and when it is false. */
interface Facts {
  readonly whenTrue: ReadonlySet<string>
  readonly whenFalse: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()
const NOTHING: Facts = { whenTrue: NONE, whenFalse: NONE }

/** The expression with its claims, or `undefined` after reporting. Without a token, only its syntax is checked. */
export const checkCel = (text: Text, token: TokenType<PresentedKind> | undefined, scope: Scope): Cel | undefined => {
  const quoted = text.holes.find((hole) => /["'\\\n\r]/.test(hole.text))
  if (quoted) {
    scope.report("AF0609", quoted.span, { value: quoted.text })
    return undefined
  }
  const ast = parse(text, scope)
  if (ast === undefined || token === undefined) return undefined
  const reader = new Reader(text, token, scope)
  reader.visit(ast, NONE)
  if (reader.failed) return undefined
  if (!typed(text, reader.reads, scope)) return undefined
  const claims = [...new Map(reader.reads.map(({ claim }) => [claim.name, claim])).values()]
  return {
    expression: text.text,
    claims,
    constant: ast.op === "value" && typeof ast.args === "boolean" ? ast.args : undefined,
  }
}

/** The expression, of claims that nobody has described, or `undefined` after reporting: it compiles, and can be a boolean. */
export const celOverAnyClaims = (text: Text, scope: Scope): string | undefined => {
  const quoted = text.holes.find((hole) => /["'\\\n\r]/.test(hole.text))
  if (quoted) {
    scope.report("AF0609", quoted.span, { value: quoted.text })
    return undefined
  }
  try {
    const { valid, type, error } = untyped().parse(text.text).check()
    if (!valid) reportInvalid(error, text, (offset) => offset, scope)
    else if (type !== "bool" && type !== "dyn")
      scope.report("AF0607", text.place(0, text.text.length), { type: type ?? "dyn" })
    else return text.text
  } catch (error) {
    reportInvalid(error, text, (offset) => offset, scope)
  }
  return undefined
}

const parse = (text: Text, scope: Scope): ASTNode | undefined => {
  try {
    return untyped().parse(text.text).ast
  } catch (error) {
    reportInvalid(error, text, (offset) => offset, scope)
    return undefined
  }
}

/** Checks the types with each claim a variable of its own type; the library's maps have but one type for all values. */
const typed = (text: Text, reads: readonly Read[], scope: Scope): boolean => {
  const environment = new Environment({ limits })
  const names = new Map<string, string>()
  const pieces: { readonly from: number; readonly origin: number }[] = [{ from: 0, origin: 0 }]
  let rewritten = ""
  let end = 0
  for (const read of reads.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (read.start < end) continue
    const key = `${read.presence}:${read.claim.name}`
    let variable = names.get(key)
    if (variable === undefined) {
      variable = `claim_${names.size}`
      names.set(key, variable)
      environment.registerVariable(variable, read.presence ? "bool" : CEL_TYPES[read.claim.type])
    }
    rewritten += text.text.slice(end, read.start) + variable
    end = read.end
    pieces.push({ from: rewritten.length, origin: end })
  }
  rewritten += text.text.slice(end)
  const origin = (offset: number): number => {
    const piece = pieces.findLast(({ from }) => from <= offset)
    return piece === undefined ? offset : piece.origin + offset - piece.from
  }
  try {
    const { valid, type, error } = environment.parse(rewritten).check()
    if (!valid) reportInvalid(error, text, origin, scope)
    else if (type !== "bool") scope.report("AF0607", text.place(0, text.text.length), { type: type ?? "dyn" })
    return valid && type === "bool"
  } catch (error) {
    reportInvalid(error, text, origin, scope)
    return false
  }
}

const reportInvalid = (error: unknown, text: Text, origin: (offset: number) => number, scope: Scope): void => {
  const { summary, message, range } = error as {
    readonly summary?: string
    readonly message?: string
    readonly range?: { readonly start: number; readonly end: number }
  }
  const span: Span = range
    ? text.place(origin(range.start), Math.max(origin(range.end), origin(range.start)))
    : text.place(0, text.text.length)
  const reason = (summary ?? message?.split("\n")[0] ?? "it cannot be read").replaceAll(/claim_\d+/g, "the claim")
  scope.report("AF0606", span, { reason })
}

/** Walks an expression, collects what it reads of `claims`, and reports what is not known to be there. */
class Reader {
  readonly reads: Read[] = []
  failed = false
  readonly #text: Text
  readonly #token: TokenType<PresentedKind>
  readonly #scope: Scope

  constructor(text: Text, token: TokenType<PresentedKind>, scope: Scope) {
    this.#text = text
    this.#token = token
    this.#scope = scope
  }

  /** `present`: paths known to be there where `node` is evaluated. */
  visit(node: ASTNode, present: ReadonlySet<string>): Facts {
    const path = claimPath(node)
    if (path !== undefined) {
      this.#read(node, path, present)
      return NOTHING
    }
    switch (node.op) {
      case "&&": {
        const [left, right] = node.args
        const first = this.visit(left, present)
        const second = this.visit(right, union(present, first.whenTrue))
        return {
          whenTrue: union(first.whenTrue, second.whenTrue),
          whenFalse: common(first.whenFalse, second.whenFalse),
        }
      }
      case "||": {
        const [left, right] = node.args
        const first = this.visit(left, present)
        const second = this.visit(right, union(present, first.whenFalse))
        return {
          whenTrue: common(first.whenTrue, second.whenTrue),
          whenFalse: union(first.whenFalse, second.whenFalse),
        }
      }
      case "!_": {
        const { whenTrue, whenFalse } = this.visit(node.args, present)
        return { whenTrue: whenFalse, whenFalse: whenTrue }
      }
      case "?:": {
        const [condition, yes, no] = node.args
        const { whenTrue, whenFalse } = this.visit(condition, present)
        const first = this.visit(yes, union(present, whenTrue))
        const second = this.visit(no, union(present, whenFalse))
        return {
          whenTrue: common(union(whenTrue, first.whenTrue), union(whenFalse, second.whenTrue)),
          whenFalse: common(union(whenTrue, first.whenFalse), union(whenFalse, second.whenFalse)),
        }
      }
      case "in": {
        const [key, container] = node.args
        if (isClaims(container)) return this.#presence(node, key, present)
        this.visit(key, present)
        this.visit(container, present)
        return NOTHING
      }
      case "call": {
        const [name, args] = node.args
        const [asked] = args
        const path = name === "has" && asked ? claimPath(asked) : undefined
        if (path !== undefined) return this.#asked(node, path, present)
        for (const arg of args) this.visit(arg, present)
        return NOTHING
      }
      case "rcall": {
        const [, receiver, args] = node.args
        for (const each of [receiver, ...args]) this.visit(each, present)
        return NOTHING
      }
      case "id": {
        if (node.args === "claims") this.#fail("AF0617", node)
        return NOTHING
      }
      case ".":
      case ".?": {
        this.visit(node.args[0], present)
        return NOTHING
      }
      case "[]":
      case "[?]": {
        const [container, index] = node.args
        if (isClaims(container)) this.#fail("AF0617", node)
        else this.visit(container, present)
        this.visit(index, present)
        return NOTHING
      }
      case "list": {
        for (const item of node.args) this.visit(item, present)
        return NOTHING
      }
      case "map": {
        for (const [key, value] of node.args) {
          this.visit(key, present)
          this.visit(value, present)
        }
        return NOTHING
      }
      case "-_": {
        this.visit(node.args, present)
        return NOTHING
      }
      case "value":
        return NOTHING
      default: {
        const [left, right] = node.args
        this.visit(left, present)
        this.visit(right, present)
        return NOTHING
      }
    }
  }

  /** `"x" in claims` */
  #presence(node: ASTNode, key: ASTNode, present: ReadonlySet<string>): Facts {
    if (key.op !== "value" || typeof key.args !== "string") {
      this.#fail("AF0617", node)
      return NOTHING
    }
    return this.#asked(node, [key.args], present)
  }

  /** `has(claims.x)`, `has(claims.x.y)`: the second needs `x` to be there. */
  #asked(node: ASTNode, path: readonly string[], present: ReadonlySet<string>): Facts {
    const [name = "", ...rest] = path
    const claim = this.#known(node, name)
    if (claim === undefined) return NOTHING
    if (rest.length > 0) this.#guarded(node, claim, path.slice(0, -1), present)
    this.reads.push({ start: node.range.start, end: node.range.end, claim, presence: true })
    return { whenTrue: new Set([path.join(".")]), whenFalse: NONE }
  }

  #read(node: ASTNode, path: readonly string[], present: ReadonlySet<string>): void {
    const claim = this.#known(node, path[0] ?? "")
    if (claim === undefined) return
    this.#guarded(node, claim, path, present)
    const root = rootOf(node)
    this.reads.push({ start: root.range.start, end: root.range.end, claim, presence: false })
  }

  #known(node: ASTNode, name: string): Claim | undefined {
    const claim = readClaim(this.#token, name, this.#place(node), this.#scope)
    if (claim === undefined) this.failed = true
    return claim
  }

  #guarded(node: ASTNode, claim: Claim, path: readonly string[], present: ReadonlySet<string>): void {
    for (let length = 1; length <= path.length; length++) {
      const part = path.slice(0, length).join(".")
      if (present.has(part) || (length === 1 && claim.presence === "always")) continue
      const at = this.#place(node)
      const guard = `has(claims.${part}) && `
      const whole = this.#text.text.trim() === this.#text.text && !/\|\||\?/.test(this.#text.text)
      const start = this.#place(node).start
      const edits = [{ span: { start, end: start }, text: guard }]
      this.#scope.report(
        "AF0608",
        at,
        { claim: part },
        whole && this.#leads(node) ? { fix: { title: `Ask first: ${guard.trim()}`, edits } } : {},
      )
      this.failed = true
      return
    }
  }

  /** Whether the read stands at the start of a term of the conjunction, so that a guard can be put right before it. */
  #leads(node: ASTNode): boolean {
    const before = this.#text.text.slice(0, node.range.start).trimEnd()
    return before === "" || before.endsWith("&&")
  }

  #fail(code: "AF0617", node: ASTNode): void {
    this.failed = true
    this.#scope.report(code, this.#place(node), {})
  }

  #place(node: ASTNode): Span {
    return this.#text.place(node.range.start, node.range.end)
  }
}

const isClaims = (node: ASTNode): boolean => node.op === "id" && node.args === "claims"

/** `claims.x.y`, `claims["x"].y` as a path, `undefined` when the node is something else. */
const claimPath = (node: ASTNode): readonly string[] | undefined => {
  if (node.op !== "." && node.op !== "[]") return undefined
  const [inner, key] = node.args
  const name = typeof key === "string" ? key : key.op === "value" && typeof key.args === "string" ? key.args : undefined
  if (name === undefined) return undefined
  if (isClaims(inner)) return [name]
  const path = claimPath(inner)
  return path && [...path, name]
}

/** The `claims.x` at the bottom of `claims.x.y.z`. */
const rootOf = (node: ASTNode): ASTNode => {
  if ((node.op === "." || node.op === "[]") && !isClaims(node.args[0])) return rootOf(node.args[0])
  return node
}

const union = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> => new Set([...a, ...b])
const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((each) => b.has(each)))
