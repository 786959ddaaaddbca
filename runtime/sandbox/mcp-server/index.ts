/**
 * The stand-in for a remote MCP server: the official SDK's streamable HTTP server behind a gate that verifies the credential
 * that its flow shows. Nothing else reaches MCP.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import type { FaultQueue, McpFault } from "../faults.ts"
import type { SeenRequest } from "../seen-request.ts"
import type { RawRequest } from "./canonical-request.ts"
import type { Caller, Gate } from "./gate.ts"
import { toolServer } from "./tools.ts"

export interface McpServerOptions {
  /** Path of the MCP endpoint, as in the plan. */
  readonly path: string
  readonly gate: Gate
  readonly faults: FaultQueue<McpFault>
  /** Told of each request, accepted or not. */
  readonly saw: (request: SeenRequest) => void
}

const MAX_BODY = 16 * 1024 * 1024

export const mcpServer = (options: McpServerOptions): RequestListener => {
  const sessions = mcpSessions()
  return (request, response) => {
    void serve(options, sessions, request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, "InternalFailure", "The sandbox could not answer")
      else response.destroy()
    })
  }
}

const serve = async (
  { path, gate, faults, saw }: McpServerOptions,
  mcp: McpSessions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(request)
  if (body === undefined) {
    refuse(response, 413, "RequestEntityTooLarge", "The body is too large")
    return
  }
  const raw: RawRequest = {
    method: request.method ?? "",
    target: request.url ?? "",
    headers: headerPairs(request),
    body,
  }
  const note = (outcome: SeenRequest["outcome"]) =>
    saw({
      method: raw.method,
      target: raw.target,
      headers: raw.headers,
      body: Buffer.from(body).toString("utf8"),
      outcome,
    })

  const trick = raw.headers.find(([name]) => FORWARDING.test(name))
  if (trick !== undefined) {
    note({ accepted: false, code: "InvalidHeader" })
    refuse(response, 400, "InvalidHeader", `${trick[0].toLowerCase()} has no business here`)
    return
  }
  const verdict = await gate(raw)
  if (!verdict.accepted) {
    note({ accepted: false, code: verdict.code })
    refuse(response, verdict.status, verdict.code, verdict.message)
    return
  }
  const { caller } = verdict
  if ("role" in caller)
    note({
      accepted: true,
      role: caller.role,
      sessionName: caller.sessionName,
    })
  else note({ accepted: true, shown: caller.shown })
  if (raw.target.split("?", 1)[0] !== path) {
    refuse(response, 404, "ResourceNotFoundException", "There is no MCP endpoint here")
    return
  }
  const message = parseJson(body)
  if (isToolCall(message) && faults.take()?.kind === "reset-mid-stream") resetAfterFirstEvent(response)
  await mcp.answer(caller, request, response, message)
}

/** What a proxy adds to say for whom it speaks, or to change what is asked: a signed request has none of them. */
const FORWARDING =
  /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|x-client-ip|x-original-(url|host)|x-rewrite-url|x-http-method(-override)?)$/i

interface McpSessions {
  readonly answer: (
    caller: Caller,
    request: IncomingMessage,
    response: ServerResponse,
    message: unknown,
  ) => Promise<void>
}

/** Stateful MCP sessions. Each belongs to whoever opened it: with another role, session name or person it is not there. */
const mcpSessions = (): McpSessions => {
  const open = new Map<string, { readonly owner: string; readonly transport: StreamableHTTPServerTransport }>()

  return {
    answer: async (caller, request, response, message) => {
      const { owner } = caller
      const id = request.headers["mcp-session-id"]
      if (id !== undefined) {
        const session = open.get(String(id))
        if (session === undefined || session.owner !== owner) {
          refuse(response, 404, "ResourceNotFoundException", "There is no such MCP session")
          return
        }
        await session.transport.handleRequest(request, response, message)
        return
      }
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (opened) => {
          open.set(opened, { owner, transport })
        },
        onsessionclosed: (closed) => {
          open.delete(closed)
        },
      })
      // The class says `| undefined` where the interface leaves optional out, which exactOptionalPropertyTypes tells apart.
      await toolServer(caller).connect(transport as Transport)
      await transport.handleRequest(request, response, message)
    },
  }
}

const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const headerPairs = ({ rawHeaders }: IncomingMessage): RawRequest["headers"] => {
  const pairs: Array<readonly [string, string]> = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""])
  return pairs
}

/** Undefined where there is none; the transport then says what is wrong with the request. */
const parseJson = (body: Uint8Array): unknown => {
  try {
    return body.length === 0 ? undefined : JSON.parse(Buffer.from(body).toString("utf8"))
  } catch {
    return undefined
  }
}

const isToolCall = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "method" in message && message.method === "tools/call"

const resetAfterFirstEvent = (response: ServerResponse): void => {
  const write = response.write.bind(response)
  let written = false
  // What comes after it is never sent, however late the reset is.
  response.end = () => response
  response.write = (chunk: unknown, ...rest: unknown[]) => {
    if (written) return true
    written = true
    const done = rest.find((argument) => typeof argument === "function")
    return write(chunk, () => {
      done?.()
      // A reset overtakes bytes that the other side has not read yet, so the event gets time to arrive.
      setTimeout(() => response.socket?.resetAndDestroy(), 25)
    })
  }
}

/** As AWS services that speak JSON refuse; others do it in other words, and nobody reads them here. */
const refuse = (response: ServerResponse, status: number, code: string, message: string): void => {
  response
    .writeHead(status, {
      "content-type": "application/json",
      "x-amzn-errortype": code,
      "x-amzn-requestid": randomUUID(),
    })
    .end(JSON.stringify({ __type: code, message }))
}
