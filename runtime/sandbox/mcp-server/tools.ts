/**
 * The tools of the sandbox's MCP servers: enough to see who one is, that bytes arrive as they were sent, and that an answer
 * streams.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises"
// The low-level server, as its tools are described in JSON Schema; McpServer wants zod schemas, which nothing else here needs.
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from "@modelcontextprotocol/sdk/types.js"
import { showShown } from "../shown.ts"
import type { Caller } from "./gate.ts"

/** Milliseconds between two counts: long enough that a proxy which buffers would be seen to. */
const BEAT = 40
const MAX_COUNT = 100

const tools: Tool[] = [
  {
    name: "whoami",
    description: "Who this request was proved to be from, and by what",
    inputSchema: { type: "object", properties: {} },
  },
  {
    name: "echo",
    description: "Answers with the text it is given",
    inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  },
  {
    name: "countdown",
    description: "Counts down to zero and reports each step as it happens",
    inputSchema: { type: "object", properties: { from: { type: "integer", minimum: 1, maximum: MAX_COUNT } } },
  },
]

/** A server for one MCP session of one caller. */
export const toolServer = (caller: Caller): Server => {
  const server = new Server({ name: "authflow-sandbox", version: "1.0.0" }, { capabilities: { tools: {} } })

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const { name, arguments: given = {}, _meta } = params
    switch (name) {
      case "whoami":
        return json(identityOf(caller))
      case "echo": {
        const { text: echoed } = given
        if (typeof echoed !== "string") throw new McpError(ErrorCode.InvalidParams, "echo takes a text")
        return text(echoed)
      }
      case "countdown": {
        const { from = 3 } = given
        if (typeof from !== "number" || !Number.isInteger(from) || from < 1 || from > MAX_COUNT) {
          throw new McpError(ErrorCode.InvalidParams, `countdown takes a whole number from 1 to ${MAX_COUNT}`)
        }
        const progressToken = _meta?.progressToken
        for (let left = from; left > 0; left--) {
          if (progressToken !== undefined) {
            const progress = { progressToken, progress: from - left + 1, total: from, message: String(left) }
            await sendNotification({ method: "notifications/progress", params: progress })
          }
          await sleep(BEAT, undefined, { signal })
        }
        return text("zero")
      }
      default:
        throw new McpError(ErrorCode.InvalidParams, `there is no tool ${name}`)
    }
  })
  return server
}

const identityOf = (caller: Caller): unknown =>
  "role" in caller
    ? { role: caller.role, sessionName: caller.sessionName, arn: caller.arn }
    : { shown: showShown(caller.shown) }

const text = (value: string): CallToolResult => ({ content: [{ type: "text", text: value }] })
const json = (value: unknown): CallToolResult => text(JSON.stringify(value))
