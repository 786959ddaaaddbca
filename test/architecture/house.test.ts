import { readdirSync } from "node:fs"
import { describe, expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { block } from "./arrows.ts"
import { read, root, sourceFiles } from "./source-files.ts"

const LINES = 400

const lock: { readonly packages: Readonly<Record<string, { readonly version?: string; readonly resolved?: string }>> } =
  JSON.parse(read("package-lock.json"))

describe("files", () => {
  const listed = new Map(
    block(read("docs/developers.md"), "long-files").map((line): [string, string] => {
      const [path = "", ...reason] = line.trim().split(/\s+/)
      return [path, reason.join(" ")]
    }),
  )
  const long = sourceFiles().filter((path) => read(path).split("\n").length - 1 > LINES)

  it(`have at most ${LINES} lines, or are listed in docs/developers.md with a reason`, () => {
    expect(long.filter((path) => (listed.get(path) ?? "") === "")).toEqual([])
  })

  it("are listed as long only while they are", () => {
    expect([...listed.keys()].filter((path) => !long.includes(path))).toEqual([])
  })

  it("lie in the folders that docs/developers.md describes", () => {
    const untracked = new Set([".git", "node_modules", "dist", "coverage", ".cache"])
    const found = readdirSync(root).filter((name) => !untracked.has(name))
    const layout = block(read("docs/developers.md"), "layout").flatMap((line) => line.match(/^\S+/)?.[0] ?? [])
    const known = new Set(layout.map((path) => path.split("/")[0]))
    expect(found.filter((name) => !known.has(name))).toEqual([])
  })
})

describe("dependencies", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies }

  it("are pinned to exact versions", () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it("are locked without the address of a registry", () => {
    const packages = Object.entries(lock.packages)
    expect(packages.length).toBeGreaterThan(100)
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  it("are locked at the versions that package.json says", () => {
    const other = Object.entries(all).filter(
      ([name, version]) => lock.packages[`node_modules/${name}`]?.version !== version,
    )
    expect(other).toEqual([])
  })

  it("each have a reason in README.md, and nothing else has one", () => {
    const [, section = ""] = read("README.md").match(/^## Dependencies\n([\s\S]*?)(?=^## |(?![\s\S]))/m) ?? []
    const reasoned = [...section.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name]) => name)
    expect(reasoned.toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted())
  })
})
