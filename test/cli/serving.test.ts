/** `authflow run` for real: TLS, reloads, secrets, metrics and the audit log, as an operator meets them. */
import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders, request as plainRequest } from "node:http"
import { request as secureRequest } from "node:https"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { authority } from "../certificates.ts"
import { exampleText } from "../examples.ts"
import { authflow, folder, type Running, start } from "./authflow.ts"
import { good } from "./sources.ts"

const HOST = "mcp.example.com"
const LISTENING = /Listening on https?:\/\/127\.0\.0\.1:(\d+) for/
const ADMIN = /\/readyz are on (http:\/\/127\.0\.0\.1:\d+)\./

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const ask = (port: string, path = "/mcp", ca?: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method: "POST", headers: { host: HOST, ...more }, agent: false }
    const request = ca === undefined ? plainRequest(options) : secureRequest({ ...options, ca, servername: HOST })
    request.on("error", reject)
    request.on("response", (response) => {
      let body = ""
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    request.end()
  })

const serving = async (args: readonly string[], cwd: string): Promise<{ child: Running; port: string }> => {
  const child = start(["run", ...args, "--listen", "127.0.0.1:0"], { cwd })
  const [, port = ""] = await child.written("stderr", LISTENING)
  await child.written("stderr", /Ctrl-C drains and ends/)
  return { child, port }
}

describe("run --tls-cert", () => {
  it("speaks TLS, without TLS in front of it, and takes a renewed certificate", async () => {
    const ca = await authority()
    const names = [{ type: "dns", value: HOST }] as const
    const first = await ca.issue({ subject: "CN=first", names: [...names] })
    const second = await ca.issue({ subject: "CN=second", names: [...names] })
    const cwd = folder({ "in.authflow": good, "tls.crt": first.certificate, "tls.key": first.key })
    const { child, port } = await serving(["in.authflow", "--tls-cert", "tls.crt", "--tls-key", "tls.key"], cwd)
    expect((await ask(port, "/mcp", ca.certificate)).status).toBe(401)
    await expect(ask(port)).rejects.toThrow()
    writeFileSync(join(cwd, "tls.crt"), second.certificate)
    writeFileSync(join(cwd, "tls.key"), second.key)
    await child.written("stderr", /the plan was loaded anew/)
    expect((await ask(port, "/mcp", ca.certificate)).status).toBe(401)
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("needs both files, and both have to be there", async () => {
    const cwd = folder({ "in.authflow": good, "tls.crt": "nonsense" })
    expect(await authflow(["run", "in.authflow", "--tls-cert", "tls.crt"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("both --tls-cert and --tls-key"),
    })
    expect(
      await authflow(["run", "in.authflow", "--tls-cert", "tls.crt", "--tls-key", "no.key"], { cwd }),
    ).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("cannot read no.key (ENOENT)"),
    })
  })
})

describe("run --watch", () => {
  it("takes the file anew, and runs on with what it has while the file is wrong", async () => {
    const cwd = folder({ "in.authflow": good })
    const { child, port } = await serving(["in.authflow", "--watch"], cwd)
    const challenge = async () => (await ask(port)).headers["www-authenticate"]
    expect(await challenge()).toContain('scope="mcp:use"')
    writeFileSync(join(cwd, "in.authflow"), good.replace("region  =", "regiom  ="))
    await child.written("stderr", /error\[AF[\s\S]*the plan that runs goes on, since the file has errors/)
    expect(await challenge()).toContain('scope="mcp:use"')
    writeFileSync(join(cwd, "in.authflow"), good.replace('"mcp:use"', '"mcp:more"'))
    await child.written("stderr", /in\.authflow changed: the plan was loaded anew/)
    expect(await challenge()).toContain('scope="mcp:more"')
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("means nothing for standard input and in the sandbox", async () => {
    expect(await authflow(["run", "-", "--watch"], { stdin: good })).toMatchObject({ code: 2 })
    expect(await authflow(["run", "-", "--watch", "--sandbox"], { stdin: good })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("leave out --watch"),
    })
  })
})

describe("SIGHUP", () => {
  it("takes the plan anew and begins the audit log anew, as log rotation wants", async () => {
    const cwd = folder({ "in.authflow": good })
    const { child, port } = await serving(["in.authflow", "--audit", "audit.jsonl"], cwd)
    const { headers } = await ask(port)
    renameSync(join(cwd, "audit.jsonl"), join(cwd, "audit.1"))
    child.kill("SIGHUP")
    await child.written("stderr", /SIGHUP: the plan was loaded anew/)
    await ask(port)
    const records = (name: string): unknown[] =>
      readFileSync(join(cwd, name), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
    expect(records("audit.1")).toEqual([
      {
        time: expect.any(String),
        request: headers["x-request-id"],
        event: "request",
        flow: "aws_mcp",
        decision: "deny",
        code: "token-missing",
        status: 401,
        reason: expect.stringMatching(/^401 /),
        ms: expect.any(Number),
      },
    ])
    expect(records("audit.jsonl")).toHaveLength(1)
    expect(statSync(join(cwd, "audit.jsonl")).mode & 0o777).toBe(0o600)
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("of a log that cannot be written, nothing is served in the first place", async () => {
    const cwd = folder({ "in.authflow": good })
    expect(await authflow(["run", "in.authflow", "--audit", "no/audit.jsonl"], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("cannot write the audit log no/audit.jsonl: ENOENT"),
    })
  })
})

describe("run --admin", () => {
  it("counts what the journal tells, by flow, stage, outcome and code", async () => {
    const cwd = folder({ "in.authflow": good })
    const { child, port } = await serving(["in.authflow", "--admin", "127.0.0.1:0"], cwd)
    const [, admin = ""] = await child.written("stderr", ADMIN)
    for (const _ of [1, 2, 3]) await ask(port)
    const metrics = await (await fetch(`${admin}/metrics`)).text()
    const counted = /^authflow_stage_total\{(.*)\} 3$/m.exec(metrics)?.[1]
    for (const label of ['flow="aws_mcp"', 'stage="identify corp"', 'outcome="refused"', 'code="token-missing"']) {
      expect(counted).toContain(label)
    }
    expect(metrics).toMatch(/^authflow_stage_duration_seconds_count\{.*\} 3$/m)
    expect(metrics).toMatch(/^authflow_process_resident_memory_bytes \d+$/m)
    expect(metrics).toMatch(/^# TYPE authflow_stage_duration_seconds histogram$/m)
    expect((await fetch(`${admin}/readyz`)).status).toBe(200)
    expect((await fetch(`${admin}/healthz`)).status).toBe(200)
    expect((await fetch(`${admin}/mcp`)).status).toBe(404)
    expect((await fetch(`${admin}/metrics`, { method: "POST" })).status).toBe(405)
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 0 })
  })
})

describe("traces", () => {
  it("go to the collector that the environment names, with a span for each stage and nothing of a token", async () => {
    const received: string[] = []
    const collector = createServer((request, response) => {
      let body = ""
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on("end", () => {
        received.push(`${request.url} ${body}`)
        response.end("{}")
      })
    })
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void collector.close())
    const address = collector.address()
    const at = typeof address === "object" && address !== null ? address.port : 0
    const cwd = folder({ "in.authflow": good })
    const child = start(["run", "in.authflow", "--listen", "127.0.0.1:0"], {
      cwd,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${at}` },
    })
    const [, port = ""] = await child.written("stderr", LISTENING)
    await ask(port, "/mcp", undefined, { authorization: "Bearer not-a-token" })
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
    const traces = received.filter((each) => each.startsWith("/v1/traces ")).join("\n")
    for (const name of ["request", "identify corp", '"service.name"', '"authflow"', "aws_mcp"])
      expect(traces).toContain(name)
    expect(received.join("\n")).not.toContain("not-a-token")
  })
})

const SECRETS = [
  ["corp-idp", "client-secret"],
  ["gate-keys", "2026"],
  ["gate-hmac", "current"],
] as const

describe("secrets", () => {
  const source = exampleText("thv-0050").replace(', secret("gate-keys", key: "2025")', "")
  const key = (): Promise<string> =>
    authority()
      .then((ca) => ca.issue({ subject: "CN=key" }))
      .then(({ key }) => key)

  it("are read again when Kubernetes swaps the mount's link", async () => {
    const files = (pem: string, version: string) =>
      Object.fromEntries(
        SECRETS.map(([name, key]) => [`${name}.${version}.${key}`, name === "gate-keys" ? pem : "x".repeat(40)]),
      )
    const cwd = folder({ "in.authflow": source })
    const mount = (version: string, pem: string) => {
      const made = folder()
      for (const [file, text] of Object.entries(files(pem, version))) writeFileSync(join(made, file), text)
      return made
    }
    const links = (version: string, made: string, at: string) => {
      const root = folder()
      for (const [name, key] of SECRETS) {
        const directory = folder()
        symlinkSync(join(made, `${name}.${version}.${key}`), join(directory, key))
        symlinkSync(directory, join(root, name))
      }
      symlinkSync(root, `${at}.next`)
      renameSync(`${at}.next`, at)
    }
    const secrets = join(cwd, "secrets")
    links("1", mount("1", await key()), secrets)
    const { child, port } = await serving(["in.authflow", "--secrets", "secrets"], cwd)
    const published = async () => {
      const answer = await new Promise<string>((resolve, reject) => {
        const headers = { host: "auth.example.com" }
        plainRequest({ host: "127.0.0.1", port, path: "/.well-known/jwks.json", headers, agent: false }, (response) => {
          let body = ""
          response.on("data", (chunk: Buffer) => {
            body += chunk.toString()
          })
          response.on("end", () => resolve(body))
        })
          .on("error", reject)
          .end()
      })
      return answer
    }
    const before = await published()
    expect(before).toContain('"kid"')
    links("2", mount("2", await key()), secrets)
    await child.written("stderr", /files changed: the plan was loaded anew/)
    expect(await published()).not.toBe(before)
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("come from a command, which is told name and key and is read by no shell", async () => {
    const pem = await key()
    const cwd = folder({ "in.authflow": source, "key.pem": pem })
    const script = join(cwd, "get-secret")
    writeFileSync(
      script,
      '#!/bin/sh\nif [ "$1" = gate-keys ]; then cat key.pem; else echo "secret of $1 $2 and forty characters more"; fi\n',
    )
    chmodSync(script, 0o755)
    const { child, port } = await serving(["in.authflow", "--secrets-command", script], cwd)
    expect((await ask(port)).status).toBe(401)
    child.kill("SIGTERM")
    expect(await child.ended).toMatchObject({ code: 0 })
  })

  it("from a command that fails are missing, and what it printed is not shown", async () => {
    const cwd = folder({ "in.authflow": source })
    const script = join(cwd, "get-secret")
    writeFileSync(script, "#!/bin/sh\necho printed-secret\nexit 4\n")
    chmodSync(script, 0o755)
    const { code, stderr } = await authflow(["run", "in.authflow", "--secrets-command", script], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain(`command ${script}, which ended with exit code 4`)
    expect(stderr).not.toContain("printed-secret")
  })
})
