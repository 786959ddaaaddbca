/** Somebody with an MCP client (the official SDK's) and a browser of the test's own. Shares no code with the probe. */
import { type OAuthClientProvider, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"

export const CALLBACK = "http://127.0.0.1:8/cb"

/** What the SDK keeps for one user: plain fields, so that a test may look at them. */
export class Keychain implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK
  readonly clientMetadata = {
    client_name: "e2e",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  }
  client: OAuthClientInformationMixed | undefined
  saved: OAuthTokens | undefined
  verifier = ""
  wanted: URL | undefined

  clientInformation() {
    return this.client
  }
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.client = client
  }
  tokens() {
    return this.saved
  }
  saveTokens(tokens: OAuthTokens) {
    this.saved = tokens
  }
  saveCodeVerifier(verifier: string) {
    this.verifier = verifier
  }
  codeVerifier() {
    return this.verifier
  }
  redirectToAuthorization(url: URL) {
    this.wanted = url
  }
}

/** The pages a browser shows on its way to the client's callback, and what is pressed on each. */
export const logInWithBrowser = async (
  start: URL,
  person: string,
  ...callbacks: readonly string[]
): Promise<{ callback: URL; pages: string[] }> => {
  const ends = callbacks.length === 0 ? [CALLBACK] : callbacks
  const jar = new Map<string, string>()
  const pages: string[] = []
  let next: { url: URL; body?: URLSearchParams } = { url: start }
  for (let hop = 0; hop < 30; hop++) {
    const { url, body } = next
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "), origin: url.origin },
      ...(body === undefined ? {} : { method: "POST", body }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === "") jar.delete(name)
      else jar.set(name, value)
    }
    const location = response.headers.get("location")
    if (location !== null) {
      const target = new URL(location, url)
      if (ends.some((end) => target.href.startsWith(end))) return { callback: target, pages }
      next = { url: target }
      continue
    }
    const page = await response.text()
    pages.push(page)
    if (page.includes(`value="${person}"`)) next = { url, body: new URLSearchParams({ person }) }
    else if (page.includes('value="allow"')) {
      const action = /<form[^>]*action="([^"]*)"/.exec(page)?.[1] ?? url.href
      next = { url: new URL(action, url), body: new URLSearchParams({ decision: "allow" }) }
    } else
      throw new Error(`${url.origin}${url.pathname} answered ${response.status} with a page nobody can use: ${page}`)
  }
  throw new Error("the browser went round in circles")
}

export interface User {
  readonly endpoint: URL
  readonly keychain: Keychain
  readonly pages: readonly string[]
  /** The answer to the authorization request. */
  readonly callback: URL
  readonly accessToken: () => string
}

/** Logs in through the endpoint's own challenge, as the SDK does it: connect, be told to log in, come back with the code. */
export const logIn = async (endpoint: string | URL, person: string): Promise<User> => {
  const keychain = new Keychain()
  const url = new URL(endpoint)
  const transport = new StreamableHTTPClientTransport(url, { authProvider: keychain })
  const client = new Client({ name: "e2e", version: "1" })
  const refused = await client.connect(transport as Transport).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(refused instanceof UnauthorizedError) || keychain.wanted === undefined) {
    throw new Error("the first request was not answered with a way to log in", { cause: refused })
  }
  const { callback, pages } = await logInWithBrowser(keychain.wanted, person)
  await transport.finishAuth(callback.searchParams.get("code") ?? "")
  await client.close()
  return {
    endpoint: url,
    keychain,
    pages,
    callback,
    accessToken: () => {
      if (keychain.saved === undefined) throw new Error("there is no token")
      return keychain.saved.access_token
    },
  }
}

/** Runs with a connected client and closes it. */
export const withClient = async <A>({ endpoint, keychain }: User, use: (client: Client) => Promise<A>): Promise<A> => {
  const client = new Client({ name: "e2e", version: "1" })
  const transport = new StreamableHTTPClientTransport(endpoint, { authProvider: keychain })
  await client.connect(transport as Transport)
  try {
    return await use(client)
  } finally {
    await transport.terminateSession().catch(() => undefined)
    await client.close()
  }
}

/** The text of a tool's answer. */
export const callTool = async (client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> => {
  const { content } = await client.callTool({ name, arguments: args })
  const [first]: unknown[] = Array.isArray(content) ? content : []
  if (typeof first !== "object" || first === null || !("text" in first)) throw new Error("the tool answered no text")
  return String(first.text)
}

/** One bare MCP request, for what an SDK client would not send. */
export const bareRequest = (endpoint: string | URL, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "e2e", version: "1" } },
    }),
    ...init,
  })

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
