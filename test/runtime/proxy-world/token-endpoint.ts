/** A token endpoint as far as the wire goes, made to misbehave. It gives tokens that tell what they were given for. */
import { Effect } from "effect"
import { httpServer } from "./http-server.ts"

export type TokenAnswer =
  | { readonly _tag: "Token"; readonly body?: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Error"; readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  | {
      readonly _tag: "Raw"
      readonly status: number
      readonly body: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly _tag: "Silence" }
  | { readonly _tag: "Reset" }

export interface TokenCall {
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

const ACCESS = "urn:ietf:params:oauth:token-type:access_token"

export const startTokenEndpoint = Effect.gen(function* () {
  const calls: TokenCall[] = []
  let behave: (call: TokenCall) => TokenAnswer = () => ({ _tag: "Token" })
  const { origin } = yield* httpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const call = { authorization: request.headers.authorization, form }
      calls.push(call)
      const answer = behave(call)
      response.setHeader("content-type", "application/json")
      switch (answer._tag) {
        case "Silence":
          return
        case "Reset":
          request.socket.resetAndDestroy()
          return
        case "Raw":
          response.writeHead(answer.status, { "content-type": "text/html", ...answer.headers }).end(answer.body)
          return
        case "Error":
          response.writeHead(answer.status).end(JSON.stringify(answer.body))
          return
        case "Token":
          response.end(
            JSON.stringify({
              access_token: `made-${calls.length}`,
              token_type: "Bearer",
              expires_in: 3600,
              issued_token_type: ACCESS,
              ...answer.body,
            }),
          )
      }
    })
  })
  return {
    endpoint: `${origin}/token`,
    calls,
    behave: (next: (call: TokenCall) => TokenAnswer) => {
      behave = next
    },
  }
})
