/** Places are lines and UTF-16 code units, whatever the line ends and characters are. */
import { describe, expect, it } from "vitest"
import type { Hover } from "vscode-languageserver-protocol/node"
import { useEditor } from "./editor.ts"
import { whole } from "./sources.ts"

const { editor } = useEditor()

const odd = whole()
  .replace("/// Where everybody logs in.", "/// 🔐 Wo sich alle anmelden – 日本 🇩🇪")
  .replace("ask for a group", "👩‍🚀 asks for a group 🚀")

describe.each([
  ["LF", odd],
  ["CRLF", odd.replaceAll("\n", "\r\n")],
  ["CR", odd.replaceAll("\n", "\r")],
])("with %s and characters beyond the first plane", (_, text) => {
  it("nothing is wrong", async () => {
    const document = await editor().open(text)
    expect(await document.diagnostics()).toEqual([])
  })

  it("a mistake behind them on the line is placed where it is", async () => {
    const document = await editor().open(text.replace('group 🚀")', 'group 🚀") oops'))
    const [found] = await document.diagnostics()
    expect(found && document.textIn(found.range)).toContain("oops")
  })

  it("what is asked about behind them is found", async () => {
    const document = await editor().open(text)
    const hover = await document.ask<Hover>("textDocument/hover", text.indexOf("session") + 2)
    expect(hover.range && document.textIn(hover.range)).toBe("session")
  })

  it("edits between them are taken as they are meant", async () => {
    const document = await editor().open(text)
    const rocket = text.indexOf('🚀")')
    const at = (offset: number) => document.position(offset)
    await editor().change(document.uri, [
      { range: { start: at(rocket), end: at(rocket + 2) }, text: "🛰️" },
      { range: { start: at(0), end: at(0) }, text: "// 🛰️\n" },
    ])
    expect(await document.diagnostics()).toEqual([])
    const region = document.text.indexOf('"eu-west-1"')
    await editor().change(document.uri, [{ range: { start: at(region), end: at(region + 11) }, text: "7" }])
    const [found] = await document.diagnostics()
    expect(found && document.textIn(found.range)).toBe("7")
  })
})
