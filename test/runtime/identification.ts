/**
 * Runs an identify stage on one request, and stands in for an outside issuer.
 *
 * @module
 */
import { createServer, IncomingMessage, type Server } from "node:http"
import { type AddressInfo, Socket } from "node:net"
import { Effect } from "effect"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import type { Principal } from "../../runtime/pipeline/credential.ts"
import type { Exchange, Stage } from "../../runtime/pipeline/stage.ts"
import type { OidcProvider } from "../../runtime/plan.ts"
import { possession } from "../../runtime/resource-server/possession.ts"
import { identifyOidc, jwtVerifier } from "../../runtime/stages/identify-oidc.ts"
import { outcome, RESOURCE } from "./authorization.ts"
import { close } from "./identity-provider.ts"

export type Identify = Stage<"Caller", "Principal">

/** Runs the stage on a request with these headers. */
export const identify = (stage: Identify, headers: ReadonlyArray<readonly [string, string]>, url = "/aws") => {
  const incoming = new IncomingMessage(new Socket())
  incoming.method = "POST"
  incoming.url = url
  incoming.rawHeaders = headers.flat()
  const exchange: Exchange = {
    id: "1",
    incoming,
    outbound: { method: "POST", origin: "https://up.example", target: "/", headers: [] },
    body: () => Effect.succeed(undefined),
    stream: () => undefined,
  }
  return outcome(stage.run(exchange, { _tag: "Caller" }))
}

export const withToken = (stage: Identify, token: string) => identify(stage, [["authorization", `Bearer ${token}`]])

export const failureOf = async (result: ReturnType<typeof identify>) => {
  const settled = await result
  if (settled._tag === "Success") throw new Error("it was let in")
  return settled.failure
}

export const principalOf = async (result: ReturnType<typeof identify>): Promise<Principal> => {
  const settled = await result
  if (settled._tag === "Failure") throw new Error(`${settled.failure._tag}: ${settled.failure.detail}`)
  return settled.success.credential
}

/** An issuer that is nothing but metadata, keys and somebody who signs. */
export const startIssuer = async () => {
  const server: Server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const makeKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true })
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" } }
  }
  const current = await makeKey("one")
  const state = {
    issuer,
    makeKey,
    keys: [current],
    requests: [] as string[],
    status: 200,
    metadata: { issuer, jwks_uri: `${issuer}/keys` } as Record<string, unknown>,
    metadataPath: "/.well-known/openid-configuration",
    close: () => close(server),
    sign: (claims: JWTPayload = {}, header: Record<string, unknown> = {}, key = current) =>
      new SignJWT({ scope: "mcp:use", ...claims })
        .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
        .setIssuer(claims.iss ?? issuer)
        .setAudience(claims.aud ?? RESOURCE)
        .setSubject(claims.sub ?? "ada")
        .setIssuedAt()
        .setExpirationTime(claims.exp ?? "5m")
        .sign(key.privateKey),
  }
  server.on("request", (request, response) => {
    state.requests.push(request.url ?? "")
    const body =
      request.url === state.metadataPath
        ? state.metadata
        : request.url === "/keys"
          ? { keys: state.keys.map(({ jwk }) => jwk) }
          : undefined
    response.writeHead(state.status === 200 && body === undefined ? 404 : state.status)
    response.end(JSON.stringify(body ?? {}))
  })
  return state
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>

export const stageFor = ({ issuer }: { readonly issuer: string }, algorithms: OidcProvider["algorithms"] = ["RS256"]) =>
  stageOf({
    name: "corp",
    kind: "oidc",
    issuer,
    accessToken: { format: "jwt" },
    algorithms,
    claims: { idToken: [], accessToken: [], userinfo: [] },
  })

const stageOf = (provider: OidcProvider) =>
  identifyOidc(
    { kind: "identify.oidc", provider: "corp", scopes: ["mcp:use"], audience: RESOURCE },
    provider,
    jwtVerifier(provider),
    possession(RESOURCE),
  )
