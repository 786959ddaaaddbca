import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { authflow, root } from "./authflow.ts"

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[]
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>
}
const { outputs }: { readonly outputs: Readonly<Record<string, Output>> } = JSON.parse(
  readFileSync(join(root, "dist/metafile.json"), "utf8"),
)

/** Modules of Node that authflow itself asks for. */
const BUILTIN = /^node:/

describe("what every command starts from", () => {
  const main = outputs["dist/authflow.js"]

  it("imports nothing, and takes only a few small modules of Node", () => {
    expect(main?.imports.filter(({ kind }) => kind !== "dynamic-import")).toEqual([])
    const taken = Object.keys(main?.inputs ?? {}).filter((path) => path.startsWith("builtin:"))
    expect(taken.toSorted()).toEqual(["builtin:node:fs", "builtin:node:path"])
  })

  it("holds no runtime, no target, no YAML and nothing that they need", () => {
    const held = Object.entries(main?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    expect(held.length).toBeGreaterThan(50)
    const heavy =
      /^(runtime|compiler\/targets)\/|node_modules\/(@aws-sdk|@smithy|oidc-provider|openid-client|jose|undici|yaml|@modelcontextprotocol|koa|@effect)\//
    expect(held.map(([path]) => path).filter((path) => heavy.test(path))).toEqual([])
  })

  it("loads the rest by dynamic import", () => {
    const dynamic = main?.imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path)
    expect(new Set(dynamic)).toEqual(
      new Set([
        "./targets.js",
        "./crds.js",
        "./evaluation.js",
        "./graph.js",
        "./import.js",
        "./api-key.js",
        "./lsp.js",
        "./parameters.js",
        "./runtime.js",
      ]),
    )
  })
})

describe("a run of check", () => {
  it("loads no module of Node for networks, processes or cryptography", async () => {
    // Said by the process itself, at its end.
    const report = `import { writeSync } from "node:fs"
      process.on("exit", () => writeSync(2, "\\nLOADED " + process.moduleLoadList.join(",") + "\\n"))`
    const { stderr } = await authflow(["check", "examples/thv-0050.authflow"], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(report)}` },
    })
    const [, list = ""] = stderr.match(/^LOADED (.*)$/m) ?? []
    const loaded = list.split(",").flatMap((entry) => entry.match(/^NativeModule (?!internal)(.*)/)?.[1] ?? [])
    expect(loaded).toContain("fs")
    const network = ["http", "https", "http2", "net", "tls", "dns", "child_process", "crypto", "worker_threads", "zlib"]
    expect(loaded.filter((name) => network.includes(name))).toEqual([])
  })
})

it("asks for modules of Node by their full name", () => {
  const external = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
  const bare = external.map(({ path }) => path).filter((path) => !BUILTIN.test(path) && !path.startsWith("./"))
  const packages = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies)
  expect(bare.filter((path) => !packages.some((name) => path === name || path.startsWith(`${name}/`)))).toEqual([])
})
