/**
 * Packs the extension: `npm run vsix` writes dist/vscode/authflow-VERSION.vsix and lists what is in it.
 *
 * @module
 */

import { fileURLToPath } from "node:url"
import { createVSIX, listFiles } from "@vscode/vsce"
import manifest from "../manifest.json" with { type: "json" }
import { buildExtension } from "./extension.ts"

const dist = new URL("../../../dist/vscode/", import.meta.url)
const folder = new URL("extension/", dist)

await buildExtension(folder)
const cwd = fileURLToPath(folder)
const packagePath = fileURLToPath(new URL(`authflow-${manifest.version}.vsix`, dist))
// All that it needs is bundled; there is no repository to link to, nor a license file.
await createVSIX({
  cwd,
  packagePath,
  dependencies: false,
  allowMissingRepository: true,
  skipLicense: true,
  rewriteRelativeLinks: false,
})
console.log((await listFiles({ cwd, packageManager: 0 })).sort().join("\n"))
