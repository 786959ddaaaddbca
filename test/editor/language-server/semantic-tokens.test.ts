import { describe, expect, it } from "vitest"
import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver-protocol/node"
import { tokenModifiers, tokenTypes } from "../../../editor/language-service/index.ts"
import { type Document, useEditor } from "./editor.ts"
import { inTest, whole } from "./sources.ts"

const { editor } = useEditor()

/** `text: type modifiers` of each token. */
const decoded = (document: Document, data: readonly number[]): readonly string[] => {
  const found: string[] = []
  let line = 0
  let character = 0
  for (let at = 0; at < data.length; at += 5) {
    const [lines = 0, characters = 0, length = 0, type = 0, bits = 0] = data.slice(at, at + 5)
    line += lines
    character = lines === 0 ? character + characters : characters
    const text = document.textIn({ start: { line, character }, end: { line, character: character + length } })
    const modifiers = tokenModifiers.filter((_, bit) => (bits & (1 << bit)) !== 0)
    found.push([`${text}:`, tokenTypes[type], ...modifiers].join(" "))
  }
  return found
}

const tokensOf = async (text: string): Promise<readonly string[]> => {
  const document = await editor().open(text)
  const { data } = await document.ask<SemanticTokens>("textDocument/semanticTokens/full")
  return decoded(document, data)
}

describe("words are told apart by what they mean", () => {
  it.each([
    ["keywords", ["flow: keyword", "at: keyword", "match: keyword", "exchange: keyword", "contains: keyword"]],
    ["kinds", ["oidc: type", "hostname: type", "aws: type", "sts: type"]],
    [
      "names",
      [
        "corp: namespace declaration",
        "corp: namespace",
        "tools: function declaration",
        "domain: parameter declaration readonly",
      ],
    ],
    ["fields and claims", ["issuer: property", "name: property", "groups: property", "id_token: property"]],
    ["claims of the caller", ["claims: variable defaultLibrary"]],
    ["values", ["1h: number", "secret: function defaultLibrary", "deny: function defaultLibrary"]],
    ["strings and their holes", ["https://idp.: string", "${: macro", "domain: parameter readonly", "}: macro"]],
    ["doc comments", ["/// Where everybody logs in.: comment documentation"]],
  ])("%s", async (_, expected) => {
    const tokens = await tokensOf(whole())
    for (const each of expected) expect(tokens).toContain(each)
  })

  it("a keyword is a field where a field stands", async () => {
    expect(await tokensOf("provider p = oidc {\n  flow = match\n}\n")).toEqual([
      "provider: keyword",
      "p: namespace declaration",
      "=: operator",
      "oidc: type",
      "flow: property",
      "=: operator",
      "match: enumMember",
    ])
  })

  it("tests", async () => {
    const tokens = await tokensOf(inTest('  given claims { groups: ["a"] }\n  expect tools.decision == allow'))
    for (const each of [
      "given: keyword",
      "expect: keyword",
      "tools: function",
      "decision: property",
      "==: operator",
      "allow: enumMember",
    ])
      expect(tokens).toContain(each)
  })
})

it("a comment of several lines is a token on each", async () => {
  expect(await tokensOf("/* one\n   two */ const a = 1\n")).toEqual([
    "/* one: comment",
    "   two */: comment",
    "const: keyword",
    "a: variable declaration readonly",
    "=: operator",
    "1: number",
  ])
})

it("a range is asked for by itself", async () => {
  const document = await editor().open(whole())
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 99 } }
  const { data } = await document.ask<SemanticTokens>("textDocument/semanticTokens/range", undefined, { range })
  expect(decoded(document, data).slice(0, 2)).toEqual(["param: keyword", "domain: parameter declaration readonly"])
  expect(data.length / 5).toBeLessThan(12)
})

it("after an edit only the difference is sent", async () => {
  const document = await editor().open(whole())
  const before = await document.ask<SemanticTokens>("textDocument/semanticTokens/full")
  await editor().change(document.uri, [
    { range: { start: document.position(0), end: document.position(0) }, text: "const a = 1\n" },
  ])
  const { edits } = await document.ask<SemanticTokensDelta>("textDocument/semanticTokens/full/delta", undefined, {
    previousResultId: before.resultId,
  })
  const data = [...before.data]
  for (const { start, deleteCount, data: added = [] } of edits.toReversed()) data.splice(start, deleteCount, ...added)
  expect(decoded(document, data)).toEqual(await tokensOf(document.text))
  expect(edits.flatMap(({ data: added = [] }) => added).length).toBeLessThan(40)
})
