/** What must not get through, and what the caller is told: whole requests on real sockets. */
import { Effect, Layer, Redacted } from "effect"
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importPKCS8, SignJWT } from "jose"
import { describe, expect, it } from "vitest"
import type { StsFault } from "../../runtime/sandbox/faults.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { StsTimeouts } from "../../runtime/stages/aws-sts.ts"
import { bareRequest, bearer, CALLBACK, callTool, logIn, type User, withClient } from "./mcp-user.ts"
import { compile, compileExample, running } from "./running.ts"

/** Two flows behind one server; each chooses roles for itself. */
const twoFlows = `
provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
  id_token      = { claims: { groups: strings } }
}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
  clients   = { registration: dynamic }
  tokens    = { access: 1h, refresh: 7d }
  claims    = { groups: corp.id_token.groups }
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

${["one", "two"]
  .map(
    (name) => `
flow ${name} at "https://mcp.example.com/${name}" {
  identify gate { scopes = ["mcp:use"] }
  exchange aws.sts {
    subject = corp.id_token
    region  = "us-east-1"
    role    = match claims.groups {
      contains "admins" => "arn:aws:iam::123456789012:role/${name}-admin"
      else              => deny("not you")
    }
    session = { name: claims.email, on_invalid: reject, duration: 1h }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://aws-mcp.us-east-1.api.aws/${name}"
}
`,
  )
  .join("")}`

const problemOf = async (response: Response) => {
  const { type, detail }: { type?: string; detail?: string } = JSON.parse(await response.text())
  return { status: response.status, type: type?.replace("urn:authflow:problem:", ""), detail }
}

describe("tokens", () => {
  const now = running(compile("two-flows.authflow", twoFlows))
  const resource = (at: 0 | 1) => now().box.plan.flows[at]?.resource ?? ""
  let login: Promise<User> | undefined
  const ada = () => {
    login ??= logIn(resource(0), "ada")
    return login
  }
  const reachedMcp = () => now().box.seen("one").length + now().box.seen("two").length

  /** Signs with the server's own key, which only the sandbox's secrets hold: what no attacker can, and yet must not pass. */
  const resign = async (token: string, change: Readonly<Record<string, unknown>>) => {
    const key = await Effect.runPromise(
      Effect.gen(function* () {
        return Redacted.value(yield* (yield* Secrets).get({ name: "gate-keys", key: "2026" }))
      }).pipe(Effect.provide(now().box.secrets)),
    )
    const { alg = "", ...header } = decodeProtectedHeader(token)
    return new SignJWT({ ...decodeJwt(token), ...change })
      .setProtectedHeader({ ...header, alg })
      .sign(await importPKCS8(key, alg))
  }

  it("pass when they are what they should be, also signed again unchanged", async () => {
    const token = (await ada()).accessToken()
    expect((await bareRequest(resource(0), bearer(token))).status).toBe(200)
    expect((await bareRequest(resource(0), bearer(await resign(token, {})))).status).toBe(200)
  })

  it.each<[string, (token: string) => Promise<string> | string]>([
    [
      "with other claims and the old signature",
      (token) => {
        const [head, , signature] = token.split(".")
        const claims = { ...decodeJwt(token), groups: ["admins", "root"] }
        return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`
      },
    ],
    [
      "with one character of the signature changed",
      (token) => {
        const at = token.lastIndexOf(".") + 1
        return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1)
      },
    ],
    [
      "with alg none",
      (token) => {
        const head = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(token), alg: "none" })).toString("base64url")
        return `${head}.${token.split(".")[1]}.`
      },
    ],
    [
      "signed with another key under the same key id",
      async (token) => {
        const { alg = "", ...header } = decodeProtectedHeader(token)
        const { privateKey } = await generateKeyPair(alg)
        return new SignJWT(decodeJwt(token)).setProtectedHeader({ ...header, alg }).sign(privateKey)
      },
    ],
    ["that have expired", (token) => resign(token, { exp: Math.floor(Date.now() / 1000) - 3600 })],
    ["with no expiry", (token) => resign(token, { exp: undefined })],
    ["of another issuer", (token) => resign(token, { iss: "https://evil.example" })],
    ["of no audience", (token) => resign(token, { aud: undefined })],
    ["that are no tokens", () => "not-a-token"],
  ])("%s are refused with invalid_token", async (_, change) => {
    const before = reachedMcp()
    const response = await bareRequest(resource(0), bearer(await change((await ada()).accessToken())))
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/)
    expect(await problemOf(response)).toMatchObject({ status: 401, type: "token-invalid" })
    expect(reachedMcp()).toBe(before)
  })

  it("of one flow do not open the other, though one server issued them and one person holds them", async () => {
    const token = (await ada()).accessToken()
    const before = reachedMcp()
    expect(await problemOf(await bareRequest(resource(1), bearer(token)))).toMatchObject({
      status: 401,
      type: "token-invalid",
    })
    expect(reachedMcp()).toBe(before)
    const other = await logIn(resource(1), "ada")
    expect(await withClient(other, (client) => callTool(client, "whoami"))).toContain("role/two-admin")
  })

  it("of the provider are no tokens of ours, and ours are none of the provider's", async () => {
    const { box } = now()
    const provider = box.plan.providers[0]?.issuer ?? ""
    const forSts = await resign((await ada()).accessToken(), { iss: provider, aud: "mcp-gateway" })
    const stage = box.plan.flows[0].stages.find(({ kind }) => kind === "aws.sts")
    const endpoint = stage?.kind === "aws.sts" ? (stage.endpoint ?? "") : ""
    const answer = await fetch(endpoint, {
      method: "POST",
      body: new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        RoleArn: "arn:aws:iam::123456789012:role/one-admin",
        RoleSessionName: "ada",
        WebIdentityToken: forSts,
      }),
    })
    expect(await answer.text()).toContain("<Code>InvalidIdentityToken</Code>")
  })

  it("must come in the header: neither the query nor a second header will do", async () => {
    const token = (await ada()).accessToken()
    const before = reachedMcp()
    expect((await bareRequest(`${resource(0)}?access_token=${token}`)).status).not.toBe(200)
    expect((await bareRequest(resource(0), { authorization: `Bearer ${token}, Bearer ${token}` })).status).not.toBe(200)
    expect(reachedMcp()).toBe(before)
  })

  it("are spent once: a code that is replayed is refused, and takes the first one's tokens with it", async () => {
    const user = await logIn(resource(0), "ada")
    const { client, verifier, saved } = user.keychain
    const server = now().box.plan.servers[0]?.issuer ?? ""
    const { token_endpoint: endpoint } = JSON.parse(
      await (await fetch(`${server}/.well-known/oauth-authorization-server`)).text(),
    )
    const redeem = (parameters: Record<string, string>) =>
      fetch(endpoint, {
        method: "POST",
        body: new URLSearchParams({ client_id: client?.client_id ?? "", ...parameters }),
      })
    const replayed = await redeem({
      grant_type: "authorization_code",
      code: user.callback.searchParams.get("code") ?? "",
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      resource: resource(0),
    })
    expect(replayed.status).toBe(400)
    expect(await replayed.json()).toMatchObject({ error: "invalid_grant" })
    const refreshed = await redeem({ grant_type: "refresh_token", refresh_token: saved?.refresh_token ?? "" })
    expect(await refreshed.json()).toMatchObject({ error: "invalid_grant" })
  })

  it("are not handed to a redirect URI that is not registered", async () => {
    const { keychain } = await ada()
    const wanted = new URL(keychain.wanted ?? "")
    wanted.searchParams.set("redirect_uri", "http://127.0.0.1:8/elsewhere")
    const response = await fetch(wanted, { redirect: "manual" })
    expect(response.status).toBe(400)
    expect(response.headers.get("location")).toBeNull()
  })
})

describe("headers a client makes up", () => {
  const now = running(compileExample("thv-0050"))

  it("never reach AWS: its own signing headers, cookies and forwarding headers are dropped or refused", async () => {
    const { box } = now()
    const flow = box.plan.flows[0]
    const user = await logIn(flow.resource, "ravi")
    const made = {
      "x-amz-security-token": "mine",
      "x-amz-date": "20200101T000000Z",
      "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      "x-amz-target": "Other",
      "x-forwarded-for": "10.0.0.1",
      "x-forwarded-host": "evil.example",
      forwarded: "for=10.0.0.1",
      via: "1.1 evil",
      cookie: "session=1",
    }
    const responses = []
    for (const [name, value] of Object.entries(made)) {
      responses.push(await bareRequest(flow.resource, { ...bearer(user.accessToken()), [name]: value }))
    }
    // Dropped (200) or refused by us (400), never passed on to be refused upstream (403).
    expect(responses.map(({ status }) => status).filter((status) => status !== 200 && status !== 400)).toEqual([])
    for (const request of box.seen(flow.name)) {
      expect(request.outcome).toMatchObject({ accepted: true })
      const everything = JSON.stringify(request.headers)
      for (const value of Object.values(made)) if (value.length > 4) expect(everything).not.toContain(value)
    }
  })
})

describe("the MCP server itself", () => {
  const now = running(compileExample("thv-0050"))

  it("takes neither the client's token nor nothing from somebody who goes around the proxy", async () => {
    const { box } = now()
    const flow = box.plan.flows[0]
    const user = await logIn(flow.resource, "ada")
    const stage = flow.stages.at(-1)
    const upstream = stage?.kind === "forward" ? stage.url : ""
    for (const headers of [{}, bearer(user.accessToken())]) {
      const response = await bareRequest(upstream, headers)
      expect([400, 403]).toContain(response.status)
    }
    expect(box.seen(flow.name).map(({ outcome }) => outcome.accepted)).toEqual([false, false])
  })

  it("takes a recorded request of the proxy's only whole: with another body the signature does not fit", async () => {
    const { box } = now()
    const flow = box.plan.flows[0]
    const user = await logIn(flow.resource, "ada")
    expect((await bareRequest(flow.resource, bearer(user.accessToken()))).status).toBe(200)
    const recorded = box.seen(flow.name).at(-1)
    const stage = flow.stages.at(-1)
    const upstream = stage?.kind === "forward" ? stage.url : ""
    const kept = (recorded?.headers ?? []).filter(
      ([name]) => !/^(host|connection|content-length|transfer-encoding)$/i.test(name),
    )
    const replay = (body: string) => fetch(upstream, { method: "POST", headers: Object.fromEntries(kept), body })
    expect((await replay(recorded?.body ?? "")).status).toBe(200)
    const altered = await replay((recorded?.body ?? "").replace("e2e", "eve"))
    expect(altered.status).toBe(403)
    expect(altered.headers.get("x-amzn-errortype")).toBe("SignatureDoesNotMatch")
  })
})

describe("an STS that misbehaves", () => {
  const now = running(compileExample("thv-0050"), {
    settings: Layer.succeed(StsTimeouts, { connect: 5_000, attempt: 2_000, total: 10_000 }),
  })

  it.each<[StsFault, number, string]>([
    [{ kind: "access-denied" }, 403, "sts-access-denied"],
    [{ kind: "expired-token" }, 401, "sts-token-rejected"],
    [{ kind: "throttle" }, 503, "sts-throttled"],
    [{ kind: "unavailable", status: 500 }, 503, "sts-unavailable"],
    [{ kind: "unavailable", status: 503 }, 503, "sts-unavailable"],
    [{ kind: "hang" }, 503, "sts-unavailable"],
    [{ kind: "reset" }, 503, "sts-unavailable"],
    [{ kind: "garbage" }, 503, "sts-unavailable"],
  ])("%o is answered with %i %s", async (fault, status, type) => {
    const { box } = now()
    const flow = box.plan.flows[0]
    // A login of its own: credentials and refusals are remembered by the login's token.
    const user = await logIn(flow.resource, "ada")
    const before = box.seen(flow.name).length
    box.faults.sts.next(fault, 20)
    const response = await bareRequest(flow.resource, bearer(user.accessToken()))
    box.faults.sts.clear()
    expect(await problemOf(response)).toMatchObject({ status, type })
    // Only what a login can cure sends a person to log in; an outage says when to try again.
    expect(response.headers.has("www-authenticate")).toBe(status === 401)
    expect(response.headers.has("retry-after")).toBe(status === 503)
    expect(box.seen(flow.name)).toHaveLength(before)
    if (status === 503) {
      expect((await bareRequest(flow.resource, bearer(user.accessToken()))).status).toBe(200)
    }
  })

  it("is asked again after one fault, and the caller hears nothing of it", async () => {
    const { box } = now()
    const flow = box.plan.flows[0]
    const user = await logIn(flow.resource, "ravi")
    box.faults.sts.next({ kind: "unavailable", status: 503 })
    expect((await bareRequest(flow.resource, bearer(user.accessToken()))).status).toBe(200)
  })
})

describe("an upstream that breaks off in mid-stream", () => {
  const now = running(compileExample("thv-0050"))

  it("has its first event passed on as it came, and then breaks the client's stream: a part never passes for a whole", async () => {
    const { box } = now()
    const flow = box.plan.flows[0]
    const user = await logIn(flow.resource, "ada")
    const opened = await bareRequest(flow.resource, bearer(user.accessToken()))
    await opened.body?.cancel()
    const session = opened.headers.get("mcp-session-id") ?? ""
    box.faults.mcp.next({ kind: "reset-mid-stream" })
    const response = await bareRequest(
      flow.resource,
      { ...bearer(user.accessToken()), "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" },
      {
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 7,
          method: "tools/call",
          params: { name: "countdown", arguments: { from: 50 }, _meta: { progressToken: "p" } },
        }),
      },
    )
    expect(response.status).toBe(200)
    let received = ""
    const ended = await (async () => {
      for await (const chunk of response.body ?? []) received += Buffer.from(chunk).toString("utf8")
      return "whole"
    })().catch(() => "broken")
    expect(ended).toBe("broken")
    expect(received.match(/"progress":1\b/g)).toHaveLength(1)
    expect(received).not.toContain("zero")
    // And the next call works.
    expect(await withClient(user, (client) => callTool(client, "countdown", { from: 1 }))).toBe("zero")
  })
})
