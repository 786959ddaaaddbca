/**
 * A flow of a plan run by the runtime's own stages: real tokens, STS as far as the wire goes, and an upstream that writes down
 * what it sees, all on loopback.
 *
 * @module
 */
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { buffer } from "node:stream/consumers"
import { Effect, Redacted } from "effect"
import { compactVerify, createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose"
import type { AuthServer } from "../../runtime/auth-server/auth-server.ts"
import { type Failure, table } from "../../runtime/failure.ts"
import { compilePipeline } from "../../runtime/pipeline/pipeline.ts"
import type { Exchange } from "../../runtime/pipeline/stage.ts"
import type { Plan, Stage as PlanStage } from "../../runtime/plan.ts"
import { pairsOf, requestHeaders } from "../../runtime/proxy/headers.ts"
import type { Secrets } from "../../runtime/secrets.ts"
import { stages } from "../../runtime/stages/index.ts"
import { httpServer } from "../runtime/proxy-world/http-server.ts"
import { startSts } from "../runtime/proxy-world/sts.ts"

/** What came of a request. */
export type Happened =
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly detail: string }
  | {
      readonly kind: "forwarded"
      readonly role: string | undefined
      readonly session: string | undefined
      /** The token that was shown or exchanged last: `caller` for the caller's own, `exchanged`, else the name of a login's. */
      readonly subject: string | undefined
      /** What the upstream saw, lower-case names. */
      readonly headers: ReadonlyMap<string, string>
    }

export interface Request {
  readonly authorization: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Each secret's value tells that it is one, and which. */
export const secrets: Secrets["Service"] = {
  get: ({ name, key }) => Effect.succeed(Redacted.make(`secret.${name}.${key}`)),
}

/** The token that an upstream is shown as it is. */
const injected = ({ stages }: Plan["flows"][0], raw: readonly string[]): string | undefined =>
  stages.some(({ kind }) => kind === "inject.token")
    ? pairsOf(raw)
        .find(([name]) => name === "authorization")?.[1]
        .replace(/^Bearer /, "")
    : undefined

/** The stage with its token endpoints at this origin. */
const movedEndpoints = (stage: PlanStage, origin: string): PlanStage => {
  const endpoint = `${origin}/token`
  switch (stage.kind) {
    case "token_exchange":
    case "obo":
    case "jwt_bearer":
    case "client_credentials":
      return { ...stage, endpoint }
    case "xaa":
      return { ...stage, idp: { ...stage.idp, endpoint }, target: { ...stage.target, endpoint } }
    default:
      return stage
  }
}

/** What the last exchange of a flow began with. An ID-JAG is in the middle of one. */
const subjectShown = ({ stages }: Plan["flows"][0], forms: readonly URLSearchParams[]): string | undefined => {
  const form = stages.some(({ kind }) => kind === "xaa") ? forms.at(-2) : forms.at(-1)
  return form?.get("subject_token") ?? form?.get("assertion") ?? undefined
}

/** Repeated headers are one list (RFC 9110 section 5.3). */
const joined = (raw: readonly string[]): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>()
  for (const [name, value] of pairsOf(raw)) {
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers
}

/** Runs until the scope closes. */
export const startStages = Effect.gen(function* () {
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256"))
  const key = { ...(yield* Effect.promise(() => exportJWK(publicKey))), kid: "1", alg: "ES256", use: "sig" }
  const introspected = (token: string): Promise<string> =>
    compactVerify(token, publicKey).then(
      ({ payload }) => JSON.stringify({ active: true, ...JSON.parse(new TextDecoder().decode(payload)) }),
      () => JSON.stringify({ active: false }),
    )
  const issuer = yield* httpServer((request, response) => {
    response.setHeader("content-type", "application/json")
    if (request.url === "/introspect") {
      const chunks: Buffer[] = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", async () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString())
        response.end(await introspected(form.get("token") ?? ""))
      })
      return
    }
    const document =
      request.url === "/jwks" ? { keys: [key] } : { issuer: issuerOrigin, jwks_uri: `${issuerOrigin}/jwks` }
    response.end(JSON.stringify(document))
  })
  const issuerOrigin: string = issuer.origin
  const sts = yield* startSts
  const seen: string[][] = []
  const upstream = yield* httpServer((request, response) => {
    seen.push(request.rawHeaders)
    response.end("ok")
  })
  const exchanges: URLSearchParams[] = []
  const tokens = yield* httpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      exchanges.push(form)
      const asked = form.get("requested_token_type") ?? "urn:ietf:params:oauth:token-type:access_token"
      const answer = {
        access_token: `exchanged.${exchanges.length}`,
        token_type: asked.endsWith(":id-jag") ? "N_A" : "Bearer",
        issued_token_type: asked,
        expires_in: 3600,
      }
      response.setHeader("content-type", "application/json").end(JSON.stringify(answer))
    })
  })
  let logins = 0

  /** A server whose tokens this key signs, and whose people's tokens are their names. */
  const serverOf = ({ name, issuer: url }: Plan["servers"][number]): AuthServer => ({
    name,
    issuer: url,
    owns: () => false,
    handle: () => {},
    tokens: { keys: createLocalJWKSet({ keys: [key] }), algorithms: ["ES256"], revoked: () => Effect.succeed(false) },
    token: (_subject, ref) =>
      Effect.succeed({
        ref,
        // Never the same twice, so that no credentials are kept from one request to the next.
        value: Redacted.make(`${ref.issuer}.${ref.kind}#${logins++}`),
        expiresAt: Math.floor(Date.now() / 1000) + 3600,
      }),
  })

  /** Providers move to loopback: `iss` of their tokens has to follow. */
  const moved = (plan: Plan): Plan => ({
    ...plan,
    providers: plan.providers.map((provider) => ({
      ...provider,
      issuer: issuerOrigin,
      ...(provider.kind === "oidc" && provider.introspection !== undefined
        ? { introspection: { ...provider.introspection, url: `${issuerOrigin}/introspect` } }
        : {}),
    })),
  })

  const run = (plan: Plan, index: number) =>
    Effect.gen(function* () {
      const flow = plan.flows[index]
      if (flow === undefined) return yield* Effect.die("no such flow")
      const [first, ...rest] = flow.stages.map((stage) =>
        stage.kind === "forward" ? { ...stage, url: `${upstream.origin}/mcp` } : movedEndpoints(stage, tokens.origin),
      )
      if (first === undefined) return yield* Effect.die("no stages")
      const here = moved(plan)
      const servers = new Map(here.servers.map((server) => [server.name, serverOf(server)]))
      const environment = { plan: here, path: "flow", servers, secrets, env: { AWS_ENDPOINT_URL_STS: sts.origin } }
      const pipeline = yield* compilePipeline({ ...flow, stages: [first, ...rest] }, stages, environment)
      return ({ authorization, headers }: Request): Effect.Effect<Happened> => {
        const incoming = new IncomingMessage(new Socket())
        incoming.url = "/"
        incoming.method = "GET"
        incoming.rawHeaders = [
          ...(authorization === undefined ? [] : ["Authorization", authorization]),
          ...headers.flat(),
        ]
        const host = new URL(upstream.origin).host
        const exchange: Exchange = {
          id: "request",
          incoming,
          outbound: {
            method: "GET",
            origin: upstream.origin,
            target: "/mcp",
            headers: requestHeaders(incoming.rawHeaders, host).headers,
          },
          body: () => Effect.succeed(undefined),
          stream: () => undefined,
        }
        const token = authorization?.replace(/^Bearer /, "")
        const calls = sts.calls.length
        const before = exchanges.length
        return pipeline.run(exchange).pipe(
          // To its end: what is still on its way when the scope closes would be an error that nobody listens for.
          Effect.tap((answer) => Effect.promise(() => buffer(answer.body))),
          Effect.map((): Happened => {
            const form = sts.calls.length > calls ? sts.calls.at(-1)?.form : undefined
            const shown =
              form?.get("WebIdentityToken") ??
              subjectShown(flow, exchanges.slice(before)) ??
              injected(flow, seen.at(-1) ?? [])
            return {
              kind: "forwarded",
              role: form?.get("RoleArn") ?? undefined,
              session: form?.get("RoleSessionName") ?? undefined,
              subject: shown === undefined || shown !== token ? shown?.replace(/[#.]\d+$/, "") : "caller",
              headers: joined(seen.at(-1) ?? []),
            }
          }),
          Effect.catch((failure: Failure) =>
            Effect.succeed<Happened>({
              kind: "refused",
              status: table[failure._tag].status,
              code: table[failure._tag].code,
              detail: failure.detail,
            }),
          ),
        )
      }
    })

  const sign = (claims: Readonly<Record<string, unknown>>, header: { readonly typ?: string } = { typ: "at+jwt" }) =>
    Effect.promise(() => new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "1", ...header }).sign(privateKey))

  return { issuer: issuerOrigin, run, sign, sts }
})
