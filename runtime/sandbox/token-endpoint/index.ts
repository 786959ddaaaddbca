/**
 * The stand-in for token endpoints that exchange: RFC 8693, RFC 7523, ID-JAG, Entra's on-behalf-of and client credentials.
 * Each verifies the client, every parameter, and the tokens it is shown, by what their issuers know of them; it issues JWTs of
 * its own, whose keys it publishes.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { Effect, Redacted } from "effect"
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose"
import type { Plan, Subject } from "../../plan.ts"
import type { Secrets } from "../../secrets.ts"
import { fromClaims } from "../identity-provider/find-token.ts"
import type { FindToken, IssuedToken } from "../issued-token.ts"
import { isOfClient } from "./authenticate.ts"
import type { Service } from "./service.ts"

export interface TokenEndpointOptions {
  /** The rewritten URL, whose origin is the issuer of what it gives. */
  readonly endpoint: string
  readonly services: readonly Service[]
  readonly plan: Plan
  readonly secrets: Pick<Secrets["Service"], "get">
  /** Tokens of all issuers of the sandbox. */
  readonly find: FindToken
}

export interface TokenEndpoint {
  readonly handler: RequestListener
  /** What it knows of tokens of its own. */
  readonly find: FindToken
}

/** Seconds. */
const LIFE = 3600
const ASSERTION_LIFE = 300
const MAX_FORM = 128 * 1024

export const tokenEndpoint = Effect.fn("Sandbox.tokenEndpoint")(function* (options: TokenEndpointOptions) {
  const { endpoint, services, plan, secrets, find } = options
  const { origin: issuer, pathname } = new URL(endpoint)
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256"))
  const key = { ...(yield* Effect.promise(() => exportJWK(publicKey))), kid: "sandbox", alg: "ES256", use: "sig" }
  /** ID-JAGs that were redeemed: each is good once. */
  const redeemed = new Set<string>()

  const secretOf = ({ client }: Service): Promise<string | undefined> =>
    client?.secret === undefined
      ? Promise.resolve(undefined)
      : Effect.runPromise(Effect.map(secrets.get(client.secret), Redacted.value))

  const sign = (claims: Readonly<Record<string, unknown>>, typ: string, life: number) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "sandbox", typ })
      .setIssuer(issuer)
      .setIssuedAt()
      .setJti(randomUUID())
      .setExpirationTime(Math.floor(Date.now() / 1000) + life)
      .sign(privateKey)

  const answer = async (request: IncomingMessage, form: URLSearchParams): Promise<Answer> => {
    const grant = form.get("grant_type")
    const ofGrant = services.filter((service) => service.grant === grant)
    if (ofGrant.length === 0) return refuse(400, "unsupported_grant_type")
    const ofClient: Service[] = []
    for (const service of ofGrant) {
      if (await isOfClient(request, form, service.client, await secretOf(service), endpoint)) ofClient.push(service)
    }
    if (ofClient.length === 0) return refuse(401, "invalid_client")
    const service = ofClient.find(({ parameters }) =>
      Object.entries(parameters).every(([name, value]) => (form.get(name) ?? undefined) === value),
    )
    if (service === undefined) return refuse(400, "invalid_target")
    // RFC 6749 section 3.2: no parameter more than once.
    if ([...form.keys()].some((name, at, all) => all.indexOf(name) !== at)) return refuse(400, "invalid_request")

    const shown = await shownTokens(service, form)
    if ("error" in shown) return shown.error
    const [subject, actor] = shown.tokens
    const person = subject?.subject ?? service.client?.id ?? "nobody"
    const claims = {
      sub: person,
      ...(service.audience === undefined ? {} : { aud: service.audience }),
      ...(service.scope === undefined ? {} : { scope: service.scope }),
      ...(service.client === undefined ? {} : { client_id: service.client.id }),
      // RFC 8693 section 4.1.
      ...(actor === undefined ? {} : { act: { sub: actor.subject, iss: actor.issuer } }),
    }
    if (service.kind === "id_jag") {
      const jag = { ...claims, client_id: service.redeemer, resource: form.get("resource") ?? undefined }
      return given(await sign(jag, "oauth-id-jag+jwt", ASSERTION_LIFE), "N_A", ASSERTION_LIFE, service)
    }
    return given(await sign(claims, "at+jwt", LIFE), "Bearer", LIFE, service)
  }

  const shownTokens = async (
    service: Service,
    form: URLSearchParams,
  ): Promise<{ readonly tokens: readonly IssuedToken[] } | { readonly error: Answer }> => {
    if (service.kind === "client_credentials") return { tokens: [] }
    if (service.kind === "id_jag_grant") {
      const jag = await find(form.get("assertion") ?? "")
      const jti = String(jag?.claims["jti"])
      const wrong =
        jag === undefined ||
        jag.kind !== "id_jag" ||
        jag.issuer !== new URL(service.idp ?? "").origin ||
        jag.client !== service.client?.id ||
        redeemed.has(jti)
      if (wrong) return { error: refuse(400, "invalid_grant") }
      redeemed.add(jti)
      return { tokens: [jag] }
    }
    const values = service.grant.endsWith(":jwt-bearer")
      ? [form.get("assertion")]
      : [form.get("subject_token"), form.get("actor_token")].slice(0, service.shown.length)
    const tokens: IssuedToken[] = []
    for (const [at, value] of values.entries()) {
      const token = await find(value ?? "")
      const named = service.shown[at]
      const why = token === undefined || named === undefined ? "unknown" : wrongToken(plan, named, token, service)
      if (token === undefined || why !== undefined) {
        // Entra says which rule it is: 500131, the assertion is for another audience; 50013, it is not valid.
        return service.kind === "obo"
          ? { error: refuse(400, "invalid_grant", { error_codes: [why === "audience" ? 500131 : 50013] }) }
          : { error: refuse(400, service.grant.endsWith(":jwt-bearer") ? "invalid_grant" : "invalid_request") }
      }
      tokens.push(token)
    }
    return { tokens }
  }

  const handler: RequestListener = (request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "/"
    if (path === "/jwks") return json(response, 200, { keys: [key] })
    if (path === "/.well-known/openid-configuration" || path === "/.well-known/oauth-authorization-server") {
      return json(response, 200, { issuer, token_endpoint: endpoint, jwks_uri: `${issuer}/jwks` })
    }
    if (path !== pathname) return json(response, 404, { error: "not_found" })
    void readForm(request)
      .then((form) => (form === undefined ? refuse(400, "invalid_request") : answer(request, form)))
      .catch(() => refuse(500, "server_error"))
      .then(({ status, body }) => json(response, status, body))
  }

  const findOwn: FindToken = async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, publicKey, { issuer, algorithms: ["ES256"] })
      return fromClaims(payload, protectedHeader.typ === "at+jwt" ? "access_token" : "id_jag", issuer)
    } catch {
      return undefined
    }
  }
  return { handler, find: findOwn } satisfies TokenEndpoint
})

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const refuse = (status: number, error: string, more: Readonly<Record<string, unknown>> = {}): Answer => ({
  status,
  body: { error, ...more },
})

const given = (token: string, type: string, life: number, { issuedType, scope }: Service): Answer => ({
  status: 200,
  body: {
    access_token: token,
    token_type: type,
    expires_in: life,
    ...(issuedType === undefined ? {} : { issued_token_type: issuedType }),
    ...(scope === undefined ? {} : { scope }),
  },
})

/** Why the token is not the one that the plan shows here; undefined when it is. */
const wrongToken = (plan: Plan, named: Subject, token: IssuedToken, { kind, client }: Service): string | undefined => {
  // A token of the stage before: that its issuer is one of the sandbox is all that the plan says of it.
  if (named === "exchanged") return token.kind === "access_token" ? undefined : "kind"
  const issuer = [...plan.providers, ...plan.servers].find(({ name }) => name === named.issuer)?.issuer
  if (token.issuer !== issuer) return "issuer"
  if (token.kind !== named.kind) return "kind"
  const audiences = [client?.id, `api://${client?.id}`]
  if (kind === "obo" && !token.audiences.some((audience) => audiences.includes(audience))) return "audience"
  // The draft, section 4.3: an ID token that was issued to the client that shows it.
  if (kind === "id_jag" && client !== undefined && !token.audiences.includes(client.id)) return "audience"
  return undefined
}

const json = (response: ServerResponse, status: number, body: object): void => {
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body))
}

const readForm = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  const form = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers["content-type"] ?? "")
  if (request.method !== "POST" || !form) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_FORM) return undefined
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"))
}
