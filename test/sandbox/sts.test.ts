import { createServer, type Server } from "node:http"
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type FaultQueue, makeFaultQueue, type StsFault } from "../../runtime/sandbox/faults.ts"
import { assumeRole } from "../../runtime/sandbox/sts/assume-role.ts"
import { sts } from "../../runtime/sandbox/sts/index.ts"
import { type RoleSessions, roleSessions } from "../../runtime/sandbox/sts/role-session.ts"
import { iamAccount, issuerKey } from "../../runtime/sandbox/trust-policy.ts"
import { thv0050 } from "./plans.ts"
import { type TokenIssuer, tokenIssuer } from "./token-issuer.ts"

const ROLE = "arn:aws:iam::123456789012:role/mcp-admin"
const AUDIENCE = "sts.amazonaws.com"

let issuer: TokenIssuer
let server: Server
let url: string
let sessions: RoleSessions
let faults: FaultQueue<StsFault>
let client: STSClient

beforeAll(async () => {
  issuer = await tokenIssuer()
  const [provider] = thv0050.providers
  if (provider === undefined) throw new Error("the plan has a provider")
  const account = iamAccount({ ...thv0050, providers: [{ ...provider, issuer: issuer.url }] })
  sessions = roleSessions()
  faults = makeFaultQueue()
  server = createServer(sts(account, sessions, faults))
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
  client = new STSClient({
    endpoint: url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
  })
})

afterEach(() => faults.clear())

afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  await issuer.close()
})

const assume = async (
  token: string,
  input: Partial<{ RoleArn: string; RoleSessionName: string; DurationSeconds: number }> = {},
) =>
  client.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: "ada", WebIdentityToken: token, ...input }),
  )

const form = (fields: Record<string, string>) => fetch(url, { method: "POST", body: new URLSearchParams(fields) })

const call = (token: string) => ({
  Action: "AssumeRoleWithWebIdentity",
  Version: "2011-06-15",
  RoleArn: ROLE,
  RoleSessionName: "ada",
  WebIdentityToken: token,
})

describe("the sandbox's STS, asked by the AWS SDK", () => {
  it("gives credentials of a role session", async () => {
    const before = Date.now()
    const answer = await assume(await issuer.sign({ aud: AUDIENCE }), { DurationSeconds: 900 })
    expect(answer.AssumedRoleUser).toEqual({
      Arn: "arn:aws:sts::123456789012:assumed-role/mcp-admin/ada",
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:ada$/),
    })
    expect(answer).toMatchObject({ Audience: AUDIENCE, SubjectFromWebIdentityToken: "somebody" })
    expect(answer.Provider).toMatch(/^arn:aws:iam::123456789012:oidc-provider\/127\.0\.0\.1:\d+$/)
    const { AccessKeyId = "", SessionToken, Expiration } = answer.Credentials ?? {}
    expect(AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    expect(Math.abs((Expiration?.getTime() ?? 0) - before - 900_000)).toBeLessThan(10_000)
    expect(sessions.find(AccessKeyId)).toMatchObject({ roleArn: ROLE, sessionName: "ada", sessionToken: SessionToken })
  })

  it("gives other credentials each time", async () => {
    const token = await issuer.sign({ aud: AUDIENCE })
    const [one, two] = [await assume(token), await assume(token)]
    expect(one.Credentials?.AccessKeyId).not.toBe(two.Credentials?.AccessKeyId)
  })

  it.each<[string, () => Promise<string>, string, number]>([
    ["an expired token", () => issuer.sign({ aud: AUDIENCE, exp: 1_700_000_000 }), "ExpiredTokenException", 400],
    ["a token of another audience", () => issuer.sign({ aud: "someone-else" }), "InvalidIdentityTokenException", 400],
    ["a token with no audience", () => issuer.sign({}), "InvalidIdentityTokenException", 400],
    [
      "a token of an issuer it does not know",
      () => issuer.sign({ aud: AUDIENCE, iss: "https://evil.example" }),
      "InvalidIdentityTokenException",
      400,
    ],
    ["a token signed with another key", () => issuer.forge({ aud: AUDIENCE }), "InvalidIdentityTokenException", 400],
    ["an opaque token", () => Promise.resolve("an-opaque-access-token"), "InvalidIdentityTokenException", 400],
  ])("refuses %s", async (_, token, name, status) => {
    await expect(assume(await token())).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } })
  })

  it("refuses a token with no signature", async () => {
    const [, payload] = (await issuer.sign({ aud: AUDIENCE })).split(".")
    const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url")
    await expect(assume(`${header}.${payload}.`)).rejects.toMatchObject({ name: "InvalidIdentityTokenException" })
  })

  it("refuses a role that is not there, and one of another account", async () => {
    const token = await issuer.sign({ aud: AUDIENCE })
    await expect(assume(token, { RoleArn: `${ROLE}-x` })).rejects.toMatchObject({
      name: "AccessDenied",
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      $metadata: { httpStatusCode: 403 },
    })
    await expect(assume(token, { RoleArn: "arn:aws:iam::999999999999:role/mcp-admin" })).rejects.toMatchObject({
      message: expect.stringMatching(/^No OpenIDConnect provider found in your account for /),
    })
  })

  it.each([
    ["a session name with a slash", { RoleSessionName: "a/b" }],
    ["a session name of one character", { RoleSessionName: "a" }],
    ["a session name of 65 characters", { RoleSessionName: "a".repeat(65) }],
    ["a role ARN of 19 characters", { RoleArn: "arn:aws:iam::1:role" }],
    ["899 seconds", { DurationSeconds: 899 }],
    ["43201 seconds", { DurationSeconds: 43_201 }],
    ["more than the role's own maximum", { DurationSeconds: 3601 }],
  ])("does not take %s", async (_, input) => {
    const token = await issuer.sign({ aud: AUDIENCE })
    await expect(assume(token, input)).rejects.toMatchObject({
      name: "ValidationError",
      $metadata: { httpStatusCode: 400 },
    })
  })

  it("takes exactly the session names that AWS documents", async () => {
    const token = await issuer.sign({ aud: AUDIENCE })
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 2, maxLength: 64 }), async (name) => {
        const response = await form({ ...call(token), RoleSessionName: name })
        expect(response.status).toBe(/^[\w+=,.@-]{2,64}$/.test(name) ? 200 : 400)
      }),
      { numRuns: 40 },
    )
  })

  it("refuses a role whose trust policy wants another audience, though the account knows that audience", async () => {
    const trusting = (role: string, audience: string) => ({
      arn: `arn:aws:iam::123456789012:role/${role}`,
      maxSessionDuration: 3600,
      trustPolicy: {
        Version: "2012-10-17" as const,
        Statement: [
          {
            Effect: "Allow" as const,
            Principal: { Federated: provider.arn },
            Action: "sts:AssumeRoleWithWebIdentity" as const,
            Condition: { StringEquals: { [`${issuerKey(issuer.url)}:aud`]: audience } },
          },
        ],
      },
    })
    const provider = {
      arn: `arn:aws:iam::123456789012:oidc-provider/${issuerKey(issuer.url)}`,
      issuer: issuer.url,
      clientIds: ["one", "two"],
    }
    const account = { oidcProviders: [provider], roles: [trusting("one", "one"), trusting("two", "two")] }
    const ask = assumeRole(account, roleSessions())
    const call = async (role: string, aud: string) =>
      ask({
        roleArn: `arn:aws:iam::123456789012:role/${role}`,
        sessionName: "ada",
        token: await issuer.sign({ aud }),
        duration: 900,
      })
    expect(await call("one", "one")).toMatchObject({ audience: "one" })
    expect(await call("two", "two")).toMatchObject({ audience: "two" })
    expect(await call("one", "two")).toMatchObject({ code: "AccessDenied", status: 403 })
    expect(await call("two", "one")).toMatchObject({ code: "AccessDenied", status: 403 })
  })

  it("says that an issuer which is down could not be reached", async () => {
    const gone = await tokenIssuer()
    const token = await gone.sign({ aud: AUDIENCE })
    await gone.close()
    const [provider] = thv0050.providers
    if (provider === undefined) throw new Error("the plan has a provider")
    const account = iamAccount({ ...thv0050, providers: [{ ...provider, issuer: gone.url }] })
    const other = createServer(sts(account, roleSessions(), makeFaultQueue()))
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening))
    const address = other.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: new URLSearchParams(call(token)) })
    expect(await response.text()).toContain("<Code>IDPCommunicationError</Code>")
    other.closeAllConnections()
    await new Promise((closed) => other.close(closed))
  })
})

describe("the query API of the sandbox's STS", () => {
  it("answers GET as it answers POST, in AWS's namespace and with a request id", async () => {
    const token = await issuer.sign({ aud: AUDIENCE })
    const response = await fetch(`${url}/?${new URLSearchParams(call(token))}`)
    const body = await response.text()
    expect(response.headers.get("content-type")).toBe("text/xml")
    expect(body).toContain('<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
    expect(body).toContain(`<RequestId>${response.headers.get("x-amzn-requestid")}</RequestId>`)
  })

  it.each([
    ["no action", { Version: "2011-06-15" }, "MissingAction"],
    ["another action", { Action: "AssumeRole", Version: "2011-06-15" }, "InvalidAction"],
    ["another version", { Action: "AssumeRoleWithWebIdentity", Version: "2012-01-01" }, "InvalidAction"],
    ["no role", { Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15" }, "MissingParameter"],
  ])("refuses %s", async (_, fields, code) => {
    const response = await form(fields)
    const body = await response.text()
    expect(response.status).toBe(400)
    expect(body).toContain('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
    expect(body).toContain("<Type>Sender</Type>")
    expect(body).toContain(`<Code>${code}</Code>`)
  })

  it("escapes what it repeats", async () => {
    const response = await form({ Action: "<b>&\u0001", Version: "2011-06-15" })
    expect(await response.text()).toContain(
      "<Message>Could not find operation &lt;b&gt;&amp;\ufffd for version 2011-06-15</Message>",
    )
  })
})

describe("faults of the sandbox's STS", () => {
  it.each<[StsFault, string]>([
    [{ kind: "throttle" }, "Throttling"],
    [{ kind: "unavailable", status: 503 }, "ServiceUnavailable"],
    [{ kind: "unavailable", status: 500 }, "InternalFailure"],
    [{ kind: "access-denied" }, "AccessDenied"],
    [{ kind: "expired-token" }, "ExpiredTokenException"],
  ])("%o is answered once, and then all is well", async (fault, name) => {
    const token = await issuer.sign({ aud: AUDIENCE })
    faults.next(fault)
    await expect(assume(token)).rejects.toMatchObject({ name })
    await expect(assume(token)).resolves.toMatchObject({ Audience: AUDIENCE })
  })

  it.each<StsFault>([{ kind: "garbage" }, { kind: "reset" }])("%o is no answer", async (fault) => {
    faults.next(fault)
    await expect(assume(await issuer.sign({ aud: AUDIENCE }))).rejects.toThrow()
  })
})
