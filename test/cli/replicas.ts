/**
 * Replicas of one deployment: processes of `authflow run` behind one public origin, with a real provider to log in at and an
 * upstream that answers. Which of them gets a request is the test's to say.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { Plan, RedisStorage } from "../../runtime/plan.ts"
import { PASSWORD } from "../redis.ts"
import { RESOURCE, type Rig } from "../runtime/authorization.ts"
import { CLIENT, close, type IdentityProvider, startIdentityProvider } from "../runtime/identity-provider.ts"
import { folder, type Running, start } from "./authflow.ts"

export interface Deployment {
  readonly issuer: string
  /** For `Client`: only its issuer is looked at. */
  readonly rig: Rig
  readonly idp: IdentityProvider
  /** Working directory of the processes. */
  readonly directory: string
  /** Starts a process; settles when it listens. */
  readonly launch: () => Promise<Replica>
  /** Who gets the next request. Undefined: nobody is there, which is answered with 502. */
  route: () => Replica | undefined
  /** What the flow answers to this access token. */
  readonly call: (token: string) => Promise<Response>
}

export interface Replica {
  readonly port: number
  readonly process: Running
}

export interface DeploymentOptions {
  /** Address of a Redis; without it, state is in a directory of this machine. */
  readonly redis?: string
  /** PEM; the first signs. */
  readonly keys?: readonly string[]
}

export const signingKey = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString()

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    onTestFinished(() => close(server))
  })

export const deploy = async ({ redis, keys = [signingKey()] }: DeploymentOptions): Promise<Deployment> => {
  const origin = createServer((incoming, outgoing) => void relay(deployment.route(), incoming, outgoing))
  const issuer = await listening(origin)
  const upstream = await listening(createServer((_, response) => response.end("the upstream")))
  const redirectUri = `${issuer}/oauth/callback`
  const idp = await startIdentityProvider([redirectUri])
  onTestFinished(() => idp.close())
  const storage: RedisStorage | undefined =
    redis === undefined
      ? undefined
      : {
          kind: "redis",
          server: { kind: "single", address: redis },
          password: { name: "redis", key: "password" },
          timeouts: { dial: 5, read: 3, write: 3 },
        }
  const plan: Plan = {
    version: 1,
    source: "replicas.authflow",
    providers: [
      {
        name: "corp",
        kind: "oidc",
        issuer: idp.issuer,
        client: { id: CLIENT.id, secret: { name: "corp", key: "secret" }, scopes: ["openid", "email", "profile"] },
        accessToken: { format: "opaque" },
        algorithms: ["RS256"],
        claims: { idToken: [], accessToken: [], userinfo: [] },
      },
    ],
    servers: [
      {
        name: "gate",
        kind: "auth_server",
        issuer,
        login: ["corp"],
        redirectUri,
        registration: "dynamic",
        tokens: { access: 600, refresh: 3600, code: 60 },
        claims: [],
        keys: keys.map((_, at) => ({ name: "gate", key: `signing-${at}` })),
        hmacKeys: [{ name: "gate", key: "hmac" }],
        ...(storage && { storage }),
      },
    ],
    flows: [
      {
        name: "mcp",
        resource: `${issuer}/mcp`,
        stages: [
          { kind: "identify.auth_server", server: "gate", scopes: ["mcp:use"], audience: RESOURCE },
          { kind: "inject.none" },
          { kind: "forward", url: `${upstream}/mcp`, timeout: 30 },
        ],
      },
    ],
  }
  const directory = folder({ "plan.json": JSON.stringify(plan) })
  const secret = (name: string, key: string, value: string) => {
    mkdirSync(join(directory, "secrets", name), { recursive: true })
    writeFileSync(join(directory, "secrets", name, key), value)
  }
  secret("corp", "secret", CLIENT.secret)
  secret("gate", "hmac", randomBytes(32).toString("base64url"))
  secret("redis", "password", PASSWORD)
  for (const [at, key] of keys.entries()) secret("gate", `signing-${at}`, key)

  const launch = async (): Promise<Replica> => {
    const process = start(["run", "plan.json", "--listen", "127.0.0.1:0", "--secrets", "secrets", "--state", "state"], {
      cwd: directory,
    })
    const [, port = ""] = await process.written("stderr", /Listening on http:\/\/127\.0\.0\.1:(\d+) for/)
    return { process, port: Number(port) }
  }
  const deployment: Deployment = {
    issuer,
    rig: { issuer } as Rig,
    idp,
    directory,
    launch,
    route: () => undefined,
    call: (token) =>
      fetch(`${issuer}/mcp`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: "{}" }),
  }
  return deployment
}

/** As a load balancer does: passes the request on as it is; a replica that goes away takes the answer with it. */
const relay = (to: Replica | undefined, incoming: IncomingMessage, outgoing: ServerResponse) => {
  const fail = () => {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502).end()
  }
  if (to === undefined) return fail()
  const { method = "GET", url = "/", headers } = incoming
  const passed = request({ host: "127.0.0.1", port: to.port, method, path: url, headers, agent: false })
  passed.on("error", fail)
  passed.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on("error", () => outgoing.destroy())
    answer.on("aborted", () => outgoing.destroy())
    answer.pipe(outgoing)
  })
  incoming.pipe(passed)
}
