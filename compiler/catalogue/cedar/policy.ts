/**
 * Reading a Cedar policy: whether it is one, and what of a request it looks at. Cedar's own grammar; what a policy comes to is
 * the engine's matter.
 *
 * @module
 */
import { type CedarProblem, type CedarToken, type Range, tokenize } from "./tokens.ts"

/** `Type::"id"`, or a type alone behind `is`. */
export interface EntityUse extends Range {
  readonly of: "principal" | "action" | "resource" | undefined
  readonly type: string
  readonly id: string | undefined
  readonly typeEnd: number
}

/** `principal.claim_email`, `context["arg_city"]`, `principal has claim_email`. */
export interface AttributeUse extends Range {
  readonly of: "principal" | "context" | "resource"
  readonly name: string
  /** Only asks whether it is there. */
  readonly isTest: boolean
}

export interface CedarPolicy {
  readonly effect: "permit" | "forbid"
  readonly entities: readonly EntityUse[]
  readonly attributes: readonly AttributeUse[]
}

const RESERVED = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"]
const VARIABLES = ["principal", "action", "resource", "context"]
const FUNCTIONS = ["ip", "decimal", "datetime", "duration"]
const METHODS = [
  ...["contains", "containsAll", "containsAny", "isEmpty", "hasTag", "getTag"],
  ...["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"],
  ...["isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"],
  ...["offset", "durationSince", "toDate", "toTime"],
  ...["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"],
]
/** Nesting that no policy has; the reader descends by calling itself. */
const MAX_DEPTH = 200
/** Cedar's numbers are of 64 bits. */
const MAX_NUMBER = 2n ** 63n

class NotAPolicy extends Error {
  readonly problem: CedarProblem
  constructor(problem: CedarProblem) {
    super(problem.reason)
    this.problem = problem
  }
}

/** All policies of the text, in order; or the first reason why it is none. */
export const readPolicies = (text: string): readonly CedarPolicy[] | CedarProblem => {
  const tokens = tokenize(text)
  if (!Array.isArray(tokens)) return tokens as CedarProblem
  try {
    return new Reader(tokens).policies()
  } catch (error) {
    if (error instanceof NotAPolicy) return error.problem
    throw error
  }
}

type Variable = "principal" | "action" | "resource"
/** What an expression is as far as its attributes matter: a variable of the request itself, or anything else. */
type Root = string | undefined

class Reader {
  readonly #tokens: readonly CedarToken[]
  #at = 0
  #depth = 0
  #entities: EntityUse[] = []
  #attributes: AttributeUse[] = []

  constructor(tokens: readonly CedarToken[]) {
    this.#tokens = tokens
  }

  policies(): readonly CedarPolicy[] {
    const found: CedarPolicy[] = []
    while (this.#next.kind !== "end") {
      this.#entities = []
      this.#attributes = []
      const effect = this.#policy()
      found.push({
        effect,
        entities: this.#entities,
        attributes: this.#attributes,
      })
    }
    return found
  }

  get #next(): CedarToken {
    // The last token is the end, which nothing takes.
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as CedarToken
  }

  #ahead(by: number): string {
    return this.#tokens[this.#at + by]?.text ?? ""
  }

  #fail(expected: string, { start, end, kind, text } = this.#next): never {
    const found = kind === "end" ? "its end" : `\`${text.length > 40 ? `${text.slice(0, 39)}…` : text}\``
    throw new NotAPolicy({
      start,
      end,
      reason: `${expected} is expected instead of ${found}`,
    })
  }

  #is(...texts: readonly string[]): boolean {
    return this.#next.kind !== "string" && texts.includes(this.#next.text)
  }

  #take(): CedarToken {
    const token = this.#next
    this.#at++
    return token
  }

  #skip(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }

  #expect(text: string): CedarToken {
    return this.#is(text) ? this.#take() : this.#fail(`\`${text}\``)
  }

  #name(what: string): CedarToken {
    return this.#next.kind === "name" && !RESERVED.includes(this.#next.text) ? this.#take() : this.#fail(what)
  }

  #string(what: string): CedarToken {
    return this.#next.kind === "string" ? this.#take() : this.#fail(what)
  }

  #policy(): CedarPolicy["effect"] {
    while (this.#skip("@")) {
      if (this.#next.kind !== "name") this.#fail("the name of an annotation")
      this.#take()
      if (this.#skip("(")) {
        this.#string("a string")
        this.#expect(")")
      }
    }
    if (!this.#is("permit", "forbid")) this.#fail("`permit` or `forbid`")
    const effect = this.#take().text === "permit" ? "permit" : "forbid"
    this.#expect("(")
    this.#scope("principal")
    this.#expect(",")
    this.#scope("action")
    this.#expect(",")
    this.#scope("resource")
    this.#skip(",")
    this.#expect(")")
    while (this.#is("when", "unless")) {
      this.#take()
      this.#expect("{")
      this.#expression()
      this.#expect("}")
    }
    this.#expect(";")
    return effect
  }

  #scope(of: Variable): void {
    this.#expect(of)
    if (of !== "action" && this.#skip("is")) {
      this.#type(of)
      if (this.#skip("in")) this.#entity(of)
    } else if (this.#skip("==")) this.#entity(of)
    else if (this.#skip("in")) {
      if (of !== "action" || !this.#skip("[")) this.#entity(of)
      else this.#several("]", () => this.#entity(of))
    }
  }

  /** Items with commas between them, and one behind them if it pleases, up to `close`. */
  #several(close: string, item: () => void): void {
    while (!this.#is(close)) {
      item()
      if (!this.#skip(",")) break
    }
    this.#expect(close)
  }

  /** `Namespace::Type`, up to what belongs to something else. */
  #path(): {
    readonly type: string
    readonly start: number
    readonly end: number
  } {
    const first = this.#name("the type of an entity")
    let [type, end] = [first.text, first.end]
    while (this.#is("::") && this.#tokens[this.#at + 1]?.kind === "name") {
      this.#take()
      const part = this.#name("the type of an entity")
      type += `::${part.text}`
      end = part.end
    }
    return { type, start: first.start, end }
  }

  #type(of: EntityUse["of"]): void {
    const { type, start, end } = this.#path()
    this.#entities.push({ of, type, id: undefined, start, end, typeEnd: end })
  }

  #entity(of: EntityUse["of"]): void {
    if (this.#is("?")) this.#fail("an entity, for a policy and no template,")
    const { type, start, end: typeEnd } = this.#path()
    this.#expect("::")
    const id = this.#string("the identifier of an entity, a string,")
    this.#entities.push({
      of,
      type,
      id: id.value,
      start,
      end: id.end,
      typeEnd,
    })
  }

  #expression(): Root {
    if (++this.#depth > MAX_DEPTH) this.#fail("less nesting")
    const root = this.#is("if") ? this.#conditional() : this.#binary(["||"], () => this.#and())
    this.#depth--
    return root
  }

  #conditional(): undefined {
    this.#expect("if")
    this.#expression()
    this.#expect("then")
    this.#expression()
    this.#expect("else")
    this.#expression()
    return undefined
  }

  #and(): Root {
    return this.#binary(["&&"], () => this.#relation())
  }

  #binary(signs: readonly string[], operand: () => Root): Root {
    const first = operand()
    if (!this.#is(...signs)) return first
    while (this.#is(...signs)) {
      this.#take()
      operand()
    }
    return undefined
  }

  #relation(): Root {
    const left = this.#sum()
    if (this.#is("has")) {
      this.#take()
      this.#has(left)
    } else if (this.#skip("like")) this.#string("a pattern, a string,")
    else if (this.#skip("is")) {
      this.#type(variable(left))
      if (this.#skip("in")) this.#sum()
    } else if (this.#is("<", "<=", ">", ">=", "==", "!=", "in")) {
      this.#take()
      const known = this.#entities.length
      const start = this.#next.start
      this.#sum()
      // `action == Action::"call_tool"`: what it is compared with is of the variable.
      this.#entities = this.#entities.map((each, index) =>
        index >= known && (each.start === start || this.#isListed(each.start)) ? { ...each, of: variable(left) } : each,
      )
    } else return left
    return undefined
  }

  /** Whether what stands there is an item of a list: `action in [Action::"a", Action::"b"]`. */
  #isListed(start: number): boolean {
    const index = this.#tokens.findIndex((each) => each.start === start)
    return ["[", ","].includes(this.#tokens[index - 1]?.text ?? "")
  }

  #has(left: Root): void {
    if (this.#next.kind === "string") {
      const { value, start, end } = this.#take()
      this.#attribute(left, value, { start, end }, true)
      return
    }
    const { text, start, end } = this.#name("the name of an attribute")
    this.#attribute(left, text, { start, end }, true)
    while (this.#skip(".")) this.#name("the name of an attribute")
  }

  #sum(): Root {
    return this.#binary(["+", "-"], () => this.#binary(["*"], () => this.#unary()))
  }

  #unary(): Root {
    const sign = this.#next.text
    if (!this.#is("!", "-")) return this.#member()
    let count = 0
    while (this.#skip(sign)) if (++count > 4) this.#fail("an operand")
    this.#member()
    return undefined
  }

  #member(): Root {
    let root = this.#primary()
    while (this.#is(".", "[")) {
      if (this.#skip(".")) {
        const { text, start, end } = this.#name("the name of an attribute")
        if (this.#is("(")) {
          if (!METHODS.includes(text)) this.#fail("a method of Cedar's", this.#tokens[this.#at - 1])
          this.#take()
          this.#several(")", () => this.#expression())
        } else this.#attribute(root, text, { start, end }, false)
      } else {
        this.#take()
        const { value, start, end } = this.#string("the name of an attribute, a string,")
        this.#expect("]")
        this.#attribute(root, value, { start, end }, false)
      }
      root = undefined
    }
    return root
  }

  #attribute(root: Root, name: string, range: Range, isTest: boolean): void {
    if (root === "principal" || root === "context" || root === "resource")
      this.#attributes.push({ of: root, name, ...range, isTest })
  }

  #primary(): Root {
    const { kind, text } = this.#next
    if (kind === "string" || this.#is("true", "false")) {
      this.#take()
      return undefined
    }
    if (kind === "number") {
      if (BigInt(text) > MAX_NUMBER) this.#fail("a number of 64 bits")
      this.#take()
      return undefined
    }
    if (this.#skip("(")) {
      const root = this.#expression()
      this.#expect(")")
      return root
    }
    if (this.#skip("[")) {
      this.#several("]", () => this.#expression())
      return undefined
    }
    if (this.#skip("{")) {
      this.#several("}", () => this.#entry())
      return undefined
    }
    if (kind === "name" && this.#ahead(1) === "(" && FUNCTIONS.includes(text)) {
      this.#take()
      this.#take()
      this.#several(")", () => this.#expression())
      return undefined
    }
    if (VARIABLES.includes(text) && this.#ahead(1) !== "::") return this.#take().text
    if (kind === "name" && !RESERVED.includes(text)) this.#entity(undefined)
    else this.#fail("a value")
    return undefined
  }

  #entry(): void {
    if (this.#next.kind === "string") this.#take()
    else if (this.#next.kind === "name") this.#take()
    else this.#fail("the name of an attribute")
    this.#expect(":")
    this.#expression()
  }
}

const variable = (root: Root): EntityUse["of"] =>
  root === "principal" || root === "action" || root === "resource" ? root : undefined
