import { describe, expect, it } from "vitest"
import type { CompletionItem, TextEdit } from "vscode-languageserver-protocol/node"
import { type Document, marked, useEditor } from "./editor.ts"
import { head, inExchange, inFlow, inTest, region, subject, whole } from "./sources.ts"

const { editor } = useEditor()
/** One that knows no snippets. */
const { editor: plain } = useEditor({ capabilities: {} })

const offered = async (document: Document, offset: number): Promise<readonly CompletionItem[]> => {
  const items = await document.ask<CompletionItem[] | null>("textDocument/completion", offset)
  return (items ?? []).toSorted((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1))
}

const completionsAt = async (source: string): Promise<readonly CompletionItem[]> => {
  const { text, offset } = marked(source)
  return offered(await editor().open(text), offset)
}

/** What is offered begins with these, in this order; and lacks those. */
const expectCompletion = async (
  source: string,
  { first = [], has = [], lacks = [] }: Partial<Readonly<Record<"first" | "has" | "lacks", readonly string[]>>>,
): Promise<void> => {
  const labels = (await completionsAt(source)).map(({ label }) => label)
  expect(labels.slice(0, first.length)).toEqual(first)
  for (const label of has) expect(labels).toContain(label)
  for (const label of lacks) expect(labels).not.toContain(label)
}

const editOf = (item: CompletionItem | undefined): TextEdit => {
  if (item?.textEdit === undefined || !("range" in item.textEdit)) throw new Error("it is not offered")
  return item.textEdit
}

/** The text once what has this label is chosen, as an editor writes it that knows no snippets. */
const expectChosen = async (source: string, label: string, line: string | RegExp): Promise<void> => {
  const { text, offset } = marked(source)
  const document = await plain().open(text)
  const item = (await offered(document, offset)).find((each) => each.label === label)
  expect(document.applied([editOf(item)])).toMatch(line)
}

describe("where a stage can stand", () => {
  const behind = (stages: string): string => inFlow(`${stages}\n  <|>\n`)

  it("those that take the caller come first in an empty flow, one for each name there is", () =>
    expectCompletion(behind(""), { first: ["identify gate", "identify corp"] }))

  it("those that take a principal come first behind identify", async () => {
    await expectCompletion(behind("  identify gate"), {
      first: ["exchange aws.sts", "exchange token_exchange"],
      has: ["inject bearer"],
    })
    const items = await completionsAt(behind("  identify gate"))
    const labels = items.map(({ label }) => label)
    expect(labels.indexOf("inject none")).toBeLessThan(labels.indexOf("sign aws.sigv4"))
    expect(items.find(({ label }) => label === "sign aws.sigv4")?.detail).toBe(
      "needs AwsCredentials, here is Principal",
    )
    expect(items[0]?.detail).toBe("Principal | Token → AwsCredentials")
  })

  it("signing comes first behind an exchange, also one that has mistakes", () =>
    expectCompletion(behind("  identify gate\n  exchange aws.sts { region = 7 }"), { first: ["sign aws.sigv4"] }))

  it("forwarding comes first behind signing", () =>
    expectCompletion(behind('  identify gate\n  exchange aws.sts { }\n  sign aws.sigv4 { service = "s3" }'), {
      first: ["forward"],
    }))

  it("one is found by its first letters, between others", () =>
    expectCompletion(whole().replace("  sign aws", "  sig<|>\n  sign aws"), { first: ["sign aws.sigv4"] }))

  it("it is written with all fields that it needs", () =>
    expectChosen(
      behind("  identify gate"),
      "exchange aws.sts",
      / {2}exchange aws\.sts \{\n {4}subject = corp\.id_token\n {4}region {2}= "us-east-1"\n {4}role {4}= match claims\.groups \{\n {6}contains "value" => "arn:aws:iam::\d+:role\/name"\n {6}else => deny\n {4}\}\n {4}session = \{ name: claims\.sub \}\n {2}\}\n/,
    ))

  it("behind a verb its kinds are offered", () =>
    expectCompletion(inFlow("  identify gate\n  exchange <|>"), {
      first: ["aws.sts", "token_exchange", "obo", "xaa"],
      lacks: ["aws.sigv4"],
    }))

  it("identify says what it lacks while there is neither", async () => {
    const items = await completionsAt('flow tools at "https://mcp.example.com" {\n  <|>\n}\n')
    expect(items.find(({ label }) => label === "identify")?.detail).toMatch(/^declare a provider .*server.* first$/)
  })

  it("behind identify the servers and providers", () =>
    expectCompletion(inFlow("  identify <|>"), { first: ["gate", "corp"] }))
})

describe("where a field can stand", () => {
  it("those that are missing and needed come first; those that are there are not offered", () =>
    expectCompletion(inExchange(`${subject}\n${region}\n    <|>`), {
      first: ["role", "session", "policy", "policy_arns", "endpoint"],
      lacks: ["subject", "region", "scopes"],
    }))

  it("those of a map are offered in the map", () =>
    expectCompletion(inExchange("    session = { name: claims.sub, <|> }"), {
      first: ["on_invalid", "duration"],
      lacks: ["name", "role"],
    }))

  it("those of a block that is not closed yet", () =>
    expectCompletion("provider corp = oidc {\n  <|>\n", { first: ["issuer"], has: ["client_id", "scopes"] }))

  it("with a value as it is written in a file", () =>
    expectChosen(inExchange(`${subject}\n    reg<|>`), "region", / {4}region = "us-east-1"\n/))

  it("only the name, where the value is there", () =>
    expectChosen(inExchange('    reg<|> = "eu-west-1"'), "region", / {4}region = "eu-west-1"\n/))

  it("of what an engine is told", () =>
    expectCompletion(`${head}deploy toolhive {\n  <|>\n}\n`, { has: ["namespace", "replicas"] }))
})

describe("where a value can stand", () => {
  it("the words of a choice", () =>
    expectCompletion(inExchange("    session = { name: claims.sub, on_invalid: <|> }"), {
      first: ["reject", "sanitize"],
    }))

  it("the tokens that there are; one that AWS can verify before an opaque one", () =>
    expectCompletion(inExchange("    subject = <|>"), {
      first: ["corp.id_token", "gate.access_token", "corp.access_token"],
    }))

  it("the tokens of what is written before the dot", () =>
    expectCompletion(inExchange('    subject = corp.<|>\n    region = "eu-west-1"'), {
      has: ["corp.id_token", "corp.access_token"],
    }))

  it("no tokens before anybody is identified", () =>
    expectCompletion(inFlow("  exchange aws.sts { subject = <|> }"), { lacks: ["corp.id_token"] }))

  it("claims that are known to be in the token, those that say who a person is first", () =>
    expectCompletion(inExchange("    session = { name: <|> }"), {
      first: ["claims.sub", "claims.email"],
      has: ["claims.groups", "claims.iss"],
      lacks: ["claims.phone_number"],
    }))

  it("AWS regions, with where they are", async () => {
    const items = await completionsAt(inExchange("    region = <|>"))
    expect(items[0]?.label).toBe('"us-east-1"')
    expect(items.find(({ label }) => label === '"eu-central-1"')?.detail).toBe("Europe (Frankfurt)")
  })

  it("AWS regions inside of the quotes", () =>
    expectChosen(inExchange('    region = "eu-<|>"'), "eu-west-3", / {4}region = "eu-west-3"\n/))

  it("names of AWS services", () =>
    expectCompletion(inFlow("  identify gate\n  sign aws.sigv4 { service = <|> }"), {
      has: ['"execute-api"', '"bedrock-agentcore"'],
    }))

  it("parameters that fit, and no others", () =>
    expectCompletion(`param home: aws.region = "eu-west-1"\n${inExchange("    region = <|>")}`, {
      has: ["home"],
      lacks: ["domain"],
    }))

  it("nothing in a list that it has already", () =>
    expectCompletion("provider p = oidc { algorithms = [RS256, <|>] }\n", { has: ["ES256"], lacks: ["RS256"] }))

  it("providers in a list", () =>
    expectCompletion(`${head}server x = auth_server { login = [<|>] }\n`, { first: ["corp"] }))

  it("claims of a login", () =>
    expectCompletion(`${head}server x = auth_server { login = [corp], claims = { groups: corp.<|> } }\n`, {
      first: ["corp.id_token.groups"],
      has: ["corp.userinfo.email"],
    }))

  it("standard scopes, with what they bring", async () => {
    const items = await completionsAt('provider corp = oidc { scopes = ["openid", "<|>"] }\n')
    expect(items.find(({ label }) => label === "email")?.detail).toBe("Claims: email, email_verified.")
  })

  it("parameters and constants in a string's hole, with their values", async () => {
    const items = await completionsAt(whole().replace("idp.${domain}", "idp.${<|>}"))
    expect(items.map(({ label, detail }) => [label, detail])).toContainEqual(["domain", "example.com"])
  })

  it("a hole that is not closed yet", () =>
    expectCompletion(whole().replace('idp.${domain}"', "idp.${do<|>"), { has: ["domain"] }))

  it("a reference to a secret", () =>
    expectChosen(
      "provider corp = oidc {\n  client_secret = <|>\n}\n",
      'secret("corp-idp", key: "client-secret")',
      /client_secret = secret\("corp-idp", key: "client-secret"\)/,
    ))
})

describe("role rules", () => {
  it("a match by the claims there are, a role of the account, a refusal", () =>
    expectCompletion(inExchange("    role = <|>"), {
      first: ["match … { … }", '"arn:aws:iam::${account}:role/…"'],
      has: ["deny", 'deny("…")'],
    }))

  it("the claims of the token, the declared one first", () =>
    expectCompletion(inExchange("    role = match <|> { }"), { first: ["claims.groups"] }))

  it("words that compare what the claim is, first", () =>
    expectCompletion(inExchange("    role = match claims.groups {\n      <|>\n    }"), {
      first: ["contains", "contains_any", "contains_all", "when", "else"],
    }))

  it("no second else", () =>
    expectCompletion(inExchange("    role = match claims.groups {\n      <|>\n      else => deny\n    }"), {
      lacks: ["else"],
    }))

  it("what a rule results in", () =>
    expectCompletion(inExchange('    role = match claims.groups {\n      contains "a" => <|>\n    }'), {
      first: ['"arn:aws:iam::${account}:role/…"'],
      lacks: ["match … { … }"],
    }))

  it("a role in the account that a parameter says", () =>
    expectChosen(
      inExchange('    role = match claims.groups {\n      contains "a" => <|>\n    }'),
      '"arn:aws:iam::${account}:role/…"',
      /=> "arn:aws:iam::\$\{account\}:role\/name"\n/,
    ))

  it("claims in CEL", () =>
    expectCompletion(inExchange('    role = match {\n      when "has(claims.<|>)" => deny\n    }'), {
      has: ["claims.groups"],
    }))
})

describe("tests", () => {
  it("what can be given, and what expected", () => expectCompletion(inTest("  <|>"), { first: ["given", "expect"] }))
  it("what is given", () => expectCompletion(inTest("  given <|>"), { first: ["claims", "scopes", "headers"] }))
  it("claims that the caller's token can hold", () =>
    expectCompletion(inTest('  given claims { sub: "a", <|> }'), { first: ["groups"], has: ["email"], lacks: ["sub"] }))
  it("flows", () => expectCompletion(inTest("  expect <|>"), { first: ["tools"] }))
  it("what can be seen of a flow", () =>
    expectCompletion(inTest("  expect tools.<|>"), { has: ["decision", "role", "upstream"] }))
  it("roles that the flow can come to", () =>
    expectCompletion(inTest("  expect tools.role == <|>"), {
      first: ['"arn:aws:iam::123456789012:role/admin"', "none"],
    }))
  it("reasons of a refusal", () =>
    expectCompletion(inTest("  expect tools.reason == <|>"), { has: ['"role-denied"', "none"] }))
})

describe("items", () => {
  it("every kind of item, with what it needs", () =>
    expectCompletion("<|>", {
      has: [
        "import",
        "param",
        "const",
        "env",
        "flow",
        "test",
        "provider … = oidc",
        "server … = auth_server",
        "deploy toolhive",
      ],
    }))
  it("what a parameter may be without a value given: what it lists, and what is declared above", () =>
    expectCompletion('const usual = "small"\nparam tier: string in ["small", "large"] = <|>\nconst later = "x"\n', {
      first: ['"small"', '"large"'],
      has: ["usual"],
      lacks: ["tier", "later"],
    }))
  it("where a flow is found", () => expectCompletion("flow tools at <|> {\n}\n", { first: ['"https://…"'] }))
  it("by its first letters", () => expectCompletion(`${head}\nflo<|>\n`, { has: ["flow"] }))
  it("kinds of a provider", () =>
    expectCompletion("provider corp = <|>\n", { first: ["oidc"], lacks: ["auth_server"] }))
  it("types of a parameter", () => expectCompletion("param home: aws.<|>\n", { has: ["aws.region", "hostname"] }))
  it("parameters in an environment, but those that it has", () =>
    expectCompletion(`${head}env dev {\n  domain = "dev.test"\n  <|>\n}\n`, { first: ["account"], lacks: ["domain"] }))
  it("values that a parameter lists", () =>
    expectCompletion('param tier: string in ["small", "large"]\nenv dev { tier = <|> }\n', {
      first: ['"small"', '"large"'],
    }))
})

describe("nothing is offered", () => {
  it.each([
    ["in a comment", `// <|>\n${whole()}`],
    ["at the end of a comment", `${whole()}// pro<|>`],
    ["in a number", inExchange("    session = { name: claims.sub, duration: 1<|>h }")],
    ["where a new name is made", "provider <|>\n"],
    ["in a text that may be anything", whole().replace('"mcp-gateway"', '"mcp-<|>gateway"')],
  ])("%s", async (_, source) => expect(await completionsAt(source)).toEqual([]))
})

it("a whole file can be written by choosing what comes first", async () => {
  const document = await plain().open(`${head}\nflow tools at "https://mcp.example.com" {\n  \n}\n`)
  for (const label of ["identify gate", "exchange aws.sts", "sign aws.sigv4", "forward"]) {
    const offset = document.text.lastIndexOf("  \n}") + 2
    const [first] = await offered(document, offset)
    expect(first?.label).toBe(label)
    const { range, newText } = editOf(first)
    await plain().change(document.uri, [{ range, text: `${newText}\n  ` }])
  }
  const problems = (await document.diagnostics()).map(({ code }) => code)
  // It is right; only that nothing uses a parameter is said.
  expect(problems).toEqual(["AF0209"])
})
