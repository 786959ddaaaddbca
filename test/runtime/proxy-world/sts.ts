/** STS as far as the wire goes, made to misbehave: real AWS error codes in real XML, timeouts, resets, garbage. */
import { Effect } from "effect"
import { httpServer } from "./http-server.ts"

export type StsAnswer =
  | { readonly _tag: "Credentials"; readonly expiresIn?: number }
  | { readonly _tag: "Error"; readonly status: number; readonly code: string }
  | { readonly _tag: "Raw"; readonly status: number; readonly body: string }
  | { readonly _tag: "Silence" }
  | { readonly _tag: "Reset" }

export interface StsCall {
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

export const startSts = Effect.gen(function* () {
  const calls: StsCall[] = []
  const secrets = new Map<string, { readonly secret: string; readonly token: string }>()
  let behave: (call: StsCall) => StsAnswer = () => ({ _tag: "Credentials" })
  const { origin } = yield* httpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const call = { authorization: request.headers.authorization, form }
      calls.push(call)
      const answer = behave(call)
      response.setHeader("content-type", "text/xml")
      switch (answer._tag) {
        case "Silence":
          return
        case "Reset":
          request.socket.resetAndDestroy()
          return
        case "Raw":
          response.writeHead(answer.status).end(answer.body)
          return
        case "Error":
          response.writeHead(answer.status).end(errorXml(answer.code))
          return
        case "Credentials": {
          const id = `ASIA${String(secrets.size).padStart(12, "0")}`
          const made = { secret: crypto.randomUUID(), token: `session+token/${crypto.randomUUID()}==` }
          secrets.set(id, made)
          response.end(credentialsXml(id, made, answer.expiresIn ?? 3600))
        }
      }
    })
  })
  return {
    origin,
    calls,
    /** What the STS gave out: the upstream verifies against it. */
    secrets,
    behave: (next: (call: StsCall) => StsAnswer) => {
      behave = next
    },
  }
})

const errorXml = (code: string) =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>told by STS</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`

const credentialsXml = (id: string, made: { readonly secret: string; readonly token: string }, expiresIn: number) =>
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>` +
  `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${made.secret}</SecretAccessKey>` +
  `<SessionToken>${made.token}</SessionToken><Expiration>${new Date(Date.now() + expiresIn * 1000).toISOString()}</Expiration>` +
  `</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
