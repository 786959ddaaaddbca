import { describe, expect, it } from "vitest"
import { paramTypes } from "../../compiler/catalogue/param.ts"
import { SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { analyzed, change, fixed, problems } from "./problems.ts"

const PARAM = (param: string, text = SOUND): string => `${param}\n\n${text}`
const codes = (found: readonly string[]): readonly string[] => found.map((each) => each.slice(0, 6))

describe("fields", () => {
  it("of one block are all checked in one run", () => {
    const text = change(
      change(
        change(SOUND, 'region  = "us-east-1"', 'regin   = "us-east-1"'),
        "{ name: claims.sub }",
        "{ name: claims.sub, duration: 5m }",
      ),
      'service = "aws-mcp"',
      'service = "AWS", service = "b"',
    )
    expect(problems(text)).toEqual(["AF0301 regin", "AF0305 5m", 'AF0312 "AWS"', "AF0303 service"])
  })

  it("that are missing are reported at the head of the block, with what they are for", () => {
    const text = change(SOUND, "    session = { name: claims.sub }\n", "")
    expect(problems(text)).toEqual(["AF0302 exchange aws.sts"])
    expect(analyzed(text).diagnostics[0]?.notes).toEqual([
      "The role session.",
      "for example session = { name: claims.sub, duration: 1h }",
    ])
    expect(problems(change(SOUND, "  identify gate { scopes", "  identify gate { scops"))).toEqual(["AF0301 scops"])
  })

  it("take values of their own kind only", () => {
    const login = (value: string) => codes(problems(change(SOUND, "[corp]", value)))
    expect(login("corp")).toEqual(["AF0304"])
    expect(login('["corp"]')).toEqual(["AF0304"])
    expect(login("[[corp]]")).toEqual(["AF0304"])
    expect(login("[corp, corp]")).toEqual(["AF0311"])
    expect(login("[gate]")).toEqual(["AF0208"])
    const scopes = (value: string) => codes(problems(change(SOUND, '["mcp:use"]', value)))
    expect(scopes('"mcp:use"')).toEqual(["AF0304"])
    expect(scopes("[1h]")).toEqual(["AF0304"])
    expect(scopes('[""]')).toEqual(["AF0312"])
    expect(scopes("{ a: 1h }")).toEqual(["AF0304"])
    const keys = (value: string) => codes(problems(change(SOUND, '[secret("gate-keys", key: "2026")]', value)))
    expect(keys('["-----BEGIN PRIVATE KEY-----"]')).toEqual(["AF0307"])
    expect(keys('[secret("gate-keys")]')).toEqual(["AF0309"])
    expect(keys('[secret(key: "2026", "gate-keys")]')).toEqual(["AF0309"])
    expect(keys('[secret("Gate_Keys", key: "2026")]')).toEqual(["AF0309"])
    expect(keys('[secret("gate-keys", key: "20/26")]')).toEqual(["AF0309"])
    expect(keys('[secret("a", key: "1"), secret("a", key: "1")]')).toEqual(["AF0311"])
    expect(keys(`[${["1", "2", "3", "4", "5", "6"].map((key) => `secret("a", key: "${key}")`).join(", ")}]`)).toEqual([
      "AF0310",
    ])
  })

  it("offer the fix that a person would make", () => {
    const repaired = (from: string, to: string): string => {
      const text = change(SOUND, from, to)
      const [found] = analyzed(text).diagnostics
      return found ? fixed(text, found) : text
    }
    expect(repaired("[corp]", "corp")).toBe(SOUND)
    expect(repaired("issuer        =", "isuer        =").replace("issuer        =", "issuer        =")).toBe(SOUND)
    expect(repaired("claims.groups {", "groups {")).toBe(SOUND)
    expect(repaired('"https://auth.example.com"', '"https://auth.example.com/"')).toBe(SOUND)
    expect(repaired('"https://auth.example.com"', '"auth.example.com"')).toBe(SOUND)
    expect(repaired("{ groups: strings }", '{ groups: "strings" }')).toBe(SOUND)
    expect(repaired("exchange aws.sts", "exchange aws.st")).toBe(SOUND)
    expect(repaired("identify gate", "identify gaet")).toBe(SOUND)
  })

  it("hold durations and sizes within their bounds, to the second and the byte", () => {
    const duration = (value: string) =>
      codes(problems(change(SOUND, "claims.sub }", `claims.sub, duration: ${value} }`)))
    for (const good of ["15m", "12h", "900s", "1h30m"]) expect(duration(good), good).toEqual([])
    for (const bad of ["899s", "12h1s", "0s", "15m500ms", "1d"]) expect(duration(bad), bad).toEqual(["AF0305"])
    for (const wrong of ["900", "8MiB", '"15m"']) expect(duration(wrong), wrong).toEqual(["AF0304"])
    const body = (value: string) =>
      codes(problems(change(SOUND, 'service = "aws-mcp"', `service = "aws-mcp", max_body = ${value}`)))
    expect(body("1GiB")).toEqual([])
    expect(body("2GiB")).toEqual(["AF0305"])
    const tokens = (value: string) =>
      codes(problems(change(SOUND, "  login  = [corp]\n", `  login  = [corp]\n  tokens = ${value}\n`)))
    expect(tokens("{ access: 24h, refresh: 30d, code: 30s }")).toEqual([])
    expect(tokens("{ access: 25h }")).toEqual(["AF0305"])
    expect(tokens("{ access: 59s }")).toEqual(["AF0305"])
    expect(tokens("{ refresh: 31d }")).toEqual(["AF0305"])
    expect(tokens("{ code: 11m }")).toEqual(["AF0305"])
  })
})

describe("names", () => {
  it("are suggested when one is near, and not when none is", () => {
    const said = (name: string) => analyzed(change(SOUND, "identify gate", `identify ${name}`)).diagnostics[0]?.message
    expect(said("gaet")).toBe("there is no server or provider `gaet`; did you mean `gate`?")
    expect(said("Gate")).toBe("there is no server or provider `Gate`; did you mean `gate`?")
    expect(said("quux")).toBe("there is no server or provider `quux`")
  })

  it("are declared once, and the first counts", () => {
    const text = PARAM('param gate: hostname = "example.com"')
    expect(problems(text)[0]).toBe("AF0202 gate")
    expect(analyzed(text).diagnostics[0]?.related[0]?.message).toBe("this param has the name already")
  })

  it("that nothing uses are warned about, unless something else is wrong", () => {
    const spare = PARAM('param spare: hostname = "example.com"')
    expect(problems(spare)).toEqual(["AF0209 spare"])
    expect(analyzed(spare).program).toBeDefined()
    expect(problems(change(spare, "[corp]", "[crop]"))).toEqual(["AF0201 crop"])
    const unusedServer = SOUND.replace(
      "server gate",
      `server other = auth_server {
  issuer = "https://other.example.com"
  login  = [corp]
  keys   = [secret("other", key: "1")]
}

server gate`,
    )
    expect(problems(unusedServer)).toEqual(["AF0209 other"])
  })

  it("inherited by every object are no fields, codes or types", () => {
    expect(problems(change(SOUND, "{ name: claims.sub }", "{ name: claims.sub, constructor: 1 }"))).toEqual([
      "AF0301 constructor",
    ])
    expect(codes(problems(PARAM('param x: toString = "a"')))).toEqual(["AF0210"])
    expect(problems(change(SOUND, "claims.sub", "claims.constructor"))).toEqual(["AF0507 claims.constructor"])
    expect(problems(SOUND, { params: { constructor: "x" } })).toEqual(["AF0902 "])
  })
})

describe("parameters", () => {
  const region = (param: string) => PARAM(param, change(SOUND, 'region  = "us-east-1"', "region  = where"))
  const regionOf = (text: string, params: Record<string, string> = {}) => {
    const [flow] = analyzed(text, { params }).program?.flows ?? []
    const sts = flow?.stages.find(({ kind }) => kind === "aws.sts")
    return sts?.kind === "aws.sts" ? sts.fields.region.value : undefined
  }

  it("take the value that is given, else the default", () => {
    const text = region('param where: aws.region = "us-west-2"')
    expect(regionOf(text)).toBe("us-west-2")
    expect(regionOf(text, { where: "eu-west-1" })).toBe("eu-west-1")
    expect(problems(text, { params: { where: "mars" } })).toEqual(["AF0904 where"])
    expect(problems(text, { params: { were: "eu-west-1" } })).toEqual(["AF0902 "])
  })

  it("without a value are an error, or a sample where the file is only checked", () => {
    const text = region("param where: aws.region")
    expect(problems(text)).toEqual(["AF0903 where"])
    expect(problems(text, { missingParams: "sample" })).toEqual([])
    expect(regionOf(text, { where: "eu-west-1" })).toBe("eu-west-1")
  })

  it("of every type have a sample that is of the type, and two never have the same host", () => {
    for (const [name, type] of Object.entries(paramTypes)) {
      const given = { params: { sample: type.sample("sample") } }
      expect(problems(`param sample: ${name}\n\n${SOUND}`, given), name).toEqual(["AF0209 sample"])
      expect(problems(`param sample: ${name}\n\n${SOUND}`, { missingParams: "sample" }), name).toEqual([
        "AF0209 sample",
      ])
    }
    const text = SOUND.replaceAll("idp.example.com", "${login_host}").replaceAll("auth.example.com", "${auth_host}")
    expect(
      problems(`param login_host: hostname\nparam auth_host: hostname\n\n${text}`, { missingParams: "sample" }),
    ).toEqual([])
  })

  it("are checked by their type", () => {
    const given = (type: string, value: string) => codes(problems(PARAM(`param x: ${type}`), { params: { x: value } }))
    for (const [type, good, bad] of [
      ["int", "3", "3.5"],
      ["int", "-3", "three"],
      ["bool", "true", "yes"],
      ["duration", "1h30m", "90"],
      ["size", "8MiB", "8 MiB"],
      ["hostname", "a-b.example", "https://a.example"],
      ["hostname", "a", "-a"],
      ["url", "https://a.example/x", "http://a.example"],
      ["aws.account", "012345678901", "12345"],
      ["aws.region", "us-gov-west-1", "us_east_1"],
      ["aws.role", "arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:user/x"],
      ["string", "", "a\nb"],
    ] as const) {
      expect(given(type, good), `${type} ${good}`).toEqual(["AF0209"])
      expect(given(type, bad), `${type} ${bad}`).toEqual(["AF0904"])
    }
  })

  it("keep an account number a string, zeros and all", () => {
    const text = PARAM("param account: aws.account = 123456789012")
    const [found] = analyzed(text).diagnostics
    expect(found?.code).toBe("AF0304")
    expect(found && problems(fixed(text, found))).toEqual(["AF0209 account"])
  })

  it("stand in strings, and nothing else does", () => {
    const issuer = (url: string) =>
      problems(PARAM('param domain: hostname = "example.com"', change(SOUND, "https://auth.example.com", url)))
    expect(issuer("https://auth.${domain}")).toEqual([])
    expect(issuer("https://auth.${domian}")).toEqual(["AF0201 domian"])
    expect(issuer("https://auth.${corp}")).toEqual(["AF0213 corp"])
    expect(issuer("https://auth.${corp.id_token}")).toEqual(["AF0213 corp.id_token"])
  })

  it("that are broken break what uses them only once", () => {
    expect(
      problems(PARAM('param domain: hostname = "not a host"', change(SOUND, "auth.example.com", "auth.${domain}"))),
    ).toEqual(['AF0312 "not a host"'])
  })
})

describe("providers and servers", () => {
  it("need each other's fields", () => {
    expect(problems(change(SOUND, '  client_id     = "mcp-gateway"\n', ""))).toEqual([
      'AF0302 secret("corp-idp", key: "client-secret")',
    ])
    expect(problems(change(SOUND, '["openid", "email"]', '["email"]'))).toEqual(["AF0503 corp.id_token.groups"])
  })

  it("carry over what a login holds", () => {
    const claims = (map: string) => problems(change(SOUND, "{ groups: corp.id_token.groups }", map))
    expect(claims("{ groups: corp.id_token.groups, mail: corp.userinfo.email }")).toEqual([])
    expect(claims("{ groups: corp.id_token.groups, mail: corp.id_token.mail }")).toEqual(["AF0507 mail"])
    expect(claims("{ groups: corp.id_token.groups, x: corp.access_token.email }")).toEqual([
      "AF0509 corp.access_token.email",
    ])
    expect(claims("{ groups: corp.id_token.groups, x: gate.access_token.email }")).toEqual([
      "AF0509 gate.access_token.email",
    ])
    for (const owned of ["iss", "sub", "aud", "exp", "client_id", "scope", "jti"])
      expect(claims(`{ groups: corp.id_token.groups, ${owned}: corp.id_token.email }`)).toEqual([`AF0511 ${owned}`])
  })

  it("have issuers of their own", () => {
    expect(problems(change(SOUND, '"https://auth.example.com"', '"https://idp.example.com"'))).toEqual([
      'AF0705 "https://idp.example.com"',
    ])
  })
})

describe("empty names in quotes", () => {
  it("are written, and so reported", () => {
    expect(problems(change(SOUND, "{ groups: strings }", '{ groups: strings, "": string }'))).toEqual(['AF0312 ""'])
    expect(problems(change(SOUND, "{ name: claims.sub }", '{ name: claims[""] }'))).toEqual(['AF0507 claims[""]'])
    expect(problems(change(SOUND, "{ name: claims.sub }", '{ name: claims.sub, "": 1h }'))).toEqual(['AF0301 ""'])
    expect(problems(change(SOUND, "corp.id_token.groups }", 'corp.id_token[""] }'))).toEqual(['AF0507 [""]'])
  })
})
