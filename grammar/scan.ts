/**
 * Text to tokens. Comments are taken out, characters that belong nowhere are reported and dropped, and every string and hole
 * that was opened is closed, so that the phases behind need not think of any of it.
 *
 * @module
 */
import { createTokenInstance, type IToken, type TokenType } from "chevrotain"
import type { Comment, Span } from "./ast.ts"
import type { Lines } from "./lines.ts"
import { hiddenCharacter, readEscape, readNumber } from "./literal.ts"
import type { ProblemLog } from "./log.ts"
import * as T from "./tokens.ts"

export interface Scanned {
  readonly tokens: readonly IToken[]
  readonly comments: readonly Comment[]
  /** Doc comments, by the offset of the token they stand before. */
  readonly docs: ReadonlyMap<number, string>
}

export const spanOf = (token: IToken): Span => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
})

/** A token that is not in the text, or stands there as something else. */
export const makeToken = (type: TokenType, image: string, start: number): IToken => {
  const unknown = Number.NaN
  const token = createTokenInstance(type, image, start, start + image.length, unknown, unknown, unknown, unknown)
  token.isInsertedInRecovery = image === ""
  return token
}

export const scan = (text: string, lines: Lines, log: ProblemLog): Scanned => {
  const { tokens: raw, groups } = T.sharedLexer().tokenize(text)
  const comments = (groups["comments"] ?? []).map(readComment)
  for (const [index, comment] of (groups["comments"] ?? []).entries()) {
    if (comment.tokenType === T.OpenComment) {
      const start = comment.startOffset
      log.add({ kind: "UnterminatedComment", span: { start, end: start + 2 } })
      comments.splice(index)
    }
  }
  const tokens = closeStrings(raw, text.length, lines, log)
  for (const token of tokens) checkToken(token, log)
  reportHidden(text, log)
  const kept = tokens.filter((token) => token.tokenType !== T.Unexpected && token.tokenType !== T.ForeignComment)
  return { tokens: kept, comments, docs: docsBefore(kept, comments, lines) }
}

const readComment = (token: IToken): Comment => {
  const written = token.image.trimEnd()
  const style = token.tokenType === T.DocComment ? "doc" : token.tokenType === T.LineComment ? "line" : "block"
  return {
    span: { start: token.startOffset, end: token.startOffset + written.length },
    style,
    text: written.replace(/\r\n?/g, "\n"),
  }
}

/**
 * Puts the missing ends of strings and holes in. A string that the end of its line cuts off gives back what stands at its
 * end and is not likely part of it: brackets and commas that close what was opened before it on that line, and a brace that
 * opens a block. In `scopes = ["mcp:use] }` and `flow f at "https://x {` only a quote is missing.
 */
const closeStrings = (raw: readonly IToken[], length: number, lines: Lines, log: ProblemLog): readonly IToken[] => {
  const tokens: IToken[] = []
  let string: IToken | undefined
  let hole: IToken | undefined

  const breakOff = (end: number): void => {
    if (string === undefined) return
    log.add({ kind: "UnterminatedString", span: { start: string.startOffset, end } })
    if (hole !== undefined) tokens.push(makeToken(T.HoleClose, "", end), makeToken(T.StringEnd, "", end))
    else giveBack(tokens, end, lines)
    string = undefined
    hole = undefined
  }

  for (const token of raw) {
    switch (token.tokenType) {
      case T.StringStart:
        string = token
        tokens.push(token)
        break
      case T.HoleOpen:
        hole = token
        tokens.push(token)
        break
      case T.HoleClose:
        hole = undefined
        tokens.push(token)
        break
      case T.StringEnd:
        string = undefined
        tokens.push(token)
        break
      case T.HoleQuote: {
        const at = token.startOffset
        if (hole !== undefined) log.add({ kind: "UnclosedHole", span: spanOf(token), opened: spanOf(hole) })
        tokens.push(makeToken(T.HoleClose, "", at), makeToken(T.StringEnd, token.image, at))
        string = undefined
        hole = undefined
        break
      }
      case T.StringBreak:
      case T.HoleBreak:
        breakOff(token.startOffset)
        break
      default:
        tokens.push(token)
    }
  }
  breakOff(length)
  return tokens
}

const opening: ReadonlyMap<string, TokenType> = new Map([
  ["}", T.LCurly],
  ["]", T.LSquare],
  [")", T.LParen],
])

const signs: ReadonlyMap<string, TokenType> = new Map([
  ["{", T.LCurly],
  ["}", T.RCurly],
  ["]", T.RSquare],
  [")", T.RParen],
  [",", T.Comma],
])

const giveBack = (tokens: IToken[], end: number, lines: Lines): void => {
  const last = tokens.at(-1)
  const lineTail = last?.tokenType === T.Text ? last.image.slice(-64) : ""
  const tail = /\s+\{\s*$|[\])},][\])},\s]*$/.exec(lineTail)?.[0] ?? ""
  const open: TokenType[] = []
  const line = lines.lineAt(end)
  const first = tokens.findLastIndex((token) => lines.lineAt(token.startOffset) < line) + 1
  for (const { tokenType } of tokens.slice(first)) {
    if (tokenType === T.LCurly || tokenType === T.LSquare || tokenType === T.LParen) open.push(tokenType)
    if (tokenType === T.RCurly || tokenType === T.RSquare || tokenType === T.RParen) open.pop()
  }
  const start = end - tail.length
  const given: IToken[] = []
  for (let index = 0; index < tail.length; index++) {
    const character = tail.charAt(index)
    const type = signs.get(character)
    if (type === undefined) continue
    const opener = opening.get(character)
    if (opener !== undefined && opener !== open.pop()) {
      tokens.push(makeToken(T.StringEnd, "", end))
      return
    }
    given.push(makeToken(type, character, start + index))
  }
  if (last !== undefined && given.length > 0) {
    tokens.pop()
    const text = last.image.slice(0, last.image.length - tail.length)
    if (text !== "") tokens.push(makeToken(T.Text, text, last.startOffset))
    tokens.push(makeToken(T.StringEnd, "", start), ...given)
  } else tokens.push(makeToken(T.StringEnd, "", end))
}

/** Characters that are often typed for another. */
const lookalikes: ReadonlyMap<string, string> = new Map([
  [";", ","],
  ["->", "=>"],
  ["\u2192", "=>"],
  ["\u201c", '"'],
  ["\u201d", '"'],
  ["\u201e", '"'],
  ["'", '"'],
  ["\u2018", '"'],
  ["\u2019", '"'],
  ["`", '"'],
  ["\u00a0", " "],
])

const checkToken = (token: IToken, log: ProblemLog): void => {
  const span = spanOf(token)
  const found = token.image
  switch (token.tokenType) {
    case T.Unexpected:
      log.add({ kind: "UnexpectedCharacter", span, found, instead: lookalikes.get(found) })
      break
    case T.ForeignString:
      log.add({ kind: "UnexpectedCharacter", span, found: found.charAt(0), instead: '"' })
      break
    case T.ForeignComment:
      log.add({
        kind: "UnexpectedCharacter",
        span: { start: span.start, end: span.start + 1 },
        found: "#",
        instead: "//",
      })
      break
    case T.Name: {
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(found)) break
      const near = found.replaceAll("-", "_")
      const instead = /^[A-Za-z_][A-Za-z0-9_]*$/.test(near) ? near : undefined
      log.add({ kind: "BadName", span, found, instead })
      break
    }
    case T.NumberLike: {
      const reading = readNumber(found)
      if (reading.kind === "out-of-range") log.add({ kind: "NumberOutOfRange", span, found })
      if (reading.kind === "bad") {
        log.add({ kind: "BadNumber", span, found, reason: reading.reason, unit: reading.unit })
      }
      break
    }
    case T.Escape:
      if (readEscape(found) === undefined) log.add({ kind: "BadEscape", span, found })
      break
    case T.HoleIndex:
      for (const { 0: written, index } of found.matchAll(/\\u\{[^}]*\}|\\./g)) {
        if (readEscape(written) !== undefined) continue
        const start = span.start + index
        log.add({ kind: "BadEscape", span: { start, end: start + written.length }, found: written })
      }
      break
  }
}

const reportHidden = (text: string, log: ProblemLog): void => {
  for (const { index } of text.matchAll(new RegExp(hiddenCharacter.source, "gu"))) {
    log.add({ kind: "HiddenCharacter", span: { start: index, end: index + 1 }, codePoint: text.charCodeAt(index) })
  }
}

/** A doc comment belongs to what follows, if it stands on lines of its own with no blank line between. */
const docsBefore = (
  tokens: readonly IToken[],
  comments: readonly Comment[],
  lines: Lines,
): ReadonlyMap<number, string> => {
  const docs = new Map<number, string>()
  let next = 0
  let index = 0
  while (index < comments.length) {
    const first = comments[index]
    if (first === undefined) break
    while (next < tokens.length && startOf(tokens[next]) < first.span.start) next++
    const owner = tokens[next]
    const before = tokens[next - 1]
    const ownerStart = owner === undefined ? Number.POSITIVE_INFINITY : owner.startOffset
    const group: Comment[] = []
    for (; index < comments.length; index++) {
      const comment = comments[index]
      if (comment === undefined || comment.span.start > ownerStart) break
      group.push(comment)
    }
    if (owner === undefined) break
    const text: string[] = []
    let line = lines.lineAt(owner.startOffset)
    for (const comment of group.reverse()) {
      const trailing = before !== undefined && lines.lineAt(before.startOffset) === lines.lineAt(comment.span.start)
      if (trailing || lines.lineAt(comment.span.end) < line - 1) break
      line = lines.lineAt(comment.span.start)
      if (comment.style === "doc") text.push(comment.text.slice(3).replace(/^ /, ""))
    }
    if (text.length > 0) docs.set(owner.startOffset, text.reverse().join("\n"))
  }
  return docs
}

const startOf = (token: IToken | undefined): number => token?.startOffset ?? Number.POSITIVE_INFINITY
