/**
 * The playground, built as `npm run playground` builds it.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, type Plugin } from "vite"
import { root } from "../architecture/source-files.ts"

export interface Page {
  readonly html: string
  /** What the page is made of: paths from the checkout's root, and names of what a bundler cannot find for a browser. */
  readonly modules: readonly string[]
  /** What its script imports when it runs. */
  readonly imports: readonly string[]
  /** Names of the files that were written. */
  readonly files: readonly string[]
}

export const playgroundPage = async (): Promise<Page> => {
  const outDir = mkdtempSync(join(tmpdir(), "authflow-playground-"))
  const modules = new Set<string>()
  const imports = new Set<string>()
  const seen: Plugin = {
    name: "seen",
    moduleParsed: ({ id, importedIds, dynamicallyImportedIds }) => {
      for (const each of [id, ...importedIds, ...dynamicallyImportedIds])
        modules.add(each.startsWith(root) ? each.slice(root.length).replace(/\?.*$/, "") : each)
    },
    renderChunk: (_code, chunk) => {
      for (const each of [...chunk.imports, ...chunk.dynamicImports]) imports.add(each)
      return null
    },
  }
  try {
    const result = await build({
      configFile: join(root, "editor/playground/build/vite.config.ts"),
      logLevel: "error",
      build: { outDir },
      plugins: [seen],
    })
    const outputs = [result].flat().flatMap((each) => ("output" in each ? each.output : []))
    return {
      html: readFileSync(join(outDir, "index.html"), "utf8"),
      modules: [...modules].sort(),
      imports: [...imports],
      files: outputs.map(({ fileName }) => fileName),
    }
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}
