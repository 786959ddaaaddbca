import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { read } from "../architecture/source-files.ts"
import { authflow, folder } from "./authflow.ts"

/** In what a page shows, `…` stands for anything: a port, or on a line of its own any number of lines. */
const isShown = (actual: string, shown: string): boolean => {
  const pattern = shown
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\n)*?" : `${line.split("…").map(literal).join(".*")}\n`))
    .join("")
  return new RegExp(`^${pattern}$`).test(actual.endsWith("\n") ? actual : `${actual}\n`)
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")

/**
 * The page with each command's real output: what it shows, where that is so. Files (```language name) are written to a folder
 * of their own or changed there (```diff name), and commands (```console, `$ npx authflow …`) are run there, in the order of
 * the page.
 */
const played = async (page: string): Promise<string> => {
  const cwd = folder()
  const parts = page.split(/^(```[\s\S]*?^```$)/m)
  const result: string[] = []
  for (const part of parts) {
    const [, info, body] = part.match(/^```(.*)\n([\s\S]*?)^```$/m) ?? []
    if (info === undefined || body === undefined) {
      result.push(part)
      continue
    }
    const [language, name] = info.split(" ")
    if (name !== undefined) {
      const path = join(cwd, name)
      writeFileSync(path, language === "diff" ? changed(readFileSync(path, "utf8"), body) : body)
    }
    if (language !== "console") {
      result.push(part)
      continue
    }
    const commands = body.split(/^(?=\$ )/m).map((each) => each.match(/^\$ npx authflow (.*)\n([\s\S]*)$/))
    const outputs: string[] = []
    for (const command of commands) {
      expect(command, `no command: ${body}`).not.toBeNull()
      const [, args = "", shown = ""] = command ?? []
      const { stdout, stderr } = await authflow(args.split(" "), { cwd })
      // A terminal shows both.
      const actual = `${stdout}${stderr}`.replaceAll(/[ \t]+$/gm, "")
      outputs.push(`$ npx authflow ${args}\n${isShown(actual, shown.trimEnd()) ? shown : actual}`)
    }
    result.push(`\`\`\`console\n${outputs.join("").trimEnd()}\n\`\`\``)
  }
  return result.join("")
}

/** The text after a change that is written as one hunk of a unified diff without its numbers. */
const changed = (text: string, hunk: string): string => {
  const lines = hunk.trimEnd().split("\n")
  const side = (without: string) =>
    lines.flatMap((line) => (line[0] === without ? [] : [`${line.slice(1)}\n`])).join("")
  expect(text.split(side("+")).length, `not once in the file:\n${hunk}`).toBe(2)
  return text.replace(side("+"), () => side("-"))
}

it.each(["tutorial", "tutorial-import"])(
  "docs/%s.md shows what really happens, command by command",
  { timeout: 180_000 },
  async (name) => {
    const page = `docs/${name}.md`
    await expect(await played(read(page))).toMatchFileSnapshot(`../../${page}`)
  },
)

it("what is left out of a page may be anything, and nothing else may", () => {
  expect(isShown("a\nb 1234\nc\nd\n", "a\nb …\n…\nd")).toBe(true)
  expect(isShown("a\nd\n", "a\n…\nd")).toBe(true)
  expect(isShown("a\nb\n", "a")).toBe(false)
  expect(isShown("a (b)\n", "a [b]")).toBe(false)
})
