import { existsSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"
import { block, isAllowed, rules } from "./arrows.ts"
import { importsOf, read, root, sourceFiles } from "./source-files.ts"

const known = rules(block(read("docs/developers.md"), "arrows"))
const files = sourceFiles()
const imports = files.flatMap((file) => importsOf(file, read(file)))

describe("imports", () => {
  it("go only where docs/developers.md says", () => {
    expect(imports.filter((each) => !isAllowed(each, known))).toEqual([])
  })

  it("are all of files that exist", () => {
    // The files of this folder hold imports as samples.
    const written = imports.filter(({ from, to }) => !from.startsWith("test/architecture/") && !/^(npm|node):/.test(to))
    const data = (path: string) => path.endsWith(".json") && existsSync(join(root, path))
    expect(written.filter(({ to }) => !files.includes(to) && !data(to))).toEqual([])
  })

  it("are read from the text as the bundler sees them", async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: files.filter((file) => /^(grammar|compiler|runtime|cli)\/.*\.ts$/.test(file)),
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      packages: "external",
      outdir: "unused",
      write: false,
      metafile: true,
    })
    const ours = new Set(imports.map(({ from, to }) => `${from} -> ${to}`))
    const theirs = Object.entries(metafile.inputs).flatMap(([from, input]) =>
      input.imports.filter(({ external }) => external !== true).map(({ path }) => `${from} -> ${path}`),
    )
    expect(theirs.length).toBeGreaterThan(50)
    expect(theirs.filter((each) => !ours.has(each))).toEqual([])
  })
})

describe("the rules themselves", () => {
  const sample = rules(["a/ -> b/ npm:x type:c/data.ts", "a/deep/ ->", "b/ ->", "c/ -> node:"])
  const allowed = (from: string, text: string) => importsOf(from, text).map((each) => isAllowed(each, sample))

  it.each([
    ["an allowed folder", "a/one.ts", `import { b } from "../b/two.ts"`, true],
    ["its own folder", "a/one.ts", `import { b } from "./two.ts"`, true],
    ["a folder that is not listed", "b/one.ts", `import { a } from "../a/two.ts"`, false],
    ["a deeper folder with its own rule", "a/one.ts", `import { a } from "./deep/two.ts"`, false],
    ["a package", "a/one.ts", `import { x } from "x/sub"`, true],
    ["another package", "a/one.ts", `import { x } from "@x/y"`, false],
    ["a module of Node", "a/one.ts", `import { x } from "node:fs"`, false],
    ["a module of Node where it may be", "c/one.ts", `import { x } from "node:fs"`, true],
    ["only types of a file", "a/one.ts", `import type { D } from "../c/data.ts"`, true],
    ["more than types of it", "a/one.ts", `import { D } from "../c/data.ts"`, false],
    ["a dynamic import", "b/one.ts", `const a = () => import("../a/one.ts")`, false],
    ["an export of something else's", "b/one.ts", `export * as a from "../a/one.ts"`, false],
    ["an import over several lines", "b/one.ts", `import {\n  one,\n  two,\n} from "../a/one.ts"`, false],
    ["an import for its effect", "b/one.ts", `import "../a/one.ts"`, false],
    ["a folder with no rule", "d/one.ts", `import { b } from "../b/two.ts"`, false],
  ])("%s", (_, from, text, expected) => {
    expect(allowed(from, text)).toEqual([expected])
  })

  it("sees no import in a comment", () => {
    expect(importsOf("a/one.ts", `// import "../b/two.ts"\n/* import "../b/two.ts" */\n`)).toEqual([])
  })
})
