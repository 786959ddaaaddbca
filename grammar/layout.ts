/**
 * Between scanner and parser: makes brackets balance and puts a `LineEnd` token where the end of a line ends an entry.
 *
 * With that, a mistake stays inside its line and its brackets, whatever the parser does about it. A text whose brackets
 * balance is never mended, so nothing here can change what a correct file means. Where they don't, two readings are made,
 * one that trusts indentation and one that doesn't, and the one that has to mend less is taken.
 *
 * @module
 */
import type { IToken, TokenType } from "chevrotain"
import type { Lines } from "./lines.ts"
import type { ProblemLog } from "./log.ts"
import type { SyntaxProblem } from "./problem.ts"
import { makeToken, spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

/** Deeper than anyone writes, and far from what the stack can take. */
const MAX_DEPTH = 64

const closerOf: ReadonlyMap<TokenType, TokenType> = new Map([
  [T.LCurly, T.RCurly],
  [T.LSquare, T.RSquare],
  [T.LParen, T.RParen],
])
const openerOf: ReadonlyMap<TokenType, TokenType> = new Map([...closerOf].map(([open, close]) => [close, open]))

export const isCloser = (token: IToken): boolean => openerOf.has(token.tokenType)
export const isOpener = (token: IToken): boolean => closerOf.has(token.tokenType)

/** Tokens after which something has to follow, on the next line if not on theirs. */
const leaning: ReadonlySet<TokenType> = new Set([T.Equals, T.EqualTo, T.NotEqualTo, T.Arrow, T.Colon, T.Dot])
/** Tokens that go on with what the line before began. */
const continuing: ReadonlySet<TokenType> = new Set([T.Arrow, T.EqualTo, T.NotEqualTo, T.LCurly, T.Comma])

/** The tokens to parse, or undefined when they are nested too deep to be parsed. */
export const layOut = (tokens: readonly IToken[], lines: Lines, log: ProblemLog): IToken[] | undefined => {
  const tooDeep = checkNesting(tokens)
  if (tooDeep === "balanced") return endLines(tokens, lines)
  if (tooDeep !== "unbalanced") {
    log.add({ kind: "NestingTooDeep", span: spanOf(tooDeep), limit: MAX_DEPTH })
    return undefined
  }
  const readings = [mend(tokens, lines, true), mend(tokens, lines, false)]
  const usable = readings.filter((reading) => reading !== undefined)
  const best = usable.sort((a, b) => a.problems.length - b.problems.length)[0]
  if (best === undefined) {
    const deepest = tokens.find(isOpener)
    log.add({
      kind: "NestingTooDeep",
      span: deepest === undefined ? { start: 0, end: 0 } : spanOf(deepest),
      limit: MAX_DEPTH,
    })
    return undefined
  }
  for (const problem of best.problems) {
    log.add(problem)
    if (problem.kind === "UnclosedBracket") log.excuse(problem.opened)
  }
  return endLines(best.tokens, lines)
}

/** The first token that is nested too deep, or whether the brackets balance. */
const checkNesting = (tokens: readonly IToken[]): IToken | "balanced" | "unbalanced" => {
  const open: TokenType[] = []
  let balanced = true
  for (const token of tokens) {
    const type = token.tokenType
    if (closerOf.has(type)) {
      open.push(type)
      if (open.length > MAX_DEPTH) return token
    } else if (openerOf.has(type) && open.pop() !== openerOf.get(type)) balanced = false
  }
  return balanced && open.length === 0 ? "balanced" : "unbalanced"
}

/** An open bracket. */
interface Frame {
  readonly token: IToken
  readonly line: number
  /** Column of the first token of the bracket's line. */
  readonly indent: number
  /** Column of the first line inside. */
  inside: number | undefined
}

interface Mended {
  readonly tokens: readonly IToken[]
  readonly problems: readonly SyntaxProblem[]
}

const mend = (tokens: readonly IToken[], lines: Lines, byIndent: boolean): Mended | undefined => {
  const out: IToken[] = []
  const problems: SyntaxProblem[] = []
  const frames: Frame[] = []
  let inside: number | undefined
  let line = -1
  let indent = 0

  const endOfLast = (): number => {
    const last = out.at(-1)
    return last === undefined ? 0 : last.startOffset + last.image.length
  }
  const close = (frame: Frame, report: boolean): void => {
    const closer = closerOf.get(frame.token.tokenType)
    if (closer === undefined) return
    const at = endOfLast()
    if (report) {
      const opened = spanOf(frame.token)
      problems.push({ kind: "UnclosedBracket", span: { start: at, end: at }, opened, ...pairOf(frame.token) })
    }
    out.push(makeToken(closer, "", at))
  }
  const drop = (token: IToken): void => {
    const close = token.tokenType === T.RCurly ? "}" : token.tokenType === T.RSquare ? "]" : ")"
    problems.push({ kind: "UnopenedBracket", span: spanOf(token), close })
  }
  /** Closes all that is open. One bracket was forgotten, however many stay open by that. */
  const closeAll = (): void => {
    for (let report = true; frames.length > 0; report = false) {
      const frame = frames.pop()
      if (frame !== undefined) close(frame, report)
    }
  }

  for (const [index, token] of tokens.entries()) {
    const tokenLine = lines.lineAt(token.startOffset)
    const first = tokenLine !== line
    if (first) {
      const lastLine = line
      const lastIndent = indent
      line = tokenLine
      indent = lines.columnOf(token.startOffset)
      if (startsItem(tokens, index) && (!byIndent || indent === 0)) closeAll()
      for (let top = frames.at(-1); top !== undefined; top = frames.at(-1)) {
        const left = byIndent && (isCloser(token) ? top.indent > indent : top.indent >= indent)
        const ended = top.token.tokenType !== T.LCurly && startsField(tokens, index)
        if (!left && !ended) break
        frames.pop()
        close(top, true)
      }
      const top = frames.at(-1)
      const expected = top === undefined ? inside : top.inside
      const braces = top === undefined || top.token.tokenType === T.LCurly
      if (expected === undefined) {
        if (top === undefined) inside = indent
        else top.inside = indent
      } else if (byIndent && braces && indent > expected && !isCloser(token) && continues(tokens, index)) {
        const at = endOfLast()
        const opener = makeToken(T.LCurly, "", at)
        problems.push({
          kind: "UnexpectedToken",
          span: { start: at, end: at },
          expected: ["`{`"],
          found: "end of line",
        })
        out.push(opener)
        frames.push({ token: opener, line: lastLine, indent: lastIndent, inside: indent })
      }
    }
    const last = out.at(-1)
    if (isOpener(token)) {
      // Two braces or parentheses in a row are never right.
      if (token.tokenType !== T.LSquare && last?.tokenType === token.tokenType) {
        problems.push({
          kind: "UnexpectedToken",
          span: spanOf(token),
          expected: ["a name"],
          found: `\`${token.image}\``,
        })
        continue
      }
      frames.push({ token, line, indent, inside: undefined })
      if (frames.length > MAX_DEPTH) return undefined
      out.push(token)
    } else if (isCloser(token)) {
      const wanted = openerOf.get(token.tokenType)
      const top = frames.at(-1)
      const stray =
        byIndent && top !== undefined && top.line < line && (first ? top.indent < indent : token.tokenType === T.RCurly)
      const depth = frames.findLastIndex((frame) => frame.token.tokenType === wanted)
      const reached = frames[depth]
      const reachable = top === reached || !byIndent || first || reached?.line === line
      if (stray || reached === undefined || !reachable) {
        drop(token)
        continue
      }
      for (let frame = frames.pop(); frame !== undefined && frame !== reached; frame = frames.pop()) close(frame, true)
      out.push(token)
    } else out.push(token)
  }
  closeAll()
  return { tokens: out, problems }
}

const pairOf = ({ tokenType }: IToken): { readonly open: "{" | "[" | "("; readonly close: "}" | "]" | ")" } =>
  tokenType === T.LCurly
    ? { open: "{", close: "}" }
    : tokenType === T.LSquare
      ? { open: "[", close: "]" }
      : { open: "(", close: ")" }

const is = (token: IToken, ...types: readonly TokenType[]): boolean => types.includes(token.tokenType)

const isName = (token: IToken | undefined): boolean =>
  token !== undefined && (token.tokenType === T.Name || (token.tokenType.CATEGORIES ?? []).some(leadsToName))

const leadsToName = (type: TokenType): boolean => type === T.Name || (type.CATEGORIES ?? []).some(leadsToName)

/** `flow x at`, `provider x =`, `param x:`, `env x {`, `import {`, `test "…"` at the start of a line: none of these can stand inside an item. */
const startsItem = (tokens: readonly IToken[], index: number): boolean => {
  const [first, second, third] = tokens.slice(index, index + 3)
  if (first?.tokenType === T.Test && second !== undefined && is(second, T.StringStart)) return true
  if (first?.tokenType === T.Import && second !== undefined && is(second, T.LCurly)) return true
  if (first === undefined || third === undefined || !isName(second)) return false
  switch (first.tokenType) {
    case T.Param:
      return third.tokenType === T.Colon || third.tokenType === T.Equals
    case T.Environment:
      return third.tokenType === T.LCurly
    case T.Constant:
    case T.Provider:
    case T.Server:
      return third.tokenType === T.Equals
    case T.Flow:
      return third.tokenType === T.At
    default:
      return false
  }
}

/** `name =`: never right inside `[ ]` or `( )`. */
const startsField = (tokens: readonly IToken[], index: number): boolean =>
  isName(tokens[index]) && tokens[index + 1]?.tokenType === T.Equals

/** Whether the line before may have lost a `{` at its end: it is whole without what follows. */
const continues = (tokens: readonly IToken[], index: number): boolean => {
  const before = tokens[index - 1]
  const token = tokens[index]
  if (before === undefined || token === undefined || !isName(token)) return false
  return isName(before) || is(before, T.StringEnd, T.RParen, T.Colon)
}

/** Puts `LineEnd` tokens in. Lines end entries inside `{ }` and outside all brackets; elsewhere they are only space. */
const endLines = (tokens: readonly IToken[], lines: Lines): IToken[] => {
  const out: IToken[] = []
  const open: TokenType[] = []
  let last: IToken | undefined
  let lastLine = 0
  for (const [index, token] of tokens.entries()) {
    const line = lines.lineAt(token.startOffset)
    const inside = open.at(-1)
    if (last !== undefined && line > lastLine && (inside === undefined || inside === T.LCurly)) {
      if (endsEntry(last, tokens, index, lines))
        out.push(makeToken(T.LineEnd, "", last.startOffset + last.image.length))
    }
    if (isOpener(token)) open.push(token.tokenType)
    else if (isCloser(token)) open.pop()
    out.push(token)
    last = token
    lastLine = line
  }
  return out
}

/** Whether the end of the line between `last` and the token at `index` ends an entry. */
const endsEntry = (last: IToken, tokens: readonly IToken[], index: number, lines: Lines): boolean => {
  const next = tokens[index]
  if (next === undefined || isCloser(next) || continuing.has(next.tokenType)) return false
  if (last.tokenType === T.LCurly || last.tokenType === T.Comma) return false
  return !leaning.has(last.tokenType) || startsEntry(tokens, index, lines)
}

/** Whether an entry starts here for certain, so that the value the line before leads up to is missing. */
const startsEntry = (tokens: readonly IToken[], index: number, lines: Lines): boolean => {
  const [first, second] = tokens.slice(index, index + 2)
  if (first === undefined || second === undefined || !isName(first)) return false
  if (lines.lineAt(second.startOffset) > lines.lineAt(first.startOffset)) return false
  if (is(second, T.Equals, T.Colon, T.Arrow)) return true
  // No value has a name or a string behind a name, except what a match begins with.
  return first.tokenType !== T.Match && (isName(second) || second.tokenType === T.StringStart)
}
