/**
 * Builds dist/: one small bundle that `authflow check` loads whole, and chunks that are loaded when a command asks for them.
 * Run by `npm ci` (the `prepare` script) and `npm run build`.
 *
 * What the command line and the compiler are made of is bundled, because opening hundreds of small files is most of a cold
 * start. What only a running proxy needs stays in node_modules: it is loaded once per run, and oidc-provider and the AWS SDK
 * look for their own files at run time.
 *
 * @module
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import manifest from "../package.json" with { type: "json" }

/** Bundled although they are dependencies; everything else in package.json stays outside. */
const bundled = new Set([
  "@effect/platform-node",
  "@marcbachmann/cel-js",
  "chevrotain",
  "effect",
  "fastest-levenshtein",
  "yaml",
])

const root = fileURLToPath(new URL("..", import.meta.url))
const dist = join(root, "dist")

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { authflow: "cli/main.ts" },
  outdir: "dist",
  write: false,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: `node${manifest.engines.node.replace(/^>=/, "")}`,
  minify: true,
  external: Object.keys(manifest.dependencies)
    .filter((name) => !bundled.has(name))
    .flatMap((name) => [name, `${name}/*`]),
  chunkNames: "chunks/[name]-[hash]",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
})

// Chunks first, the entry last and by renaming it: an authflow that starts meanwhile finds the old build or the new one.
const built = new Map(outputFiles.map(({ path, contents }) => [relative(dist, path), contents]))
built.set("metafile.json", new TextEncoder().encode(JSON.stringify(metafile)))
const entry = "authflow.js"
for (const name of [...built.keys()].sort((a, b) => Number(a === entry) - Number(b === entry))) {
  const path = join(dist, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, built.get(name) ?? "")
  renameSync(`${path}.new`, path)
}
for (const found of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(found.parentPath, found.name)
  if (found.isFile() && !built.has(relative(dist, path))) rmSync(path, { force: true })
}

// Fills V8's compile cache, so that not even the first start compiles from scratch. A failure costs only that time.
spawnSync(process.execPath, [join(root, "cli/launcher.js"), "check", join(root, "examples/thv-0050.authflow")], {
  stdio: "ignore",
})
