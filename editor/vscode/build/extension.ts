/**
 * Puts the extension together: what is packed, and nothing else, in a folder of its own.
 *
 * @module
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { snippets } from "./snippets.ts"

const source = new URL("../", import.meta.url)
const root = new URL("../../../", import.meta.url)

/** `folder`: where to; what was there is gone afterwards. */
export const buildExtension = async (folder: URL): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: { extension: "editor/vscode/src/extension.ts", server: "editor/vscode/src/server.ts" },
    outdir: fileURLToPath(folder),
    bundle: true,
    format: "cjs",
    platform: "node",
    // That of the oldest VS Code which `engines` allows.
    target: "node20",
    minify: true,
    external: ["vscode"],
    // The package offers Node CommonJS, which bundles badly; this is the same code as modules.
    alias: { yaml: "./node_modules/yaml/browser/index.js" },
    legalComments: "none",
    logLevel: "error",
  })
  for (const name of ["language-configuration.json", "README.md", "icons", "images"])
    cpSync(new URL(name, source), new URL(name, folder), { recursive: true })
  cpSync(new URL("grammar/authflow.tmLanguage.json", root), new URL("authflow.tmLanguage.json", folder))
  cpSync(new URL("docs/diagnostics.md", root), new URL("docs/diagnostics.md", folder))
  writeFileSync(new URL("snippets.json", folder), `${JSON.stringify(snippets(new URL("examples/", root)), null, 2)}\n`)
  cpSync(new URL("manifest.json", source), new URL("package.json", folder))
}
