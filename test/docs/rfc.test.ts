/** docs/rfc.md names tests: each is there. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/rfc.md"), "utf8")
const FOLDERS: Readonly<Record<string, string>> = { R: "runtime", E: "e2e", C: "conformance" }

const named = [...page.matchAll(/`([REC])\/([\w-]+\.test\.ts): ([^`]+)`/g)].map(
  ([, folder = "", file = "", title = ""]) => ({
    path: `test/${FOLDERS[folder]}/${file}`,
    title,
  }),
)

describe("docs/rfc.md", () => {
  it("has a test for each row", () => {
    expect(named.length).toBeGreaterThan(60)
    const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (section|it asks)/.test(line))
    expect(rows.filter((row) => !/`[REC]\//.test(row))).toEqual([])
  })

  it.each(named)("$path: $title", ({ path, title }) => {
    expect(existsSync(join(root, path)), path).toBe(true)
    expect(readFileSync(join(root, path), "utf8")).toContain(title)
  })
})
