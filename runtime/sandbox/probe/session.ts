/**
 * One person's session in one flow, from the first unauthenticated request to a refreshed token, with the official MCP client.
 *
 * @module
 */
import { auth, extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import type { Flow } from "../../plan.ts"
import type { Person } from "../person.ts"
import { browser } from "./browser.ts"
import type { Outcome, ProbeSession, ProbeStep } from "./index.ts"
import { OAuthClient, REDIRECT_URI } from "./oauth-client.ts"

/** Milliseconds that any one request to the proxy may take. */
export const TIMEOUT = 20_000
export const COUNT_FROM = 3

export const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "authflow probe", version: "1.0.0" },
  },
}

/** Plays the session. Never rejects: what goes wrong is the last step's failure. */
export const playSession = async (flow: Flow, person: Person, expected: Outcome | undefined): Promise<ProbeSession> => {
  const steps: ProbeStep[] = []
  let got: Outcome | undefined

  /** Runs one step; `false` ends the session, as what follows rests on it. */
  const step = async (name: string, run: () => Promise<string>): Promise<boolean> => {
    try {
      steps.push({ name, ok: true, detail: await run() })
      return true
    } catch (cause) {
      steps.push({ name, ok: false, detail: cause instanceof Error ? oneLine(cause.message) : "failed" })
      return false
    }
  }

  const oauth = new OAuthClient()
  const endpoint = new URL(flow.resource)
  let challenge: ReturnType<typeof extractWWWAuthenticateParams> = {}
  /** What kept the SDK from asking for a login. */
  let stuck: unknown

  const play = async (): Promise<boolean> => {
    const begun =
      (await step("request without a token", async () => {
        const response = await post(endpoint, initialize)
        await response.body?.cancel()
        expect(response.status === 401, `answered ${response.status} and not 401`)
        challenge = extractWWWAuthenticateParams(response)
        expect(challenge.resourceMetadataUrl !== undefined, "the challenge has no resource_metadata")
        return `401, resource metadata at ${challenge.resourceMetadataUrl}`
      })) &&
      (await step("protected resource metadata", async () => {
        // The SDK discovers, registers and asks for a login in one go; each of its steps is then looked at by itself.
        const asked = await auth(oauth, { serverUrl: endpoint, ...discoveryHints(challenge) }).catch(
          (cause: unknown) => {
            stuck = cause
          },
        )
        const { resource, authorization_servers: servers = [] } = oauth.discovery?.resourceMetadata ?? {}
        if (resource === undefined) throw stuck ?? new Error("there is no protected resource metadata (RFC 9728)")
        expect(asked === undefined || asked === "REDIRECT", "there was no redirect to a login")
        return `${resource} is protected by ${servers.join(", ")}`
      })) &&
      (await step("authorization server metadata", async () => {
        const server = oauth.discovery?.authorizationServerMetadata
        if (server === undefined) throw stuck ?? new Error("there is no authorization server metadata (RFC 8414)")
        expect(
          server.code_challenge_methods_supported?.includes("S256") ?? false,
          "the authorization server does not offer PKCE S256",
        )
        return `${server.issuer}, with PKCE ${server.code_challenge_methods_supported?.join(" and ")}`
      })) &&
      (await step("client registration", async () => {
        const client = oauth.clientInformation()
        if (client === undefined) throw stuck ?? new Error("the client was not registered (RFC 7591)")
        if (oauth.authorizationUrl === undefined) throw stuck ?? new Error("there was no redirect to a login")
        return `as ${client.client_id}`
      }))
    if (!begun) return false

    let code = ""
    const authorized =
      (await step(`log in as ${person.id}`, async () => {
        expect(oauth.authorizationUrl !== undefined, "there is no authorization URL")
        const answer = await browser().logIn(oauth.authorizationUrl ?? endpoint, person.id, REDIRECT_URI)
        const { code: given, error, state, iss } = Object.fromEntries(answer.searchParams)
        expect(error === undefined, `the authorization server answered ${error}`)
        expect(state === oauth.expectedState, "state did not come back")
        const { issuer } = oauth.discovery?.authorizationServerMetadata ?? {}
        expect(iss === issuer, "iss is not the authorization server (RFC 9207)")
        expect(given !== undefined, "there is no code")
        code = given ?? ""
        return "authorization code, state and iss as they should be"
      })) &&
      (await step("code for tokens, with PKCE", async () => {
        await auth(oauth, { serverUrl: endpoint, authorizationCode: code, ...discoveryHints(challenge) })
        const tokens = oauth.tokens()
        expect(tokens?.access_token !== undefined, "there is no access token")
        return `access token for ${tokens?.expires_in ?? "?"} s, ${tokens?.refresh_token === undefined ? "no" : "a"} refresh token`
      }))
    if (!authorized) return false

    if (expected !== undefined && "deny" in expected) {
      return step("refused with the reason", async () => {
        const response = await post(endpoint, initialize, oauth.tokens()?.access_token)
        const body = await response.text()
        if (response.status !== 403) {
          got = response.ok ? await whoIs(endpoint, oauth).catch(() => undefined) : undefined
          throw new Error(`answered ${response.status} and not 403`)
        }
        const reason = problemDetail(body)
        got = { deny: reason }
        expect(
          reason.includes(expected.deny),
          `the reason given is "${oneLine(reason)}", the file's is "${expected.deny}"`,
        )
        return `403: ${oneLine(reason)}`
      })
    }
    return useTools()
  }

  const useTools = async (): Promise<boolean> => {
    const client = new Client({ name: "authflow probe", version: "1.0.0" })
    const transport = () => new StreamableHTTPClientTransport(endpoint, { authProvider: oauth }) as Transport
    try {
      const connected = await step("initialize", async () => {
        await client.connect(transport(), { timeout: TIMEOUT })
        return `${client.getServerVersion()?.name ?? "a server"} over streamable HTTP`
      })
      if (!connected) return false
      const used =
        (await step("tools/list", async () => {
          const { tools } = await client.listTools(undefined, { timeout: TIMEOUT })
          expect(tools.length > 0, "there are no tools")
          return tools.map(({ name }) => name).join(", ")
        })) &&
        (await step("tools/call whoami", async () => {
          got = await whoAmI(client)
          expect(
            expected === undefined || show(got) === show(expected),
            `the file says ${show(expected)}, this is ${show(got)}`,
          )
          return show(got)
        })) &&
        (await step("an answer over SSE", async () => {
          const seen: number[] = []
          const { content } = await client.callTool({ name: "countdown", arguments: { from: COUNT_FROM } }, undefined, {
            timeout: TIMEOUT,
            onprogress: ({ progress }) => seen.push(progress),
          })
          expect(seen.length === COUNT_FROM, `${seen.length} of ${COUNT_FROM} progress notifications arrived`)
          expect(textOf(content) === "zero", "the result did not arrive")
          return `${seen.length} progress notifications, then the result`
        }))
      if (!used) return false
      return (
        (await step("refresh", async () => {
          const before = oauth.tokens()
          expect(before?.refresh_token !== undefined, "there is no refresh token")
          await auth(oauth, { serverUrl: endpoint, ...discoveryHints(challenge) })
          const after = oauth.tokens()
          expect(after?.access_token !== before?.access_token, "the access token is the same as before")
          return after?.refresh_token === before?.refresh_token ? "a new access token" : "new access and refresh tokens"
        })) &&
        (await step("tools/call whoami with the new token", async () => {
          const again = await whoAmI(client)
          expect(show(again) === show(got), `was ${show(got)}, is ${show(again)}`)
          return show(again)
        }))
      )
    } finally {
      await client.close().catch(() => undefined)
    }
  }

  const ok = await play()
  return { flow: flow.name, person: person.id, steps, expected, got, ok }
}

const discoveryHints = ({ resourceMetadataUrl, scope }: ReturnType<typeof extractWWWAuthenticateParams>) => ({
  ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
  ...(scope === undefined ? {} : { scope }),
})

const post = (endpoint: URL, message: unknown, token?: string): Promise<Response> =>
  fetch(endpoint, {
    method: "POST",
    signal: AbortSignal.timeout(TIMEOUT),
    redirect: "error",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  })

const whoIs = async (endpoint: URL, oauth: OAuthClient): Promise<Outcome> => {
  const client = new Client({ name: "authflow probe", version: "1.0.0" })
  try {
    await client.connect(new StreamableHTTPClientTransport(endpoint, { authProvider: oauth }) as Transport, {
      timeout: TIMEOUT,
    })
    return await whoAmI(client)
  } finally {
    await client.close().catch(() => undefined)
  }
}

/** The role or the credential as the MCP server saw it: what it has verified, not anything the proxy says of itself. */
export const whoAmI = async (client: Client): Promise<Outcome> => {
  const { content } = await client.callTool({ name: "whoami" }, undefined, { timeout: TIMEOUT })
  const seen: unknown = JSON.parse(textOf(content) ?? "null")
  if (typeof seen !== "object" || seen === null) throw new Error("whoami gave no answer")
  if ("role" in seen && typeof seen.role === "string") return { role: seen.role }
  if ("shown" in seen && typeof seen.shown === "string") return { shown: seen.shown }
  throw new Error("whoami gave no answer")
}

export const textOf = (content: unknown): string | undefined => {
  const [first]: unknown[] = Array.isArray(content) ? content : []
  return typeof first === "object" && first !== null && "text" in first ? String(first.text) : undefined
}

/** `detail` of a problem (RFC 9457), else the body as it is. */
const problemDetail = (body: string): string => {
  try {
    const problem: unknown = JSON.parse(body)
    return typeof problem === "object" && problem !== null && "detail" in problem ? String(problem.detail) : body
  } catch {
    return body
  }
}

export const show = (outcome: Outcome | undefined): string => {
  if (outcome === undefined) return "nothing"
  if ("role" in outcome) return outcome.role
  return "shown" in outcome ? outcome.shown : `refused: ${outcome.deny}`
}

export const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}

export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 300)
