/**
 * Builds dist/: the bundle that every command starts from, and those that some commands load.
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
import { join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build, type Plugin } from "esbuild"
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

/**
 * The bundles: what each one starts from. Those after the first are loaded by dynamic import, and each brings its own copy of
 * the modules it shares with the first. Shared chunks would be smaller on disk, but then every module that two of them use
 * (most of Effect) holds what both use of it, and `authflow check` would load that.
 */
const entries = {
  authflow: "cli/main.ts",
  targets: "compiler/targets/index.ts",
  evaluation: "compiler/analysis/evaluation.ts",
  import: "compiler/targets/toolhive/import/index.ts",
  graph: "compiler/analysis/graph/index.ts",
  crds: "compiler/targets/toolhive/crd/index.ts",
  parameters: "compiler/parameter-file.ts",
  lsp: "editor/language-server/index.ts",
  "api-key": "runtime/resource-server/api-key.ts",
  runtime: "cli/run/host.ts",
} as const

/** Turns the dynamic import of an entry into one of its bundle. */
const apart: Plugin = {
  name: "apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined
      const source = relative(root, resolve(resolveDir, path))
      const found = Object.entries(entries).find(([, entry]) => entry === source)
      return found && { path: `./${found[0]}.js`, external: true }
    }),
}

/**
 * Leaves the CEL library of the checker alone until a file has an expression: it fills its tables when it is loaded. Bundled
 * `require` of a module runs it at the first call.
 */
const lazyCel: Plugin = {
  name: "lazy-cel",
  setup: ({ onResolve, onLoad }) => {
    const name = "@marcbachmann/cel-js"
    onResolve({ filter: new RegExp(`^${name}$`) }, ({ importer }) =>
      importer.endsWith("/compiler/check/cel.ts") ? { path: name, namespace: "lazy" } : undefined,
    )
    onLoad({ filter: /./, namespace: "lazy" }, ({ path }) => ({
      contents: `export function Environment(...args) { return new (require(${JSON.stringify(path)}).Environment)(...args) }`,
      resolveDir: root,
    }))
  },
}

/**
 * Takes Node's own modules by `process.getBuiltinModule`. Importing them makes a facade that reads every property, and those of
 * `fs` that are loaded on demand (its streams) are then loaded at every start.
 */
const bareBuiltins: Plugin = {
  name: "bare-builtins",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "builtin" }))
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

const parts = await Promise.all(
  Object.entries(entries).map(([name, source]) =>
    build({
      absWorkingDir: root,
      entryPoints: { [name]: source },
      outdir: "dist",
      write: false,
      bundle: true,
      format: "esm",
      platform: "node",
      target: `node${manifest.engines.node.replace(/^>=/, "")}`,
      minify: true,
      external: Object.keys(manifest.dependencies)
        .filter((dependency) => !bundled.has(dependency))
        .flatMap((dependency) => [dependency, `${dependency}/*`]),
      // For Node the package offers CommonJS, which bundles badly; this is the same code as modules.
      alias: { yaml: "./node_modules/yaml/browser/index.js" },
      define: { "Intl.Segmenter": "LazySegmenter" },
      inject: ["cli/lazy-segmenter.ts"],
      plugins: [apart, lazyCel, bareBuiltins],
      legalComments: "none",
      metafile: true,
      logLevel: "warning",
    }),
  ),
).catch(() => process.exit(1)) // esbuild has said why

// The entry last and by renaming it: an authflow that starts meanwhile finds the old build or the new one.
mkdirSync(dist, { recursive: true })
const built = new Map<string, Uint8Array>()
for (const { outputFiles } of parts) {
  for (const { path, contents } of outputFiles) built.set(relative(dist, path), contents)
}
const outputs = Object.assign({}, ...parts.map(({ metafile }) => metafile.outputs))
built.set("metafile.json", new TextEncoder().encode(JSON.stringify({ outputs })))
const entry = "authflow.js"
for (const name of [...built.keys()].sort((a, b) => Number(a === entry) - Number(b === entry))) {
  const path = join(dist, name)
  writeFileSync(`${path}.new`, built.get(name) ?? "")
  renameSync(`${path}.new`, path)
}
// What the playground and the extension are built to has folders of its own.
for (const found of readdirSync(dist, { withFileTypes: true })) {
  if (found.isFile() && !built.has(found.name)) rmSync(join(dist, found.name), { force: true })
}

// Fills V8's compile cache, so that not even the first start compiles from scratch. A failure costs only that time.
spawnSync(process.execPath, [join(root, "cli/launcher.js"), "check", join(root, "examples/thv-0050.authflow")], {
  stdio: "ignore",
})
