/** Everything around the proxy on loopback sockets, and the proxy itself running a plan between them. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:net"
import { Effect, Layer } from "effect"
import { Journal, Secrets, type ServeOptions, serve } from "../../../runtime/index.ts"
import type { Entry } from "../../../runtime/journal.ts"
import type { AwsSts, Plan, Stage } from "../../../runtime/plan.ts"
import { StsTimeouts } from "../../../runtime/stages/aws-sts.ts"
import { httpServer } from "./http-server.ts"
import { startIssuer } from "./issuer.ts"
import { startSts } from "./sts.ts"
import { type WireRequest, wrongSignature } from "./verify-sigv4.ts"

export const REGION = "us-east-1"
export const SERVICE = "aws-mcp"
export const READER = "arn:aws:iam::123456789012:role/mcp-reader"
export const ADMIN = "arn:aws:iam::123456789012:role/mcp-admin"

type Answering = (request: WireRequest, response: ServerResponse, incoming: IncomingMessage) => void

export interface WorldOptions {
  readonly serve?: Partial<ServeOptions>
  readonly session?: Partial<AwsSts["session"]>
  readonly forward?: { readonly path?: string; readonly timeout?: number; readonly origin?: string }
  readonly flowPath?: string
  readonly maxBody?: number
  readonly payload?: "unsigned"
  /** Milliseconds for one attempt at STS. Ample unless said: a slow machine is no failing STS. */
  readonly stsAttempt?: number
  /** Milliseconds for all attempts at STS. */
  readonly stsTotal?: number
  /** What stands between `identify` and `forward` instead of STS and the signature; the upstream then takes everything. */
  readonly middle?: readonly Stage[]
  /** As in the environment: AUTHFLOW_SECRET_… */
  readonly secrets?: Readonly<Record<string, string>>
}

/** Holds a loopback port so that the plan can name it before the proxy listens on it. */
const holdPort = Effect.acquireRelease(
  Effect.callback<{ readonly socket: ReturnType<typeof createServer>; readonly port: number }>((resume) => {
    const socket = createServer()
    socket.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = socket.address()
      resume(Effect.succeed({ socket, port: address !== null && typeof address === "object" ? address.port : 0 }))
    })
  }),
  ({ socket }) => Effect.sync(() => socket.close()),
)

export const startWorld = Effect.fnUntraced(function* (options: WorldOptions = {}) {
  const journal: Entry[] = []
  const seen: WireRequest[] = []
  const badSignatures: string[] = []
  let answering: Answering = (_request, response) => {
    response.setHeader("content-type", "application/json").end('{"ok":true}')
  }
  const issuer = yield* startIssuer
  const sts = yield* startSts
  const upstream = yield* httpServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const { method = "", url: target = "", rawHeaders } = incoming
      const request = { method, target, rawHeaders, body: Buffer.concat(chunks) }
      seen.push(request)
      const signed = options.middle === undefined
      const wrong = signed
        ? wrongSignature(request, sts.secrets, { region: REGION, service: SERVICE, payload: options.payload })
        : undefined
      if (wrong !== undefined) {
        badSignatures.push(wrong)
        response.writeHead(403, { "content-type": "text/plain" }).end(wrong)
      } else answering(request, response, incoming)
    })
  })
  const held = yield* holdPort
  const origin = `http://127.0.0.1:${held.port}`
  const resource = `${origin}${options.flowPath ?? "/aws"}`
  const plan: Plan = {
    version: 1,
    source: "test.authflow",
    providers: [
      {
        name: "corp",
        kind: "oidc",
        issuer: issuer.origin,
        accessToken: { format: "jwt" },
        algorithms: ["ES256"],
        claims: { idToken: [], accessToken: [], userinfo: [] },
      },
    ],
    servers: [],
    flows: [
      {
        name: "aws_mcp",
        resource,
        stages: [
          { kind: "identify.oidc", provider: "corp", scopes: ["mcp:use"], audience: resource },
          ...(options.middle ??
            ([
              {
                kind: "aws.sts",
                subject: { issuer: "corp", kind: "access_token" },
                region: REGION,
                endpoint: sts.origin,
                role: {
                  rules: [
                    { when: { op: "contains", claim: "groups", value: "admins" }, then: { role: ADMIN } },
                    { when: { op: "contains", claim: "groups", value: "readers" }, then: { role: READER } },
                  ],
                  otherwise: { deny: "no group of yours has a role here" },
                },
                session: { nameClaim: "email", onInvalid: "reject", duration: 3600, ...options.session },
              },
              {
                kind: "aws.sigv4",
                service: SERVICE,
                region: REGION,
                maxBody: options.maxBody ?? 1 << 20,
                ...(options.payload && { payload: options.payload }),
              },
            ] satisfies readonly Stage[])),
          {
            kind: "forward",
            url: `${options.forward?.origin ?? upstream.origin}${options.forward?.path ?? "/mcp"}`,
            timeout: options.forward?.timeout ?? 20,
          },
        ],
      },
    ],
  }
  const running = yield* serve(plan, {
    listen: [{ host: "127.0.0.1", port: held.port, socket: held.socket }],
    drainSeconds: 1,
    env: {},
    ...options.serve,
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        Secrets.layerEnvironment(options.secrets ?? {}),
        Layer.succeed(Journal, { write: (entry) => journal.push(entry) }),
      ),
    ),
    Effect.provideService(StsTimeouts, {
      connect: 10_000,
      attempt: options.stsAttempt ?? 10_000,
      total: options.stsTotal ?? 30_000,
    }),
  )
  const token = (claims: Readonly<Record<string, unknown>> = {}) =>
    issuer.token({ sub: "ada", email: "ada@example.com", groups: ["readers"], ...claims }, resource)
  return {
    origin,
    port: held.port,
    resource,
    plan,
    running,
    journal,
    issuer,
    sts,
    upstream,
    /** What reached the upstream, and what was wrong with its signatures. */
    seen,
    badSignatures,
    answer: (next: Answering) => {
      answering = next
    },
    token,
    /** Headers of a caller who is let in. */
    bearer: (claims?: Readonly<Record<string, unknown>>) =>
      Effect.map(token(claims), (value) => ({ authorization: `Bearer ${value}` })),
  }
})

export type World = Effect.Success<ReturnType<typeof startWorld>>
