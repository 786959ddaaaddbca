import { createServer } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { authflow, folder, start } from "./authflow.ts"
import { good, misspelt } from "./sources.ts"

const SANDBOX = ["run", "examples/thv-0050.authflow", "--sandbox"]
const ENDPOINT = /^ {2}aws_mcp +(http:\/\/127\.0\.0\.1:\d+\/mcp)$/m
const READY = /Ctrl-C drains and ends/

describe("run --sandbox", () => {
  it("says what it stands in for, who can log in and what to give a client; shows requests; drains on Ctrl-C", async () => {
    const child = start(SANDBOX)
    const banner = await child.written("stderr", ENDPOINT)
    await child.written("stderr", READY)
    const url = banner[1] ?? ""
    const answer = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } })
    expect(answer.status).toBe(401)
    await child.written("stdout", /identify gate/)
    child.kill("SIGINT")
    const { code, stdout, stderr } = await child.ended
    expect(code).toBe(0)
    for (const each of ["https://idp.example.com", "secret corp-idp/client-secret", "ada", "ravi", "nora"]) {
      expect(stderr).toContain(each)
    }
    expect(stderr).toContain(`"url": "${url}"`)
    expect(stderr).toContain(`claude mcp add --transport http aws_mcp ${url}`)
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \w+ +aws_mcp +identify gate +refused +[\d.]+m?s {2}401 .*\n$/)
    await expect(fetch(url)).rejects.toThrow()
  })

  it("writes one JSON object a line with --log json, and nothing else to stdout", async () => {
    const child = start([...SANDBOX, "--log", "json"])
    const [, url = ""] = await child.written("stderr", ENDPOINT)
    await Promise.all([1, 2, 3].map(() => fetch(url, { method: "POST" })))
    await child.written("stdout", /(.*\n){3}/)
    child.kill("SIGTERM")
    const { code, stdout } = await child.ended
    const entries = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(entries).toHaveLength(3)
    for (const entry of entries) {
      expect(entry).toMatchObject({
        flow: "aws_mcp",
        stage: "identify gate",
        outcome: "refused",
        ms: expect.any(Number),
      })
    }
    expect(code).toBe(0)
  })

  it.each([100, 200, 300, 400, 600])("ends at once on Ctrl-C while it starts (%i ms in)", async (ms) => {
    const child = start(SANDBOX)
    await new Promise((resolve) => setTimeout(resolve, ms))
    child.kill("SIGINT")
    const { code, signal, stderr } = await child.ended
    // Before a line of ours runs, the signal itself ends the process, as it does any other.
    expect(code === 0 || signal === "SIGINT").toBe(true)
    expect(stderr).not.toMatch(/internal error|^\s+at /m)
  })
})

describe("run --probe", () => {
  it("plays a client as each person, tells who got which role, and exits 0", async () => {
    const { code, stdout, stderr } = await authflow(["run", "examples/thv-0050-groups.authflow", "--probe"])
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^ {2}ok +aws_mcp +\w+ +arn:aws:iam::\d{12}:role\/mcp-admin$/m)
    expect(stdout).toMatch(/^ {2}ok +aws_mcp +\w+ +arn:aws:iam::\d{12}:role\/mcp-reader$/m)
    expect(stdout).toMatch(/^ {2}ok +aws_mcp +\w+ +refused: no group of yours has a role here$/m)
    expect(stdout).toMatch(/All 3 sessions went as the file says\.\n$/)
    expect(code).toBe(0)
  })
})

describe("run", () => {
  it("names every secret that is missing and where it was looked for, and exits 3", async () => {
    const { code, stdout, stderr } = await authflow(["run", "examples/thv-0050.authflow", "--listen", "127.0.0.1:0"])
    expect(stderr).toContain(
      "corp-idp/client-secret: looked for environment variable AUTHFLOW_SECRET_CORP_IDP_CLIENT_SECRET",
    )
    expect(stderr).toContain("gate-hmac/current")
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" })
  })

  it("serves a file that needs no secret on --listen, and drains on Ctrl-C", async () => {
    const child = start(["run", "-", "--listen", "127.0.0.1:0"], { stdin: good })
    const [, url = ""] = await child.written("stderr", /Listening on (http:\/\/127\.0\.0\.1:\d+) for/)
    const answer = await fetch(`${url}/mcp`, { method: "POST", headers: { host: "mcp.example.com" } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("runs a compiled plan", async () => {
    const cwd = folder({ "in.authflow": good })
    await authflow(["compile", "in.authflow", "-t", "plan", "-o", "."], { cwd })
    const child = start(["run", "plan.json", "--listen", "127.0.0.1:0"], { cwd })
    await child.written("stderr", /Listening on/)
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("refuses a plan that is none, and parameters for one", async () => {
    const cwd = folder({ "plan.json": `{"version": 99}`, "text.json": "no" })
    const version = await authflow(["run", "plan.json"], { cwd })
    expect(version).toMatchObject({ code: 3, stderr: expect.stringMatching(/version/) })
    const text = await authflow(["run", join(cwd, "text.json")])
    expect(text).toMatchObject({ code: 3, stderr: expect.stringMatching(/not JSON/) })
    const param = await authflow(["run", "plan.json", "--param", "a=b"], { cwd })
    expect(param).toMatchObject({ code: 2, stderr: expect.stringMatching(/parameters have their values already/) })
  })

  it("exits 3 when the port is taken", async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const { code, stderr } = await authflow(["run", "-", "--listen", `127.0.0.1:${port}`], { stdin: good })
    expect(stderr).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}`))
    expect(code).toBe(3)
  })

  it("says what is wrong with the file and starts nothing", async () => {
    const { code, stdout, stderr } = await authflow(["run", "-", "--sandbox"], { stdin: misspelt })
    expect(stderr).toMatch(/^error\[AF/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  })
})
