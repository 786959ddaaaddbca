#!/usr/bin/env node
// The `authflow` command. Plain JavaScript in the syntax of Node 18, so that a Node too old for authflow can hand over to the
// one this checkout brings along, or at least say what is missing. It loads next to nothing: every millisecond is start-up.
import module from "node:module"

const ENVIRONMENT = 3 // exit code, see exit-codes.ts

/** A module of Node's. Importing it instead would load all that it has on demand, too. */
const builtin = process.getBuiltinModule ?? module.createRequire(import.meta.url)
const { existsSync, readFileSync } = builtin("node:fs")
const { fileURLToPath, pathToFileURL } = builtin("node:url")

const bundle = new URL("../dist/authflow.js", import.meta.url)
const fail = (message) => {
  process.stderr.write(`authflow: ${message}\n`)
  process.exit(ENVIRONMENT)
}

const [major, minor] = process.versions.node.split(".").map(Number)
const [, wantedMajor, wantedMinor] = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  .engines.node.match(/(\d+)\.(\d+)/)
  .map(Number)

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  await handOver()
} else {
  // Beside the bundle and not in the temporary folder, where somebody else could plant code for us to run.
  module.enableCompileCache?.(fileURLToPath(new URL("../dist/cache", import.meta.url)))
  try {
    await import(bundle)
  } catch (error) {
    if (!existsSync(bundle)) fail("not built yet; run `npm ci`, or `npm run build`, in the folder of its package.json")
    if (process.env.AUTHFLOW_DEBUG === "1") throw error
    const missing = error.code === "ERR_MODULE_NOT_FOUND"
    fail(missing ? `${error.message.split("\n")[0]}; run \`npm ci\`` : `cannot start: ${error.message}`)
  }
}

/** Runs the same command line with the `node` package's binary: same streams, signals passed on, same end. */
async function handOver() {
  const wanted = `needs Node ${wantedMajor}.${wantedMinor} or newer, this is ${process.versions.node}`
  let binary
  try {
    const manifest = module.createRequire(import.meta.url).resolve("node/package.json")
    binary = fileURLToPath(new URL(process.platform === "win32" ? "bin/node.exe" : "bin/node", pathToFileURL(manifest)))
  } catch {
    fail(`${wanted}; run \`npm ci\` in its folder, which brings one along, or install a newer Node`)
  }
  // The pathological case of a `node` package that is itself too old would otherwise hand over for ever.
  if (process.env.AUTHFLOW_HANDED_OVER !== undefined) fail(wanted)
  const { spawn } = builtin("node:child_process")
  const child = spawn(binary, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, AUTHFLOW_HANDED_OVER: "1" },
  })
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
  const pass = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  child.on("error", (error) => fail(`${wanted}, and the one that came along cannot be started: ${error.message}`))
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeListener(name, pass)
    if (signal !== null) process.kill(process.pid, signal)
    else process.exit(code)
  })
}
