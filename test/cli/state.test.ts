/** State of `authflow run` on disk, as an operator meets it: what is said, what a restart keeps, what is refused. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { Client, json, type Tokens } from "../runtime/authorization.ts"
import { authflow, start } from "./authflow.ts"
import { deploy } from "./replicas.ts"

it("keeps logins over a restart in a directory that it names, which is one process' own and tells nothing", {
  timeout: 90_000,
}, async () => {
  const deployment = await deploy({})
  const { directory } = deployment
  const first = await deployment.launch()
  deployment.route = () => first
  await first.process.written("stderr", new RegExp(`Logins and tokens are kept in ${directory}/state\\.`))
  const client = await Client.register(deployment.rig)
  const code = (await client.code("ada")).get("code") ?? ""
  const tokens = await json<Tokens>(await client.redeem(code))

  const run = ["run", "plan.json", "--listen", "127.0.0.1:0", "--secrets", "secrets"]
  const second = await authflow([...run, "--state", "state"], { cwd: directory })
  expect(second).toMatchObject({ code: 3, stdout: "" })
  expect(second.stderr).toMatch(
    /cannot keep state in \S+\.db: another authflow uses it; end that one, or give this one/,
  )

  first.process.kill("SIGTERM")
  expect(await first.process.ended).toMatchObject({ code: 0 })
  const state = join(directory, "state")
  const files = readdirSync(state)
  expect(files).toEqual([expect.stringMatching(/^127\.0\.0\.1-[0-9a-f]{8}\.db$/)])
  expect(statSync(state).mode & 0o777).toBe(0o700)
  const bytes = readFileSync(join(state, files[0] ?? ""))
  const secrets = [code, client.id, tokens.refresh_token, tokens.access_token, "ada@example.com", "Test client"]
  expect(secrets.filter((secret) => secret.length < 3 || bytes.includes(secret))).toEqual([])
  expect(bytes.includes("RefreshToken")).toBe(true)

  const next = await deployment.launch()
  deployment.route = () => next
  const refreshed = await client.refresh(tokens.refresh_token)
  expect(refreshed.status).toBe(200)
  expect((await deployment.call(tokens.access_token)).status).toBe(200)
  next.process.kill("SIGTERM")
  await next.process.ended

  const forgetful = start([...run, "--state", "memory"], { cwd: directory })
  await forgetful.written("stderr", /Logins and tokens are kept in memory, and end with this process\./)
  const elsewhere = start(run, { cwd: directory, env: { XDG_STATE_HOME: join(directory, "xdg") } })
  await elsewhere.written("stderr", new RegExp(`Logins and tokens are kept in ${directory}/xdg/authflow\\.`))
})

it("has nothing to do with the sandbox", async () => {
  const { code, stderr } = await authflow(["run", "examples/thv-0050.authflow", "--sandbox", "--state", "here"])
  expect(code).toBe(2)
  expect(stderr).toContain("leave out --state")
})
