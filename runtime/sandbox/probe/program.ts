/**
 * A session of a program that has its credential already: no login, the same tools.
 *
 * @module
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import type { Flow } from "../../plan.ts"
import type { ProgramCredential } from "../credential.ts"
import type { Outcome, ProbeSession, ProbeStep } from "./index.ts"
import { COUNT_FROM, expect, initialize, oneLine, show, TIMEOUT, textOf, whoAmI } from "./session.ts"

/** Plays the session. Never rejects: what goes wrong is the last step's failure. */
export const playProgram = async (
  flow: Flow,
  person: string,
  { headers, refused }: ProgramCredential,
  expected: Outcome | undefined,
): Promise<ProbeSession> => {
  const steps: ProbeStep[] = []
  let got: Outcome | undefined
  const step = async (name: string, run: () => Promise<string>): Promise<boolean> => {
    try {
      steps.push({ name, ok: true, detail: await run() })
      return true
    } catch (cause) {
      steps.push({ name, ok: false, detail: cause instanceof Error ? oneLine(cause.message) : "failed" })
      return false
    }
  }
  const endpoint = new URL(flow.resource)
  const anonymous = flow.stages[0].kind === "identify.anonymous"

  const useTools = async (): Promise<boolean> => {
    const client = new Client({ name: "authflow probe", version: "1.0.0" })
    try {
      const connected = await step("initialize", async () => {
        const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers } }) as Transport
        await client.connect(transport, { timeout: TIMEOUT })
        return `${client.getServerVersion()?.name ?? "a server"} over streamable HTTP`
      })
      if (!connected) return false
      return (
        (await step("tools/call whoami", async () => {
          got = await whoAmI(client)
          expect(
            expected === undefined || show(got) === show(expected),
            `the file says ${show(expected)}, this is ${show(got)}`,
          )
          return show(got)
        })) &&
        (await step("an answer over SSE", async () => {
          const { content } = await client.callTool({ name: "countdown", arguments: { from: COUNT_FROM } }, undefined, {
            timeout: TIMEOUT,
          })
          expect(textOf(content) === "zero", "the result did not arrive")
          return "the result, after its events"
        }))
      )
    } finally {
      await client.close().catch(() => undefined)
    }
  }

  const play = async (): Promise<boolean> => {
    if (!anonymous) {
      const kept = await step("request without a credential", async () => {
        const response = await fetch(endpoint, {
          method: "POST",
          signal: AbortSignal.timeout(TIMEOUT),
          headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
          body: JSON.stringify(initialize),
        })
        await response.body?.cancel()
        expect(response.status === 401 || response.status === 403, `answered ${response.status}: it was let in`)
        return `${response.status}`
      })
      if (!kept) return false
    }
    // The sandbox has no credential that the flow takes: that nobody gets in is all there is to see.
    if (refused) return true
    return useTools()
  }

  const ok = await play()
  return { flow: flow.name, person, steps, expected: refused ? undefined : expected, got, ok }
}
