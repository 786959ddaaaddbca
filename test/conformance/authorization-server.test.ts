/** Every authorization server scenario of the official MCP conformance suite, against ours. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { RESOURCE, type Rig, start } from "../runtime/authorization.ts"
import { Browser } from "../runtime/browser.ts"
import { runSuite } from "./suite.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start({
    config: {
      metadataDocuments: { size: 10, lifetime: 60 },
      knownClients: [{ id: "conformance", redirectUris: ["http://127.0.0.1/callback"] }],
    },
  })
})
afterAll(() => rig.stop())

const freePort = async () => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

describe("the MCP conformance suite", () => {
  it("passes every authorization server scenario", async () => {
    const port = await freePort()
    const callback = `http://127.0.0.1:${port}/callback`
    /** What a person does with the address that the suite asks to open. */
    const logIn = async (url: string) => {
      const browser = new Browser()
      const consent = await browser.submit(await browser.open(url, callback), { person: "ada" }, callback)
      const { url: answer } = await browser.submit(consent, { decision: "allow" }, callback)
      await fetch(answer)
    }
    const args = ["--url", rig.issuer, "--client-id", "conformance", "--resource", RESOURCE, "--port", String(port)]
    const opened: Promise<void>[] = []
    const results = await runSuite(["authorization", ...args], (line) => {
      if (line.startsWith(`${rig.issuer}/oauth/authorize?`)) opened.push(logIn(line))
    })
    await Promise.all(opened)
    expect(opened).toHaveLength(1)
    const checks = [...results].flatMap(([scenario, all]) => all.map((check) => ({ scenario, ...check })))
    expect(checks.filter(({ status }) => status !== "SUCCESS")).toEqual([])
    expect(checks.map(({ id }) => id).sort()).toEqual([
      "authorization-code-grant",
      "authorization-server-metadata",
      "authorization-server-metadata-cimd",
    ])
  })
})
