/**
 * What the grammar rules do about mistakes. Chevrotain's own recovery gives up the rule it is in, and a rule that is given up
 * has no node; these say what is missing, once, and let the rule go on. `layout.ts` has seen to it that brackets balance and
 * that lines end in tokens, so that what can't be understood is passed over up to the end of its entry and no further.
 *
 * @module
 */
import { EmbeddedActionsParser, EOF, type IToken, type TokenType, tokenMatcher } from "chevrotain"
import type { Missing, Name, Span } from "./ast.ts"
import { isCloser, isOpener } from "./layout.ts"
import type { ProblemLog } from "./log.ts"
import type { SyntaxProblem } from "./problem.ts"
import { spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

/** What a parse needs beside the tokens. */
export interface ParseInput {
  readonly tokens: IToken[]
  readonly docs: ReadonlyMap<number, string>
  readonly log: ProblemLog
  readonly end: number
}

export const is = (token: IToken, ...types: readonly TokenType[]): boolean =>
  types.some((type) => tokenMatcher(token, type))

/** Where an entry ends, however little of it was understood. */
export const endsEntry = (token: IToken): boolean => is(token, T.Separator, EOF) || isCloser(token)

/** Whether an operand can start here: a value without braces. */
export const startsOperand = (token: IToken): boolean =>
  is(token, T.Name, T.StringStart, T.NumberLike, T.LSquare, T.ForeignString)

export const startsValue = (token: IToken): boolean => startsOperand(token) || is(token, T.LCurly)

/** Whether `token` is the bracket of an index: it touches what it indexes. With a space between, it starts a list. */
export const indexes = (token: IToken, indexed: IToken): boolean =>
  is(token, T.LSquare) && token.startOffset === indexed.startOffset + indexed.image.length

/** Signs that are taken for one another between a name and its value. */
export const joins = (token: IToken): boolean => is(token, T.Equals, T.Colon, T.Arrow, T.EqualTo)

export const nameOf = (token: IToken): Name => ({ kind: "Name", span: spanOf(token), text: token.image })

export abstract class MendingParser extends EmbeddedActionsParser {
  #docs: ReadonlyMap<number, string> = new Map()
  #log: ProblemLog | undefined
  #end = 0
  /** Something in this entry has been reported: what else is wrong with it most likely follows from that. */
  #reported = false

  constructor({ validate }: { readonly validate: boolean }) {
    super(T.vocabulary, { recoveryEnabled: true, maxLookahead: 1, skipValidations: !validate })
  }

  /** Runs `rule` on `input`. What only chevrotain's recovery found is reported too, though nothing should be. */
  protected read<A>({ tokens, docs, log, end }: ParseInput, rule: () => A): A {
    this.input = tokens
    this.#docs = docs
    this.#log = log
    this.#end = end
    this.#reported = false
    const result = rule()
    for (const error of this.errors) {
      const span = error.token.tokenType === EOF ? { start: end, end } : spanOf(error.token)
      log.add({ kind: "UnexpectedToken", span, expected: [], found: this.found(error.token) })
    }
    this.input = []
    return result
  }

  // --- mending -----------------------------------------------------------------------------------------------------

  /** Passes over what no entry starts with, up to the next that does or the end of them all. */
  protected startEntry(
    starts: () => boolean,
    expected: readonly string[],
    complain = (): void => this.unexpected(expected),
  ): void {
    if (this.RECORDING_PHASE) return
    this.#reported = false
    while (!starts() && !isCloser(this.LA(1)) && !is(this.LA(1), EOF)) {
      complain()
      if (is(this.LA(1), T.Separator)) this.SKIP_TOKEN()
      else this.skipTo((token) => is(token, T.Separator))
      if (is(this.LA(1), T.LineEnd)) this.SKIP_TOKEN()
    }
    this.#reported = false
  }

  /** Passes over what is left of an entry: a second one without a separator between is kept, all else reported. */
  protected endEntry(starts: () => boolean, between: "items" | "entries"): void {
    if (this.RECORDING_PHASE) return
    const token = this.LA(1)
    const ended = between === "items" ? is(token, T.LineEnd, EOF) : endsEntry(token)
    if (ended) return
    if (starts()) {
      this.add({ kind: "MissingSeparator", span: spanOf(token), between })
      return
    }
    this.unexpected(["end of line"])
    this.skipTo((next) => (between === "items" ? is(next, T.LineEnd) : is(next, T.Separator)))
  }

  /** Makes the next token one of `type` if a word too many stands before it; else reports that it is missing. */
  protected expect(type: TokenType): void {
    const token = this.LA(1)
    if (is(token, type)) {
      const [second, third] = [this.LA(2), this.LA(3)]
      if (second.tokenType !== token.tokenType || !startsOperand(third) || indexes(third, second)) return
      this.SKIP_TOKEN()
      this.unexpected(["a value"])
      return
    }
    this.unexpected([type.LABEL ?? type.name])
    if (!isOpener(token) && !endsEntry(token) && is(this.LA(2), type)) this.SKIP_TOKEN()
    // `issuer: "x"` is as good as `issuer = "x"` from here on.
    else if (joins(token) && joins({ ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 })) {
      this.SKIP_TOKEN()
    }
  }

  /** Makes the next token start a value if something that doesn't stands before it; else reports that it is missing. */
  protected expectValue(starts: (token: IToken) => boolean, wanted: string): void {
    const token = this.LA(1)
    if (starts(token)) return
    this.unexpected([wanted])
    if (!isOpener(token) && !endsEntry(token) && !is(token, T.HoleClose) && starts(this.LA(2))) this.SKIP_TOKEN()
  }

  /** Whether a name comes next, after stepping over a word too many. */
  protected expectName(): boolean {
    const token = this.LA(1)
    if (is(token, T.Name)) return true
    this.unexpected(["a name"])
    if (isOpener(token) || endsEntry(token) || !is(this.LA(2), T.Name)) return false
    this.SKIP_TOKEN()
    return true
  }

  /** Passes over what stands between a head and its `{`. */
  protected expectBrace(): void {
    if (is(this.LA(1), T.LCurly)) return
    this.unexpected(["`{`"])
    this.skipTo((token) => is(token, T.LCurly, T.Separator))
  }

  /** `match match x {`: the first is one too many, since a value follows the second. */
  protected skipDoubledWord(): void {
    const [first, second, third] = [this.LA(1), this.LA(2), this.LA(3)]
    if (first.image !== second.image || !startsOperand(third) || indexes(third, second)) return
    this.report(spanOf(second), ["a value"], `\`${second.image}\``)
    this.SKIP_TOKEN()
  }

  /** Skips to a token `stop` holds of, or the end of the entries around; brackets are skipped whole. */
  protected skipTo(stop: (token: IToken) => boolean): void {
    let depth = 0
    for (let token = this.LA(1); !is(token, EOF); token = this.LA(1)) {
      if (depth === 0 && (stop(token) || isCloser(token))) return
      if (isOpener(token)) depth++
      else if (isCloser(token)) depth--
      if (this.SKIP_TOKEN() === token) return
    }
  }

  protected unexpected(expected: readonly string[]): void {
    const token = this.LA(1)
    const at = this.position()
    const ended = is(token, T.LineEnd, EOF)
    this.report(ended ? { start: at, end: at } : spanOf(token), expected, this.found(token))
  }

  protected report(span: Span, expected: readonly string[], found: string): void {
    this.add({ kind: "UnexpectedToken", span, expected, found })
  }

  protected found(token: IToken): string {
    if (is(token, EOF)) return "end of file"
    if (is(token, T.LineEnd)) return "end of line"
    if (is(token, T.StringStart)) return "a string"
    return `\`${token.image === "" ? (T.insertedImage(token.tokenType) ?? "") : token.image}\``
  }

  /** Reports a problem of a kind of its own. */
  protected add(problem: SyntaxProblem): void {
    if (!this.#reported) this.#log?.add(problem)
    this.#reported = true
  }

  /** From here on is another entry, with mistakes of its own. */
  protected startAnew(): void {
    this.#reported = false
  }

  // --- places ------------------------------------------------------------------------------------------------------

  /** Where the last token ended. */
  protected position(): number {
    const last = this.LA(0)
    return is(last, EOF) ? 0 : last.startOffset + last.image.length
  }

  protected start(): number {
    const next = this.LA(1)
    return is(next, EOF) ? this.#end : next.startOffset
  }

  protected begin(): { readonly start: number; readonly doc: string | undefined } {
    const start = this.start()
    return { start, doc: this.#docs.get(start) }
  }

  protected here(): Span {
    const at = this.position()
    return { start: at, end: at }
  }

  protected spanFrom(start: number): Span {
    const end = this.position()
    return { start: Math.min(start, end), end }
  }

  protected missing(token: IToken | undefined): Missing {
    return { kind: "Missing", span: token === undefined ? this.here() : spanOf(token) }
  }
}
