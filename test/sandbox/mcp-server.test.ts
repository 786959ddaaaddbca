import { createServer, request as httpRequest, type Server } from "node:http"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type FaultQueue, type McpFault, makeFaultQueue } from "../../runtime/sandbox/faults.ts"
import type { RawRequest } from "../../runtime/sandbox/mcp-server/canonical-request.ts"
import { signatureGate } from "../../runtime/sandbox/mcp-server/gate.ts"
import { mcpServer } from "../../runtime/sandbox/mcp-server/index.ts"
import type { SeenRequest } from "../../runtime/sandbox/seen-request.ts"
import { roleSessions } from "../../runtime/sandbox/sts/role-session.ts"
import { must } from "./running.ts"
import { type Signing, signedRequest } from "./sigv4.ts"

const sessions = roleSessions()
const begin = (role: string, sessionName: string) =>
  sessions.begin({
    roleArn: `arn:aws:iam::123456789012:role/${role}`,
    sessionName,
    expiresAt: Date.now() + 3_600_000,
    provider: "p",
    audience: "a",
    subject: "s",
  })
const admin = begin("mcp-admin", "ada")

let server: Server
let port: number
let seen: SeenRequest[]
const faults: FaultQueue<McpFault> = makeFaultQueue()

beforeAll(async () => {
  const service = { region: "us-east-1", service: "aws-mcp" }
  server = createServer(
    mcpServer({ path: "/mcp", gate: signatureGate(service, sessions), faults, saw: (request) => seen.push(request) }),
  )
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  port = typeof address === "object" && address !== null ? address.port : 0
})
beforeEach(() => {
  seen = []
})
afterAll(() => {
  server.closeAllConnections()
  return new Promise((closed) => server.close(closed))
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** The connection broke before the body ended. */
  readonly broken: boolean
}

/** Sends exactly these headers: node:http and not fetch, which adds and changes some. */
const send = (raw: RawRequest) =>
  new Promise<Answer>((answered, failed) => {
    const headers = Object.fromEntries(raw.headers)
    const request = httpRequest(
      { host: "127.0.0.1", port, method: raw.method, path: raw.target, headers },
      (response) => {
        const chunks: Buffer[] = []
        const finish = (broken: boolean) =>
          answered({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
            broken,
          })
        response.on("data", (chunk) => chunks.push(chunk))
        response.on("end", () => finish(false))
        response.on("error", () => finish(true))
      },
    )
    // A connection that breaks within the answer is an error of the request too; the response tells of it as well.
    let begun = false
    request.on("response", () => {
      begun = true
    })
    request.on("error", (error) => {
      if (!begun) failed(error)
    })
    request.end(raw.body)
  })

const message = (method: string, params: Record<string, unknown> = {}, id = 1) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params })

const initialize = message("initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
})

const signed = (signing: Partial<Signing> = {}) =>
  signedRequest({ session: admin, host: `127.0.0.1:${port}`, body: initialize, ...signing })

/** Opens an MCP session and returns its id. */
const open = async (session = admin) => String(must((await send(await signed({ session }))).headers["mcp-session-id"]))

const call = async (sessionId: string, name: string, args: Record<string, unknown>, session = admin, meta = {}) =>
  send(
    await signed({
      session,
      headers: { "mcp-session-id": sessionId, "mcp-protocol-version": "2025-06-18" },
      body: message("tools/call", { name, arguments: args, _meta: meta }, 2),
    }),
  )

describe("the sandbox's MCP server", () => {
  it("opens a session for a signed request and says whose it is", async () => {
    const answer = await call(await open(), "whoami", {})
    expect(answer.status).toBe(200)
    expect(answer.body).toContain("arn:aws:iam::123456789012:role/mcp-admin")
    expect(seen.map(({ outcome }) => outcome)).toEqual([
      { accepted: true, role: "arn:aws:iam::123456789012:role/mcp-admin", sessionName: "ada" },
      { accepted: true, role: "arn:aws:iam::123456789012:role/mcp-admin", sessionName: "ada" },
    ])
  })

  it("refuses in AWS's manner what is not signed, and remembers it", async () => {
    const raw = await signed()
    const answer = await send({ ...raw, headers: raw.headers.filter(([name]) => name !== "authorization") })
    expect(answer.status).toBe(403)
    expect(answer.headers["x-amzn-errortype"]).toBe("MissingAuthenticationToken")
    expect(JSON.parse(answer.body)).toEqual({ __type: "MissingAuthenticationToken", message: expect.any(String) })
    expect(seen[0]?.outcome).toEqual({ accepted: false, code: "MissingAuthenticationToken" })
  })

  it("verifies the body that came over the wire", async () => {
    const answer = await send({ ...(await signed()), body: Buffer.from(initialize.replace("test", "tesT")) })
    expect(answer.status).toBe(403)
    expect(answer.headers["x-amzn-errortype"]).toBe("SignatureDoesNotMatch")
  })

  it("refuses a stale signature", async () => {
    const answer = await send(await signed({ at: new Date(Date.now() - 6 * 60_000) }))
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ message: expect.stringMatching(/^Signature expired/) })
  })

  it.each(["X-Forwarded-For", "x-forwarded-host", "Forwarded", "Via", "X-Real-IP", "X-HTTP-Method-Override"])(
    "refuses a request with %s, signed or not",
    async (name) => {
      const raw = await signed()
      expect((await send({ ...raw, headers: [...raw.headers, [name, "1"]] })).status).toBe(400)
      expect((await send(await signed({ headers: { [name.toLowerCase()]: "1" } }))).status).toBe(400)
    },
  )

  it("keeps a session from everybody but the role session that opened it", async () => {
    const id = await open()
    expect((await call(id, "whoami", {}, begin("mcp-admin", "ada"))).status).toBe(200)
    expect((await call(id, "whoami", {}, begin("mcp-admin", "ravi"))).status).toBe(404)
    expect((await call(id, "whoami", {}, begin("mcp-reader", "ada"))).status).toBe(404)
  })

  it("has nothing on other paths", async () => {
    expect((await send(await signed({ path: "/other" }))).status).toBe(404)
  })

  it("gives text back byte for byte", async () => {
    const text = 'zwölf "Boxkämpfer"\n\u0000 🥊 \\u0041'
    const { body } = await call(await open(), "echo", { text })
    const data = must(/^data: (.*)$/m.exec(body)?.[1])
    expect(JSON.parse(data)).toMatchObject({ result: { content: [{ type: "text", text }] } })
  })

  it("counts down with progress before the result", async () => {
    const { body } = await call(await open(), "countdown", { from: 3 }, admin, { progressToken: "p" })
    const events = [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ""))
    expect(events.map(({ method, params }) => (method === undefined ? "result" : params.progress))).toEqual([
      1,
      2,
      3,
      "result",
    ])
  })

  it("breaks one stream after its first event when told to", async () => {
    const id = await open()
    faults.next({ kind: "reset-mid-stream" })
    const broken = await call(id, "countdown", { from: 5 }, admin, { progressToken: "p" })
    expect(broken).toMatchObject({ status: 200, broken: true })
    expect([...broken.body.matchAll(/^data: /gm)]).toHaveLength(1)
    expect(await call(id, "countdown", { from: 1 })).toMatchObject({ status: 200, broken: false })
  })
})
