import { snippet } from "@codemirror/autocomplete"
import { EditorState, type Transaction } from "@codemirror/state"
import { describe, expect, it } from "vitest"
import { createWorkspace } from "../../compiler/index.ts"
import { completion, withoutPlaces } from "../../editor/language-service/index.ts"
import { template } from "../../editor/playground/code/snippet.ts"
import { exampleNames, exampleText } from "../examples.ts"

/** What stands in an empty editor after the snippet. */
const written = (text: string): string => {
  let state = EditorState.create()
  const dispatch = (transaction: Transaction) => {
    state = transaction.state
  }
  snippet(template(text))({ state, dispatch }, null, 0, 0)
  return state.doc.toString()
}

/** Line breaks of a snippet are indented as the line is; here it is not. */
const lines = (text: string): readonly string[] => text.split("\n").map((line) => line.trimStart())

describe("snippets in the playground", () => {
  it.each([
    ['flow ${1:name} at "https://${2:mcp.example.com}" {\n  $0\n}', 'flow name at "https://mcp.example.com" {\n  \n}'],
    ['issuer = "https://\\${domain\\}"$0', 'issuer = "https://${domain}"'],
    ["format: ${1|jwt,opaque|}", "format: jwt"],
    ["${1:{ a: b \\}}", "{ a: b }"],
  ])("%j", (text, expected) => {
    expect(written(text)).toBe(expected)
  })

  it("are all those of the language service, at any place of the examples", () => {
    let seen = 0
    for (const name of exampleNames) {
      const workspace = createWorkspace()
      const text = exampleText(name)
      workspace.open({ uri: "a.authflow", text })
      for (let offset = 0; offset <= text.length; offset += 61)
        for (const { label, snippet } of completion({ workspace }, "a.authflow", offset)) {
          seen++
          expect(lines(written(snippet)), `${name} ${offset} ${label}`).toEqual(lines(withoutPlaces(snippet)))
        }
    }
    expect(seen).toBeGreaterThan(100)
  })
})
