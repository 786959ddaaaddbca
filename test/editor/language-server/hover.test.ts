import { describe, expect, it } from "vitest"
import type { Hover } from "vscode-languageserver-protocol/node"
import { marked, startEditor, useEditor } from "./editor.ts"
import { inExchange, inTest, region, role, session, subject, whole } from "./sources.ts"

const { editor } = useEditor()

/** What is shown at the cursor, and the words that it is about. */
const hoverAt = async (source: string): Promise<{ readonly about: string; readonly text: string } | undefined> => {
  const { text, offset } = marked(source)
  const document = await editor().open(text)
  const hover = await document.ask<Hover | null>("textDocument/hover", offset)
  if (hover === null) return undefined
  const { contents, range } = hover
  if (range === undefined || typeof contents !== "object" || !("kind" in contents)) throw new Error("no markup")
  return { about: document.textIn(range), text: contents.value }
}

const expectHover = async (source: string, about: string, ...says: readonly string[]): Promise<void> => {
  const hover = await hoverAt(source)
  expect(hover?.about).toBe(about)
  for (const each of says) expect(hover?.text).toContain(each)
}

const expectNothing = async (source: string): Promise<void> => expect(await hoverAt(source)).toBeUndefined()

const exchange = (fields: Partial<Readonly<Record<"subject" | "region" | "role" | "session", string>>>): string =>
  inExchange(
    [fields.subject ?? subject, fields.region ?? region, fields.role ?? role, fields.session ?? session].join("\n"),
  )

describe("a field", () => {
  it("says what it is, whether it has to be there, and an example", () =>
    expectHover(
      exchange({ region: '    re<|>gion = "eu-west-1"' }),
      "region",
      "an AWS region (a string), required",
      "Region of the STS endpoint.",
      'For example `region = "us-east-1"`',
    ))

  it("says its bounds with their unit, and what holds when it is unsaid", () =>
    expectHover(
      exchange({ session: "    session = { name: claims.sub, dur<|>ation: 2h }" }),
      "duration",
      "a duration from 15m to 12h, `1h` when unsaid",
      "For example `duration: 1h`",
    ))
})

describe("a value", () => {
  it("in units says what it comes to, and what is expected", () =>
    expectHover(
      exchange({ session: "    session = { name: claims.sub, duration: 1h<|>30m }" }),
      "1h30m",
      "5400 seconds",
      "a duration from 15m to 12h",
    ))

  it("that AWS has a name for says it", () =>
    expectHover(exchange({ region: '    region = "eu-<|>west-1"' }), '"eu-west-1"', "Europe (Ireland)"))

  it("of a choice says what the choice is about", () =>
    expectHover(
      exchange({ session: "    session = { name: claims.email, on_invalid: re<|>ject }" }),
      "reject",
      "`reject`: refuse with 403.",
    ))

  it("with parameters in it says what it comes to", () =>
    expectHover(
      whole().replace("https://idp.", "https://id<|>p."),
      '"https://idp.${domain}"',
      '"https://idp.example.com"',
    ))

  it("that is a role says whose", () =>
    expectHover(
      exchange({ role: '    role = "arn:aws:iam::111122223333:role/te<|>am/reader"' }),
      '"arn:aws:iam::111122223333:role/team/reader"',
      "IAM role `team/reader` of account `111122223333`",
    ))
})

describe("a stage", () => {
  it("says what it takes and makes, and what comes to it and leaves it here", () =>
    expectHover(
      whole().replace("exchange aws", "exch<|>ange aws"),
      "exchange aws.sts",
      "`Principal | Token → AwsCredentials`",
      "**Before: Principal**",
      "gate.access_token",
      "**After: AwsCredentials**",
      "eu-west-1, for 1h",
      "role/admin",
    ))

  it("whose own fields have mistakes still says what comes to it", () =>
    expectHover(
      exchange({ region: "    region = 7" }).replace("sign aws", "si<|>gn aws"),
      "sign aws.sigv4",
      "**Before: AwsCredentials**",
    ))
})

describe("a token", () => {
  it("says who issues it, whom it is for, and which claims it holds", () =>
    expectHover(
      exchange({ subject: "    subject = corp.id_to<|>ken" }),
      "corp.id_token",
      "ID token of `https://idp.example.com`",
      "audience `mcp-gateway`",
      "`groups`",
    ))

  it("that only its issuer can read says so", () =>
    expectHover(exchange({ subject: "    subject = corp.access_to<|>ken" }), "corp.access_token", "opaque"))
})

describe("a claim", () => {
  it("says its type, whether it is always there, and whose word it is", () =>
    expectHover(
      exchange({ session: "    session = { name: claims.em<|>ail, on_invalid: reject }" }),
      "claims.email",
      "a string, a claim of `gate.access_token`",
      "a token may come without it",
      "the word of `corp`",
    ))

  it("that is given in a test says what it is in the tested flow", () =>
    expectHover(
      inTest('  given claims { gro<|>ups: ["admins"] }\n  expect tools.decision == allow'),
      "groups",
      "a list of strings",
    ))
})

describe("a name", () => {
  it("of a provider says what was written above it, and what it issues", () =>
    expectHover(
      exchange({ subject: "    subject = co<|>rp.id_token" }),
      "corp",
      "provider corp = oidc",
      "Where everybody logs in.",
      "people log in there",
      "`corp.access_token`: opaque",
    ))

  it("of a parameter says its value", () =>
    expectHover(
      whole().replace("idp.${domain}", "idp.${dom<|>ain}"),
      "domain",
      'param domain: hostname = "example.com"',
      "A DNS name.",
    ))

  it("of a parameter says its value in each environment", () =>
    expectHover(
      `${whole().replace("idp.${domain}", "idp.${dom<|>ain}")}env dev { domain = "dev.test", account = "111122223333" }
env prod { domain = "corp.example", account = "444455556666" }
`,
      "domain",
      '`dev`: `"dev.test"`',
      '`prod`: `"corp.example"`',
    ))

  it("of a flow says its stages", () =>
    expectHover(inTest("  expect to<|>ols.decision == allow"), "tools", "`exchange aws.sts` → AwsCredentials"))
})

describe("a word", () => {
  it.each([
    ["pro<|>vider", "provider", "log in"],
    ["fl<|>ow tools", "flow", "top to bottom"],
    ["par<|>am domain", "param", "whoever compiles the file gives"],
    ["hostn<|>ame", "hostname", "A DNS name."],
    ["con<|>tains", "contains", "a list that has this string in it"],
    ["se<|>cret(", "secret", "never holds a secret itself"],
    ["de<|>ny(", "deny", "403"],
    ["oi<|>dc", "oidc", "OpenID Connect provider"],
  ])("%s is explained", (at, about, says) => expectHover(whole().replace(at.replace("<|>", ""), at), about, says))

  it("behind == says what is looked at", () =>
    expectHover(inTest("  expect tools.decision == al<|>low"), "allow", "deny"))
})

describe("nothing is said", () => {
  it("in comments", () => expectNothing(`// prov<|>ider corp\n${whole()}`))
  it("between items", () => expectNothing(`${whole()}\n\n<|>\n`))
  it("of words that mean nothing", () => expectNothing("provider corp = oidc {\n  isuer<|>x = 1\n}\n"))
})

it("an editor that shows no Markdown is given none", async () => {
  const plain = await startEditor({ capabilities: {} })
  const { text, offset } = marked(exchange({ region: '    re<|>gion = "eu-west-1"' }))
  const document = await plain.open(text)
  const hover = await document.ask<Hover>("textDocument/hover", offset)
  expect(hover.contents).toEqual({
    kind: "plaintext",
    value:
      'region: an AWS region (a string), required\n\nRegion of the STS endpoint.\n\nFor example region = "us-east-1"',
  })
})
