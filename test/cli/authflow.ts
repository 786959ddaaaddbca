/**
 * Runs the built command in a process of its own, as a user's shell does.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { EventEmitter } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export const root = fileURLToPath(new URL("../..", import.meta.url))
export const launcher = join(root, "cli/launcher.js")

/** State goes here and not to the home of who runs the tests. */
const state = mkdtempSync(join(tmpdir(), "authflow-state-"))
process.on("exit", () => rmSync(state, { recursive: true, force: true }))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  /** Given on standard input, which then ends. Default: nothing. */
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** The node that runs the launcher. Default: the one that runs the tests. */
  readonly node?: string
}

/** What a shell with no preferences hands down: the colours of the terminal that runs the tests are none of ours. */
const environment = (env: Options["env"]): NodeJS.ProcessEnv => {
  const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_OPTIONS: _options, ...rest } = process.env
  return { ...rest, XDG_STATE_HOME: state, ...env }
}

export interface Running {
  readonly kill: (signal: NodeJS.Signals) => void
  /** Closes our end of its stdout, as `head` does. */
  readonly closeStdout: () => void
  /** Settles when it has ended and all that it wrote is read. */
  readonly ended: Promise<Ended>
  /** Waits until what it has written to a stream matches; fails when it ends before. */
  readonly written: (stream: "stdout" | "stderr", pattern: RegExp) => Promise<RegExpMatchArray>
}

/** Starts the command; it is stopped at the end of the test at the latest. */
export const start = (args: readonly string[], options: Options = {}): Running => {
  const child = spawn(options.node ?? process.execPath, [launcher, ...args], {
    cwd: options.cwd ?? root,
    env: environment(options.env),
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  child.stdin.on("error", () => {}) // it need not read what it is given
  child.stdin.end(options.stdin ?? "")
  const text = { stdout: "", stderr: "" }
  const more = new EventEmitter()
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => {
      text[stream] += chunk
      more.emit("text")
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => {
      resolve({ code, signal, ...text })
      more.emit("end")
    })
  })
  const written: Running["written"] = (stream, pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = text[stream].match(pattern)
        if (found) resolve(found)
      }
      more.on("text", look)
      more.on("end", () => reject(new Error(`ended without ${pattern} on ${stream}:\n${text.stdout}${text.stderr}`)))
      look()
    })
  return { kill: (signal) => void child.kill(signal), closeStdout: () => void child.stdout.destroy(), ended, written }
}

/** Runs the command to its end. */
export const authflow = (args: readonly string[], options: Options = {}): Promise<Ended> => start(args, options).ended

/** A folder with these files in it. */
export const folder = (files: Readonly<Record<string, string | Uint8Array>> = {}): string => {
  const path = mkdtempSync(join(tmpdir(), "authflow-test-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return path
}
