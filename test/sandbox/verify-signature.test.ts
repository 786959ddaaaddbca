import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  canonicalRequest,
  headerValues,
  type RawRequest,
  sha256,
  signature,
  stringToSign,
} from "../../runtime/sandbox/mcp-server/canonical-request.ts"
import { MAX_SKEW_MS, verifySignature } from "../../runtime/sandbox/mcp-server/verify-signature.ts"
import { type RoleSession, roleSessions } from "../../runtime/sandbox/sts/role-session.ts"
import { type Signing, signedRequest } from "./sigv4.ts"

const service = { region: "us-east-1", service: "aws-mcp" }

const sessions = roleSessions()
const begin = (expiresAt = Date.now() + 3_600_000): RoleSession =>
  sessions.begin({
    roleArn: "arn:aws:iam::123456789012:role/mcp-admin",
    sessionName: "ada",
    expiresAt,
    provider: "p",
    audience: "a",
    subject: "s",
  })
const session = begin()

const sign = (signing: Partial<Signing> = {}) => signedRequest({ session, host: "127.0.0.1:8080", ...signing })
const verify = (request: RawRequest, now = Date.now()) => verifySignature(request, service, sessions, now)

const withHeader = (request: RawRequest, name: string, change: (value: string) => string): RawRequest => ({
  ...request,
  headers: request.headers.map(([key, value]) => [key, key.toLowerCase() === name ? change(value) : value] as const),
})
const without = (request: RawRequest, name: string): RawRequest => ({
  ...request,
  headers: request.headers.filter(([key]) => key.toLowerCase() !== name),
})
const plus = (request: RawRequest, name: string, value: string): RawRequest => ({
  ...request,
  headers: [...request.headers, [name, value]],
})

describe("the sandbox's verifier of signatures", () => {
  it("accepts what another implementation signed, whatever path, query, headers and body", async () => {
    const text = fc.string({ maxLength: 12 })
    const segment = fc
      .string({ minLength: 1, maxLength: 8 })
      .map(encodeURIComponent)
      .filter((s) => !/^\.+$/.test(s))
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 3 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), text, { maxKeys: 3 }),
        fc.string({ maxLength: 200 }),
        fc.stringMatching(/^[\x21-\x7e]( {0,3}[\x21-\x7e]){0,8}$/),
        async (path, query, body, value) => {
          const request = await sign({ path: `/${path.join("/")}`, query, body, headers: { "x-amz-meta": value } })
          // URLSearchParams writes a space as `+`, which in a query of SigV4 is a plus.
          const target = request.target.replaceAll("+", "%20")
          expect(verify({ ...request, target })).toEqual({ accepted: true, session })
        },
      ),
      { numRuns: 60 },
    )
  })

  it("accepts five minutes of skew and not a second more", async () => {
    const at = new Date("2026-11-23T12:00:00Z")
    const live = begin(at.getTime() + 3_600_000)
    const request = await sign({ session: live, at })
    expect(verify(request, at.getTime() + MAX_SKEW_MS)).toMatchObject({ accepted: true })
    expect(verify(request, at.getTime() - MAX_SKEW_MS)).toMatchObject({ accepted: true })
    expect(verify(request, at.getTime() + MAX_SKEW_MS + 1)).toMatchObject({
      code: "SignatureDoesNotMatch",
      message: expect.stringContaining("Signature expired"),
    })
    expect(verify(request, at.getTime() - MAX_SKEW_MS - 1)).toMatchObject({
      code: "SignatureDoesNotMatch",
      message: expect.stringContaining("not yet current"),
    })
  })

  it.each<[string, (request: RawRequest) => RawRequest, string]>([
    ["no authorization", (r) => without(r, "authorization"), "MissingAuthenticationToken"],
    ["a bearer token", (r) => withHeader(r, "authorization", () => "Bearer x"), "IncompleteSignature"],
    ["two authorizations", (r) => plus(r, "Authorization", "Bearer x"), "IncompleteSignature"],
    ["another body", (r) => ({ ...r, body: Buffer.from('{"a":1}') }), "SignatureDoesNotMatch"],
    ["no body", (r) => ({ ...r, body: Buffer.alloc(0) }), "SignatureDoesNotMatch"],
    ["another method", (r) => ({ ...r, method: "PUT" }), "SignatureDoesNotMatch"],
    ["another path", (r) => ({ ...r, target: "/mcp/x" }), "SignatureDoesNotMatch"],
    ["a query that was not signed", (r) => ({ ...r, target: `${r.target}?admin=1` }), "SignatureDoesNotMatch"],
    ["another host", (r) => withHeader(r, "host", () => "127.0.0.1:8081"), "SignatureDoesNotMatch"],
    ["another content type", (r) => withHeader(r, "content-type", () => "text/plain"), "SignatureDoesNotMatch"],
    [
      "another date of the day",
      (r) => withHeader(r, "x-amz-date", (d) => d.replace(/\d{2}Z$/, (s) => (s === "00Z" ? "01Z" : "00Z"))),
      "SignatureDoesNotMatch",
    ],
    ["no date", (r) => without(r, "x-amz-date"), "SignatureDoesNotMatch"],
    ["no session token", (r) => without(r, "x-amz-security-token"), "SignatureDoesNotMatch"],
    ["another session token", (r) => withHeader(r, "x-amz-security-token", (t) => `${t}x`), "InvalidClientTokenId"],
    ["a second session token", (r) => plus(r, "X-Amz-Security-Token", "x"), "InvalidHeader"],
    ["a second host", (r) => plus(r, "Host", "x"), "InvalidHeader"],
    ["an x-amz header that is not signed", (r) => plus(r, "X-Amz-Extra", "1"), "SignatureDoesNotMatch"],
    [
      "another payload hash",
      (r) => withHeader(r, "x-amz-content-sha256", () => sha256("other")),
      "SignatureDoesNotMatch",
    ],
    [
      "an unsigned payload",
      (r) => withHeader(r, "x-amz-content-sha256", () => "UNSIGNED-PAYLOAD"),
      "SignatureDoesNotMatch",
    ],
    [
      "one digit of the signature changed",
      (r) => withHeader(r, "authorization", (a) => a.slice(0, -1) + (a.endsWith("0") ? "1" : "0")),
      "SignatureDoesNotMatch",
    ],
    [
      "signed headers in another order",
      (r) =>
        withHeader(r, "authorization", (a) =>
          a.replace(
            /SignedHeaders=([^,]+)/,
            (_, list: string) => `SignedHeaders=${list.split(";").reverse().join(";")}`,
          ),
        ),
      "IncompleteSignature",
    ],
    [
      "the host left unsigned",
      (r) => withHeader(r, "authorization", (a) => a.replace(/(SignedHeaders=[^,]*)host;/, "$1")),
      "SignatureDoesNotMatch",
    ],
    [
      "no signature",
      (r) => withHeader(r, "authorization", (a) => a.replace(/, *Signature=.*/, "")),
      "IncompleteSignature",
    ],
    [
      "another access key",
      (r) => withHeader(r, "authorization", (a) => a.replace(session.accessKeyId, "ASIAAAAAAAAAAAAAAAAA")),
      "InvalidClientTokenId",
    ],
    [
      "the key of another session",
      (r) => withHeader(r, "authorization", (a) => a.replace(session.accessKeyId, begin().accessKeyId)),
      "InvalidClientTokenId",
    ],
    [
      "another day in the scope",
      (r) => withHeader(r, "authorization", (a) => a.replace(/\/\d{8}\//, "/20200101/")),
      "SignatureDoesNotMatch",
    ],
  ])("refuses %s", async (_, change, code) => {
    expect(verify(change(await sign()))).toMatchObject({ accepted: false, code })
  })

  it.each([{ region: "eu-west-1" }, { service: "execute-api" }])("refuses a signature for %o", async (other) => {
    expect(verify(await sign(other))).toMatchObject({ accepted: false, code: "SignatureDoesNotMatch" })
  })

  it("refuses credentials that have expired", async () => {
    const expired = begin(Date.now() - 1)
    expect(verify(await sign({ session: expired }))).toMatchObject({ accepted: false, code: "ExpiredToken" })
  })

  it("accepts a header that nobody signed and that means nothing here", async () => {
    expect(verify(plus(await sign(), "x-request-id", "1"))).toMatchObject({ accepted: true })
  })
})

const folder = process.env["SIGV4_VECTORS"] ?? join(import.meta.dirname, "../../../shared/reference/sigv4-vectors")
const present = existsSync(folder)

/** The request of a vector: `Name:value` lines, where a line that begins with a space continues the one before. */
const readVector = (name: string) => {
  const text = (file: string) => readFileSync(join(folder, name, file), "utf8").replaceAll("\r\n", "\n")
  const [head = "", ...rest] = text("header-signed-request.txt").split("\n\n")
  const [requestLine = "", ...lines] = head.replace(/\n[ \t]+/g, " ").split("\n")
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine) ?? []
  const headers = lines
    .filter((line) => line !== "")
    .map((line): readonly [string, string] => {
      const at = line.indexOf(":")
      return [line.slice(0, at), line.slice(at + 1)]
    })
  const { credentials, region, service: name_, normalize } = JSON.parse(text("context.json"))
  return {
    request: { method, target, headers, body: Buffer.from(rest.join("\n\n").trimEnd()) } satisfies RawRequest,
    secret: String(credentials.secret_access_key),
    scope: { date: "20150830", region: String(region), service: String(name_) },
    normalize: Boolean(normalize),
    canonical: text("header-canonical-request.txt"),
    toSign: text("header-string-to-sign.txt"),
    signature: text("header-signature.txt").trim(),
  }
}

describe("the published SigV4 vectors through the verifier", () => {
  if (!present) {
    it("are there in CI", (context) => {
      if (process.env["CI"] === "true") throw new Error("the SigV4 vectors are missing")
      context.skip("the SigV4 vectors are not in this checkout")
    })
    return
  }
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  )

  it("are the whole part of the suite that the folder holds", () => {
    expect(names.length).toBeGreaterThanOrEqual(20)
  })

  it.each(names)("%s", (name) => {
    const vector = readVector(name)
    const [authorization = ""] = headerValues(vector.request.headers, "authorization")
    const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? []
    const canonical = canonicalRequest(vector.request, signed, sha256(vector.request.body))
    // Paths are always normalised here, as every service but S3 does; the vectors that leave them as they are must differ.
    const differs = !vector.normalize && /\/\/|\/\.\.?(\/|$)/.test(vector.request.target.split("?")[0] ?? "")
    if (differs) {
      expect(canonical).not.toBe(vector.canonical)
      return
    }
    expect(canonical).toBe(vector.canonical)
    const toSign = stringToSign("20150830T123600Z", vector.scope, canonical)
    expect(toSign).toBe(vector.toSign)
    expect(signature(vector.secret, vector.scope, toSign)).toBe(vector.signature)
  })
})
