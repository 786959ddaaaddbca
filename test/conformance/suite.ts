/**
 * The official MCP conformance suite (`@modelcontextprotocol/conformance`), run as its users run it, in a process of its own.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
)

export interface Check {
  readonly id: string
  readonly name: string
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"
  readonly errorMessage?: string
}

/** Checks by scenario. */
export type Results = ReadonlyMap<string, readonly Check[]>

/** `onLine`: each line of output, as it comes; some scenarios ask for a browser. */
export const runSuite = async (
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<Results> => {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"))
  try {
    const output = await new Promise<string>((done, fail) => {
      const child = spawn(process.execPath, [PROGRAM, ...args, "-o", folder], { stdio: ["ignore", "pipe", "pipe"] })
      let output = ""
      let rest = ""
      const take = (chunk: Buffer) => {
        output += chunk
        const lines = (rest + chunk).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) onLine(line)
      }
      child.stdout.on("data", take)
      child.stderr.on("data", take)
      child.on("error", fail)
      // Its exit code says whether all passed: the checks say it in detail.
      child.on("close", () => done(output))
    })
    const results = new Map<string, readonly Check[]>()
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      if (!name.endsWith("checks.json")) continue
      // `server-SCENARIO-TIME` or `SCENARIO-TIME`
      const scenario = dirname(name)
        .replace(/^(server|authorization(?=-authorization))-/, "")
        .replace(/-\d{4}-\d\d-\d\dT.*$/, "")
      results.set(scenario, JSON.parse(await readFile(join(folder, name), "utf8")))
    }
    if (results.size === 0) throw new Error(`the conformance suite left no results:\n${output.slice(-2000)}`)
    return results
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
