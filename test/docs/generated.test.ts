import { readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { codes } from "../../compiler/index.ts"
import { constructs } from "../../docs/generate/constructs.ts"
import { difference } from "../../docs/generate/difference.ts"
import { pages } from "../../docs/generate/index.ts"
import { slug } from "../../docs/generate/markdown.ts"
import { read, root } from "../architecture/source-files.ts"

const MINUTE = 60_000

describe("the generated pages", { timeout: 2 * MINUTE }, () => {
  const made = pages()

  it.each(Object.keys(made))("%s is what the catalogue and the registry say; `npm run docs` writes it", (name) => {
    expect(read(join("docs", name)) === made[name], `docs/${name} is out of date: npm run docs`).toBe(true)
  })

  it("have every code, construct and field", () => {
    for (const code of codes) expect(made["diagnostics.md"]).toContain(`<a id="${code.toLowerCase()}"></a>`)
    for (const { kind, fields } of constructs) {
      const [, section = ""] = (made["stages.md"] ?? "").split(`<a id="${kind}"></a>`)
      for (const field of Object.keys(fields)) expect(section.split("<a id=")[0]).toContain(`| \`${field}\` |`)
    }
  })

  it("know of every construct and field what each target makes of it", () => {
    const unknown = (made["capabilities.md"] ?? "")
      .split("\n")
      .filter((line) => line.includes("not shown by any example"))
    expect(unknown).toEqual([])
  })

  it("say what is known to be so", () => {
    const rows = (made["capabilities.md"] ?? "").split("\n## ").find((part) => part.includes("exchange aws.sts")) ?? ""
    expect(rows).toMatch(/\| the construct itself \| runs \| lowered/)
    expect(rows).toMatch(/\| `endpoint` \| runs \| refused: \[AF0809\]\(diagnostics\.md#af0809\) \|/)
    expect(rows).toMatch(/\| `subject` \| runs \| checked; some uses refused: \[AF0801\]/)
    expect(rows).toMatch(/\| `session.duration` \| runs \| lowered \|/)
  })
})

describe("links", () => {
  const documents = [
    "README.md",
    "grammar/README.md",
    ...readdirSync(join(root, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ]
  const anchors = (text: string): ReadonlySet<string> =>
    new Set([
      ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id),
      ...[...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading)),
    ])

  it.each(documents)("in %s lead somewhere", (path) => {
    const text = read(path)
    const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "")
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)
    const inside = links.filter((target) => !/^[a-z]+:/.test(target))
    const broken = inside.filter((target) => {
      const [file = "", id] = target.split("#")
      const where = file === "" ? path : join(path, "..", file)
      try {
        return id !== undefined && !anchors(read(where)).has(id)
      } catch {
        return !folderExists(where)
      }
    })
    expect(broken).toEqual([])
  })
})

const folderExists = (path: string): boolean => {
  try {
    return readdirSync(join(root, path)).length > 0
  } catch {
    return false
  }
}

describe("the difference of two texts", () => {
  it("has the changed lines and a few around them", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index}`)
    const after = lines.with(5, "changed").toSpliced(10, 1)
    expect(difference(lines.join("\n"), after.join("\n")).split("\n")).toEqual([
      "  …",
      "  line 3",
      "  line 4",
      "- line 5",
      "+ changed",
      "  line 6",
      "  line 7",
      "  line 8",
      "  line 9",
      "- line 10",
      "  line 11",
    ])
  })

  it("gives both texts back", () => {
    const [before, after] = ["a\nb\nc\nd", "b\nx\nd\ne"]
    const lines = difference(before, after).split("\n")
    const side = (sign: string) =>
      lines.filter((line) => line[0] === sign || line[0] === " ").map((line) => line.slice(2))
    expect(side("-").join("\n")).toBe(before)
    expect(side("+").join("\n")).toBe(after)
  })
})
