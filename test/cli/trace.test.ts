import { describe, expect, it } from "vitest"
import { authflow, folder } from "./authflow.ts"
import { good, misspelt, parameterized } from "./sources.ts"

const CLAIMS = { groups: ["readers"], email: "rob@example.com" }
const files = { "gate.authflow": good, "rob.json": JSON.stringify(CLAIMS) }

const token = (claims: object): string =>
  [{ alg: "RS256", typ: "at+jwt" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".")
    .concat(".c2lnbmF0dXJl")

const whole = (changes: object = {}) => ({
  iss: "https://idp.example.com",
  aud: "https://mcp.example.com/mcp",
  sub: "rob",
  exp: Math.floor(Date.now() / 1000) + 600,
  scope: "mcp:use",
  ...CLAIMS,
  ...changes,
})

describe("trace", () => {
  it("says stage by stage what happens to somebody with these claims", async () => {
    const { code, stdout, stderr } = await authflow(["trace", "gate.authflow", "--claims", "rob.json"], {
      cwd: folder(files),
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^flow aws_mcp at https:\/\/mcp\.example\.com\/mcp\n/)
    expect(stdout).toContain('rule 1: claims.groups contains "admins": does not apply, claims.groups is ["readers"]')
    expect(stdout).toContain("arn:aws:iam::123456789012:role/mcp-reader as rob@example.com")
    expect(stdout).toContain("is shown corp.access_token, the caller's own token")
    expect(stdout).toContain("authorization: (sigv4)")
    expect(stdout).toContain("=> forwarded")
  })

  it("tells of a refusal, which is an answer: exit code 0", async () => {
    const stdin = JSON.stringify({ email: "x@example.net" })
    const { code, stdout } = await authflow(["trace", "gate.authflow", "--claims", "-"], { cwd: folder(files), stdin })
    expect(code).toBe(0)
    expect(stdout).toContain("=> refused with 403 role-denied")
    const scopes = await authflow(["trace", "gate.authflow", "--claims", "rob.json", "--scopes", "a b"], {
      cwd: folder(files),
    })
    expect(scopes.stdout).toContain("=> refused with 403 scope-insufficient")
  })

  it("takes a token, says that it was not verified, and never shows it", async () => {
    const text = token(whole({ jti: "a-secret" }))
    const cwd = folder(files)
    for (const [given, stdin] of [[text, ""] as const, ["-", `${text}\n`] as const]) {
      const { code, stdout, stderr } = await authflow(["trace", "gate.authflow", "--token", given], { cwd, stdin })
      expect(code).toBe(0)
      expect(stdout).toContain("=> forwarded")
      expect(stderr).toContain("its signature was not verified")
      for (const part of text.split(".")) expect(stdout + stderr).not.toContain(part)
      expect(stdout + stderr).not.toContain("a-secret")
    }
  })

  it.each([
    ["of another issuer", { iss: "https://other.example" }, "the token is of another issuer"],
    ["for another audience", { aud: "https://other.example" }, "the token is for another audience"],
    ["that is over", { exp: 1 }, "the token has expired"],
  ])("says what is wrong with a token %s", async (_, changes, detail) => {
    const { code, stdout } = await authflow(["trace", "gate.authflow", "--token", token(whole(changes))], {
      cwd: folder(files),
    })
    expect(code).toBe(0)
    expect(stdout).toContain(`=> refused with 401 token-invalid: The access token is not valid here (${detail})`)
  })

  it("writes JSON with places in the file", async () => {
    const { stdout } = await authflow(["trace", "gate.authflow", "--claims", "rob.json", "--format", "json"], {
      cwd: folder(files),
    })
    const lineOf = (text: string) => good.split("\n").findIndex((line) => line.includes(text)) + 1
    expect(JSON.parse(stdout)).toMatchObject({
      flow: "aws_mcp",
      outcome: { kind: "forwarded" },
      role: "arn:aws:iam::123456789012:role/mcp-reader",
      steps: [
        { stage: "identify corp", outcome: "ok", line: lineOf("identify corp") },
        {
          stage: "exchange aws.sts",
          rules: [{ rule: 1, applies: false, line: lineOf('contains "admins"') }, { rule: 2 }],
        },
        { stage: "sign aws.sigv4" },
        { stage: "forward" },
      ],
    })
  })

  it.each([
    ["nobody", [], /either --claims or --token/],
    ["both claims and a token", ["--claims", "rob.json", "--token", "x"], /either --claims or --token/],
    ["scopes of a token", ["--token", "x", "--scopes", "a"], /a token says its own scopes/],
    ["a flow that there is not", ["--claims", "rob.json", "--flow", "aws"], /there is no flow aws; there is aws_mcp/],
    ["claims that are no JSON", ["--claims", "gate.authflow"], /gate\.authflow is no JSON/],
  ])("refuses %s", async (_, args, message) => {
    const { code, stderr } = await authflow(["trace", "gate.authflow", ...args], { cwd: folder(files) })
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  it("refuses a file with errors, parameters without values, and claims that cannot be read", async () => {
    const cwd = folder({ ...files, "bad.authflow": misspelt, "param.authflow": parameterized, "list.json": "[]" })
    const code = async (...args: string[]) => (await authflow(["trace", ...args], { cwd })).code
    expect(await code("bad.authflow", "--claims", "rob.json")).toBe(1)
    expect(await code("param.authflow", "--claims", "rob.json")).toBe(1)
    expect(await code("param.authflow", "--claims", "rob.json", "--param", "account=123456789012")).toBe(0)
    expect(await code("gate.authflow", "--claims", "gone.json")).toBe(3)
    expect(await code("gate.authflow", "--claims", "list.json")).toBe(2)
  })
})
