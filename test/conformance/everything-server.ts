/**
 * An MCP server with everything that the conformance suite's server scenarios ask for, made of the official SDK. The proxy
 * stands in front of it: what the suite says of the two has to be the same.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import {
  CallToolRequestSchema,
  type CallToolResult,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js"

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

const text = (said: string): CallToolResult => ({ content: [{ type: "text", text: said }] })
const nothing = { type: "object", properties: {} } as const
const asking = (name: string) =>
  ({ type: "object", properties: { [name]: { type: "string" } }, required: [name] }) as const
const pause = () => new Promise((done) => setTimeout(done, 20))

type Extra = Parameters<Parameters<Server["setRequestHandler"]>[1]>[1]
type Tool = (
  args: Readonly<Record<string, unknown>>,
  extra: Extra,
  progress: string | number | undefined,
) => Promise<CallToolResult>

const elicit = async (extra: Extra, message: string, properties: Record<string, unknown>, required: string[] = []) =>
  extra.sendRequest(
    {
      method: "elicitation/create",
      params: { message, requestedSchema: { type: "object", properties, required } as never },
    },
    ElicitResultSchema,
  )

const tools: Readonly<Record<string, { readonly schema: object; readonly run: Tool }>> = {
  test_simple_text: { schema: nothing, run: async () => text("This is a simple text response for testing.") },
  test_image_content: {
    schema: nothing,
    run: async () => ({ content: [{ type: "image", data: PNG, mimeType: "image/png" }] }),
  },
  test_audio_content: {
    schema: nothing,
    run: async () => ({ content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] }),
  },
  test_embedded_resource: {
    schema: nothing,
    run: async () => ({
      content: [
        {
          type: "resource",
          resource: {
            uri: "test://embedded-resource",
            mimeType: "text/plain",
            text: "This is an embedded resource content.",
          },
        },
      ],
    }),
  },
  test_multiple_content_types: {
    schema: nothing,
    run: async () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        { type: "image", data: PNG, mimeType: "image/png" },
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: JSON.stringify({ test: "data", value: 123 }),
          },
        },
      ],
    }),
  },
  test_tool_with_logging: {
    schema: nothing,
    run: async (_args, extra) => {
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await extra.sendNotification({ method: "notifications/message", params: { level: "info", data } })
        await pause()
      }
      return text("Tool with logging executed successfully")
    },
  },
  test_tool_with_progress: {
    schema: nothing,
    run: async (_args, extra, progressToken) => {
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        const params = { progressToken: progressToken ?? "", progress, total: 100 }
        await extra.sendNotification({ method: "notifications/progress", params })
        await pause()
      }
      return text(String(progressToken))
    },
  },
  test_error_handling: {
    schema: nothing,
    run: async () => ({ isError: true, ...text("This tool intentionally returns an error for testing") }),
  },
  test_sampling: {
    schema: asking("prompt"),
    run: async ({ prompt }, extra) => {
      const content = { type: "text", text: String(prompt) } as const
      const params = { messages: [{ role: "user" as const, content }], maxTokens: 100 }
      const answer = await extra.sendRequest({ method: "sampling/createMessage", params }, CreateMessageResultSchema)
      return text(`LLM response: ${JSON.stringify(answer.content)}`)
    },
  },
  test_elicitation: {
    schema: asking("message"),
    run: async ({ message }, extra) => {
      const properties = {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      }
      const answer = await elicit(extra, String(message), properties, ["username", "email"])
      return text(`User response: ${JSON.stringify(answer)}`)
    },
  },
  test_elicitation_sep1034_defaults: {
    schema: nothing,
    run: async (_args, extra) => {
      const { action, content } = await elicit(extra, "Please review", {
        name: { type: "string", default: "John Doe" },
        age: { type: "integer", default: 30 },
        score: { type: "number", default: 95.5 },
        status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
        verified: { type: "boolean", default: true },
      })
      return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)
    },
  },
  test_elicitation_sep1330_enums: {
    schema: nothing,
    run: async (_args, extra) => {
      const options = ["option1", "option2", "option3"]
      const titled = [1, 2, 3].map((n) => ({ const: `value${n}`, title: `Option ${n}` }))
      const { action, content } = await elicit(extra, "Please choose", {
        untitledSingle: { type: "string", enum: options },
        titledSingle: { type: "string", oneOf: titled },
        legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["One", "Two", "Three"] },
        untitledMulti: { type: "array", items: { type: "string", enum: options } },
        titledMulti: { type: "array", items: { anyOf: titled } },
      })
      return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)
    },
  },
  test_reconnection: {
    schema: nothing,
    run: async (_args, extra) => {
      extra.closeSSEStream?.()
      await pause()
      return text("Reconnection test completed successfully.")
    },
  },
  json_schema_2020_12_tool: {
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    run: async () => text("ok"),
  },
}

const resources = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PNG },
  "test://watched-resource": { mimeType: "text/plain", text: "Watched resource content" },
}

const user = (content: object) => ({ role: "user", content })
const said = (words: string) => user({ type: "text", text: words })
const prompts: Readonly<
  Record<string, { readonly args: readonly string[]; readonly get: (args: Record<string, string>) => object[] }>
> = {
  test_simple_prompt: { args: [], get: () => [said("This is a simple prompt for testing.")] },
  test_prompt_with_arguments: {
    args: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    args: ["resourceUri"],
    get: ({ resourceUri: uri }) => [
      user({
        type: "resource",
        resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." },
      }),
      said("Please process the embedded resource above."),
    ],
  },
  test_prompt_with_image: {
    args: [],
    get: () => [user({ type: "image", data: PNG, mimeType: "image/png" }), said("Please analyze the image above.")],
  },
}

const makeServer = (): Server => {
  const server = new Server(
    { name: "everything", version: "1.0.0" },
    { capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} } },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries(tools).map(([name, { schema }]) => ({
      name,
      description: `The ${name} tool`,
      inputSchema: schema as never,
    })),
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools[params.name]
    if (tool === undefined) throw new McpError(-32602, `no tool ${params.name}`)
    return tool.run(params.arguments ?? {}, extra as Extra, params._meta?.progressToken)
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: Object.entries(resources).map(([uri, { mimeType }]) => ({
      uri,
      name: uri,
      description: `The ${uri} resource`,
      mimeType,
    })),
  }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template", mimeType: "application/json" }],
  }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const known = Object.entries(resources).find(([name]) => name === uri)?.[1]
    if (known !== undefined) return { contents: [{ uri, ...known }] }
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1]
    if (id === undefined) throw new McpError(-32002, "Resource not found", { uri })
    const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
    return { contents: [{ uri, mimeType: "application/json", text: data }] }
  })
  server.setRequestHandler(SubscribeRequestSchema, () => ({}))
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}))
  server.setRequestHandler(SetLevelRequestSchema, () => ({}))
  server.setRequestHandler(CompleteRequestSchema, () => ({
    completion: { values: ["paris", "park"], total: 2, hasMore: false },
  }))
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: Object.entries(prompts).map(([name, { args }]) => ({
      name,
      description: `The ${name} prompt`,
      arguments: args.map((each) => ({ name: each, required: true })),
    })),
  }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = prompts[params.name]
    if (prompt === undefined) throw new McpError(-32602, `no prompt ${params.name}`)
    return { messages: prompt.get(params.arguments ?? {}) as never }
  })
  return server
}

/** Streams can be taken up again by the id of the last event that was seen. */
const eventStore = () => {
  const events: { id: string; stream: string; message: never }[] = []
  return {
    storeEvent: async (stream: string, message: unknown) => {
      const id = randomUUID()
      events.push({ id, stream, message: message as never })
      return id
    },
    replayEventsAfter: async (last: string, { send }: { send: (id: string, message: never) => Promise<void> }) => {
      const at = events.findIndex(({ id }) => id === last)
      const stream = events[at]?.stream ?? ""
      for (const event of events.slice(at + 1)) if (event.stream === stream) await send(event.id, event.message)
      return stream
    },
  }
}

export interface EverythingServer {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** On loopback, at `/mcp`. `hosts`: further names it goes by, beside its own address. */
export const startEverythingServer = async (hosts: readonly string[] = []): Promise<EverythingServer> => {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done))
  const { port } = http.address() as AddressInfo
  const allowedHosts = [`127.0.0.1:${port}`, `localhost:${port}`, ...hosts]

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const origin = request.headers.origin === undefined ? undefined : URL.parse(request.headers.origin)?.hostname
    if (origin !== undefined && !["127.0.0.1", "localhost"].includes(origin ?? "")) {
      response.writeHead(403).end()
      return
    }
    const body = request.method === "POST" ? await json(request) : undefined
    const session = sessions.get(String(request.headers["mcp-session-id"]))
    if (session !== undefined) return session.handleRequest(request, response, body)
    if (request.headers["mcp-session-id"] !== undefined) {
      const error = { code: -32001, message: "Session not found" }
      response.writeHead(404, { "content-type": "application/json" })
      response.end(JSON.stringify({ jsonrpc: "2.0", error, id: null }))
      return
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
      eventStore: eventStore(),
      retryInterval: 100,
      enableDnsRebindingProtection: true,
      allowedHosts,
    })
    await makeServer().connect(transport as Transport)
    return transport.handleRequest(request, response, body)
  }

  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: async () => {
      http.closeAllConnections()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
}
