import { describe, expect, it } from "vitest"
import { OUTSIDE, SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { analyzed, change, fixed, problems } from "./problems.ts"

const piece = (from: string, to: string): string => SOUND.slice(SOUND.indexOf(from), SOUND.indexOf(to))
const IDENTIFY = piece("  identify", "  exchange")
const EXCHANGE = piece("  exchange", "  sign")
const SIGN = piece("  sign", "  forward")
const FORWARD = '  forward "https://aws-mcp.us-east-1.api.aws/mcp"\n'
const STAGES = IDENTIFY + EXCHANGE + SIGN + FORWARD

const withStages = (...stages: readonly string[]): readonly string[] => problems(change(SOUND, STAGES, stages.join("")))

describe("the chain of credentials", () => {
  it("reports each break once, where it breaks", () => {
    expect(withStages(IDENTIFY, EXCHANGE, SIGN, FORWARD)).toEqual([])
    expect(withStages(EXCHANGE, SIGN, FORWARD)).toEqual(["AF0402 exchange aws.sts"])
    expect(withStages(IDENTIFY, SIGN, FORWARD)).toEqual(["AF0401 sign aws.sigv4"])
    expect(withStages(IDENTIFY, EXCHANGE, FORWARD)).toEqual(["AF0401 forward"])
    expect(withStages(IDENTIFY, FORWARD)).toEqual(["AF0406 forward"])
    expect(withStages(FORWARD)).toEqual(["AF0402 forward"])
    expect(withStages(IDENTIFY, EXCHANGE, SIGN)).toEqual(["AF0403 aws"])
    expect(withStages(IDENTIFY)).toEqual(["AF0403 aws"])
    expect(withStages(IDENTIFY, EXCHANGE, SIGN, FORWARD, SIGN)).toEqual(["AF0404 sign aws.sigv4"])
    expect(withStages(IDENTIFY, EXCHANGE, EXCHANGE, SIGN, FORWARD)).toEqual(["AF0401 exchange aws.sts"])
    expect(withStages(IDENTIFY, EXCHANGE, SIGN, SIGN, FORWARD)).toEqual(["AF0407 sign aws.sigv4"])
    expect(withStages(EXCHANGE, IDENTIFY, SIGN, FORWARD)).toEqual([
      "AF0402 exchange aws.sts",
      "AF0405 identify gate",
      "AF0401 sign aws.sigv4",
    ])
    expect(withStages()).toEqual(["AF0408 aws"])
  })

  it("does not guess what a stage it does not know would have done", () => {
    expect(withStages(IDENTIFY, EXCHANGE.replace("exchange", "swap"), SIGN, FORWARD)).toEqual(["AF0205 swap"])
    expect(withStages(IDENTIFY, EXCHANGE.replace("aws.sts", "token"), SIGN, FORWARD)).toEqual(["AF0206 token"])
    expect(withStages(IDENTIFY, EXCHANGE, SIGN, FORWARD.replace("forward", "foward"))).toEqual(["AF0205 foward"])
  })

  it("reports what is wrong in each stage, and nothing that only follows", () => {
    const text = change(
      change(change(SOUND, '"mcp:use"', '"mcp use"'), '"us-east-1"', '"us east"'),
      "claims.sub",
      "claims.nobody",
    )
    // The scope breaks `identify`: whose claims are read is not known then, and nothing is said of them.
    expect(problems(text)).toEqual(['AF0312 "mcp use"', 'AF0312 "us east"'])
  })
})

describe("tokens of a flow", () => {
  const subject = (name: string, text = SOUND) => problems(change(text, "subject = corp.id_token", `subject = ${name}`))

  it("knows which there are", () => {
    expect(subject("corp.id_token")).toEqual([])
    expect(subject("gate.access_token")).toEqual([])
    expect(subject("gate.id_token")).toEqual(["AF0524 gate.id_token"])
    expect(subject("corp.refresh_token")).toEqual(["AF0501 corp.refresh_token"])
    expect(subject("corp")).toEqual(["AF0501 corp"])
    expect(subject("aws.id_token")).toEqual(["AF0208 aws"])
    expect(subject("crop.id_token")).toEqual(["AF0201 crop"])
    expect(subject('"corp.id_token"')).toEqual(['AF0304 "corp.id_token"'])
  })

  it("does not have those of a provider nobody logs in at here", () => {
    const partner = 'provider partner = oidc {\n  issuer = "https://partner.example"\n  client_id = "x"\n}\n\n'
    const text = change(SOUND, "server gate", `${partner}server gate`)
    expect(subject("partner.id_token", text)).toEqual(["AF0502 partner.id_token"])
    expect(subject("partner.id_token", change(text, "[corp]", "[corp, partner]"))).toEqual(["AF0505 partner.id_token"])
    expect(
      analyzed(change(text, "subject = corp.id_token", "subject = partner.id_token")).diagnostics[0]?.message,
    ).toContain("`gate.access_token`, `corp.id_token`, `corp.access_token`")
  })

  it("shows AWS a second login's token only where the first one's claims choose nothing", () => {
    const partner = 'provider partner = oidc {\n  issuer = "https://partner.example"\n  client_id = "x"\n}\n\n'
    const two = change(change(SOUND, "server gate", `${partner}server gate`), "[corp]", "[corp, partner]")
    const shown = change(two, "subject = corp.id_token", "subject = partner.id_token")
    const rules = shown.slice(shown.indexOf("match"), shown.indexOf("    session")).trimEnd()
    expect(problems(change(shown, rules, '"arn:aws:iam::123456789012:role/all"'))).toEqual([])
    expect(
      problems(change(shown, rules, rules.replace("claims.groups", "claims.sub").replace("contains", "equals"))),
    ).toEqual(["AF0505 partner.id_token"])
    // A claim that the server carries over from that very login is its own word.
    const carried = change(
      change(shown, "groups: corp.id_token.groups", "groups: corp.id_token.groups, tenant: partner.id_token.sub"),
      rules,
      rules.replace("claims.groups", "claims.tenant").replace("contains", "equals"),
    )
    expect(problems(carried)).toEqual([])
  })

  it("takes the caller's own token of an outside issuer, for the audience that identify asks for", () => {
    expect(problems(OUTSIDE)).toEqual([])
    const asked = change(OUTSIDE, "identify corp\n", 'identify corp { audience = "https://api.example.com" }\n')
    expect(problems(asked)).toEqual([])
    const declared = change(asked, "format: jwt,", 'format: jwt, audience: "https://other.example.com",')
    expect(problems(declared)).toEqual(['AF0706 "https://api.example.com"'])
  })
})

describe("claims of a flow", () => {
  const session = (name: string, text = SOUND) => problems(change(text, "{ name: claims.sub }", `{ name: ${name} }`))

  it("are those of the token that identify verified, not of the login", () => {
    expect(session("claims.email, on_invalid: reject")).toEqual([])
    expect(session("claims.name, on_invalid: reject")).toEqual(["AF0507 claims.name"])
    expect(session("claims.name, on_invalid: reject", change(SOUND, '"email"]', '"email", "profile"]'))).toEqual([])
    // The login has it, and our server does not put it into its own token.
    expect(session("claims.given_name, on_invalid: reject", change(SOUND, '"email"]', '"email", "profile"]'))).toEqual([
      "AF0507 claims.given_name",
    ])
    expect(session("claims.groups")).toEqual(["AF0513 claims.groups"])
    expect(session("claims.aud, on_invalid: reject")).toEqual([])
    expect(session("email")).toEqual(["AF0508 email"])
    expect(session("claims")).toEqual(["AF0508 claims"])
    expect(session("claims.a.b")).toEqual(["AF0508 claims.a.b"])
  })

  it("may not fit a session's name, unless it is our own server's sub", () => {
    expect(session("claims.sub")).toEqual([])
    expect(session("claims.email")).toEqual(["AF0514 claims.email"])
    expect(problems(change(OUTSIDE, ", on_invalid: reject", ""))).toEqual(["AF0514 claims.sub"])
  })

  it("are carried over by the fix, and the file is right then", () => {
    const text = change(SOUND, "  claims = { groups: corp.id_token.groups }\n", "")
    const [found] = analyzed(text).diagnostics
    expect(found?.code).toBe("AF0507")
    expect(found && problems(fixed(text, found))).toEqual([])
  })

  it("keep the word of the login they come from", () => {
    const { program } = analyzed(SOUND)
    const output = program?.flows[0]?.stages[0].output
    const token = output?.tag === "Principal" ? output.token : undefined
    expect(token?.claims.get("groups")).toMatchObject({ type: "strings", origin: "corp", presence: "sometimes" })
    expect(token?.claims.get("email")).toMatchObject({ type: "string", origin: "corp", presence: "sometimes" })
    expect(token?.claims.get("sub")).toMatchObject({ origin: "corp", presence: "always" })
    expect(token).toMatchObject({ audience: "https://mcp.example.com/mcp", format: "jwt", lifetime: 3600 })
    expect(token?.claims.has("name")).toBe(false)
  })
})

describe("addresses", () => {
  const twin = (url: string) =>
    problems(
      `${SOUND}\n${SOUND.slice(SOUND.indexOf("flow aws")).replace("flow aws", "flow twin").replace("https://mcp.example.com/mcp", url)}`,
    )

  it("collide when a proxy cannot tell them apart", () => {
    expect(twin("https://mcp.example.com/other")).toEqual([])
    expect(twin("https://mcp.example.com/mcp/sub")).toEqual([])
    expect(twin("https://mcp.example.com/MCP")).toEqual([])
    for (const same of [
      "https://mcp.example.com/mcp",
      "https://MCP.example.com/mcp/",
      "https://mcp.example.com:443/mcp",
    ])
      expect(twin(same), same).toEqual([`AF0704 "${same}"`])
  })

  it("of an upstream are not the file's own", () => {
    const to = (url: string) => problems(change(SOUND, FORWARD, `  forward "${url}"\n`))
    expect(to("https://mcp.example.com/other")).toEqual([])
    expect(to("https://mcp.example.com/mcpx")).toEqual([])
    for (const own of [
      "https://mcp.example.com/mcp",
      "https://mcp.example.com/mcp/below/it",
      "https://mcp.example.com:443/mcp/",
    ])
      expect(to(own), own).toEqual([`AF0709 "${own}"`])
  })

  it("of a flow leave the server's endpoints alone", () => {
    const at = (url: string) => problems(change(SOUND, 'at "https://mcp.example.com/mcp"', `at "${url}"`))
    expect(at("https://auth.example.com/mcp")).toEqual([])
    for (const taken of [
      "https://auth.example.com",
      "https://auth.example.com/oauth/token",
      "https://auth.example.com/.well-known/x",
    ])
      expect(at(taken), taken).toEqual([`AF0708 "${taken}"`])
  })

  it("are whole https URLs of their use's shape", () => {
    const issuer = (url: string) =>
      problems(change(SOUND, '"https://auth.example.com"', `"${url}"`)).map((each) => each.slice(0, 6))
    expect(issuer("https://auth.example.com/tenant/a")).toEqual([])
    expect(issuer("https://auth.example.com:8443")).toEqual([])
    for (const [url, code] of [
      ["http://auth.example.com", "AF0702"],
      ["http://127.0.0.1:8080", "AF0702"],
      ["ftp://auth.example.com", "AF0702"],
      ["https://auth.example.com/", "AF0703"],
      ["https://auth.example.com?tenant=a", "AF0703"],
      ["https://auth.example.com#a", "AF0703"],
      ["https://user:pass@auth.example.com", "AF0703"],
      ["auth.example.com", "AF0701"],
      ["https://", "AF0701"],
      ["https:auth.example.com", "AF0701"],
      ["https://auth example.com", "AF0701"],
      ["https://auth.example.com\\\\a", "AF0701"],
      ["https://999.999.999.999", "AF0701"],
    ] as const)
      expect(issuer(url), url).toEqual([code])
  })
})
