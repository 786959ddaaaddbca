import { spawn } from "node:child_process"
import { request } from "node:http"
import { describe, expect, it, onTestFinished } from "vitest"
import { bareRequest, bearer, logIn } from "../e2e/mcp-user.ts"
import { launcher, root, start } from "./authflow.ts"

/** A sandbox with a person logged in, whose event stream is open. */
const withOpenStream = async () => {
  const child = start(["run", "examples/thv-0050.authflow", "--sandbox"])
  const [, endpoint = ""] = await child.written("stderr", /^ {2}aws_mcp +(http:\/\/127\.0\.0\.1:\d+\/mcp)$/m)
  const user = await logIn(endpoint, "ada")
  const headers = bearer(user.accessToken())
  const initialized = await bareRequest(endpoint, headers)
  expect(initialized.status).toBe(200)
  await initialized.text()
  const session = initialized.headers.get("mcp-session-id") ?? ""
  const stream = await fetch(endpoint, {
    headers: {
      ...headers,
      accept: "text/event-stream",
      "mcp-session-id": session,
      "mcp-protocol-version": "2025-11-25",
    },
  })
  expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "text/event-stream"])
  return { child, endpoint, headers, stream }
}

/** Waits until a further signal is a further press of Ctrl-C, and not the same one passed on by npm (run/stop.ts). */
const nextPress = () => new Promise((resolve) => setTimeout(resolve, 800))

describe("Ctrl-C with an event stream open", () => {
  it("ends the stream, drains and exits 0", async () => {
    const { child, stream } = await withOpenStream()
    child.kill("SIGINT")
    const { code, stderr } = await child.ended
    expect(stderr).toMatch(/stopping; Ctrl-C again to stop at once\n$/)
    expect(code).toBe(0)
    await stream.text().catch(() => "cut off")
  })

  it("comes twice for one press when npm passes it on, and that still drains", async () => {
    const { child } = await withOpenStream()
    child.kill("SIGINT")
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("pressed again stops at once and exits 130", async () => {
    const { child, endpoint, headers } = await withOpenStream()
    // A request whose body never comes to its end keeps the drain waiting.
    const slow = request(endpoint, { method: "POST", headers: { ...headers, "content-length": "100" } })
    slow.on("error", () => {})
    slow.write("{")
    await child.written("stdout", /(identify gate[\s\S]*){4}/)
    child.kill("SIGINT")
    await child.written("stderr", /stopping/)
    await nextPress()
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 130 })
  })
})

it("ends when npm's shell died of a signal and left it alone", async () => {
  const line = `${process.execPath} ${launcher} run examples/thv-0050.authflow --sandbox; exit`
  const shell = spawn("/bin/sh", ["-c", line], { cwd: root, env: { ...process.env, npm_command: "exec" } })
  onTestFinished(() => void shell.kill("SIGKILL"))
  await new Promise<void>((resolve) => {
    let said = ""
    shell.stderr.on("data", (chunk) => {
      said += chunk
      if (said.includes("Ctrl-C drains and ends")) resolve()
    })
  })
  shell.kill("SIGKILL")
  // Its pipes are ours too: they close when both have ended.
  await new Promise((resolve) => shell.on("close", resolve))
})

it("a reader of stdout that goes away ends the run", async () => {
  const child = start(["run", "examples/thv-0050.authflow", "--sandbox"])
  const [, endpoint = ""] = await child.written("stderr", /^ {2}aws_mcp +(http:\/\/127\.0\.0\.1:\d+\/mcp)$/m)
  child.closeStdout()
  await bareRequest(endpoint).catch(() => undefined)
  expect(await child.ended).toMatchObject({ code: 0 })
})
