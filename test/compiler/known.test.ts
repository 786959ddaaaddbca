import { describe, expect, it } from "vitest"
import { awsRegions, awsServices } from "../../compiler/catalogue/aws-names.ts"
import { observations } from "../../compiler/catalogue/observation.ts"
import { analyze, createWorkspace } from "../../compiler/index.ts"

const text = `provider corp = oidc {
  issuer    = "https://idp.example.com"
  client_id = "mcp-gateway"
}
server gate = auth_server { issuer = "https://auth.example.com", login = [corp] }
flow tools at "https://mcp.example.com/tools" {
  identify gate
  exchange aws.sts { subject = corp.id_token, region = 7 }
  sign aws.sigv4 { service = "s3" }
  forwrad "https://up.example.com"
}
`

const flowOf = (text: string) => {
  const [flow] = analyze({ uri: "a.authflow", text }).known?.flows ?? []
  return flow?.stages.map(({ kind, before, after, input, output }) => ({
    kind,
    chain: `${before} -> ${after}`,
    values: `${input?.tag} -> ${output?.tag}`,
  }))
}

describe("what is known of a file", () => {
  it("is the chain of each flow, also where a stage has mistakes", () => {
    expect(flowOf(text)).toEqual([
      { kind: "identify.auth_server", chain: "Caller -> Principal", values: "Caller -> Principal" },
      { kind: "aws.sts", chain: "Principal -> AwsCredentials", values: "Principal -> undefined" },
      { kind: "aws.sigv4", chain: "AwsCredentials -> SignedRequest", values: "undefined -> undefined" },
      { kind: undefined, chain: "SignedRequest -> undefined", values: "undefined -> undefined" },
    ])
  })

  it("is nothing where nothing can be read", () => {
    expect(analyze({ uri: "a.authflow", text: "\0" }).known).toBeUndefined()
  })
})

it("a file is known to be imported from the folders beside and above its own", () => {
  const workspace = createWorkspace()
  workspace.open({ uri: "file:///w/shared/corp.authflow", text: "const a = 1\n" })
  workspace.open({ uri: "file:///w/flows/a.authflow", text: 'import { a } from "../shared/corp.authflow"\n' })
  expect(workspace.importers("file:///w/shared/corp.authflow")).toEqual(["file:///w/flows/a.authflow"])
})

describe("names that are offered", () => {
  const using = (region: string, service: string) => `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt, audience: "a" }
}
flow f at "https://mcp.example.com" {
  identify corp
  exchange aws.sts {
    subject = corp.access_token
    region  = ${JSON.stringify(region)}
    role    = deny
    session = { name: claims.sub, on_invalid: reject }
  }
  sign aws.sigv4 { service = ${JSON.stringify(service)} }
  forward "https://up.example.com"
}
`
  const codes = (region: string, service: string) =>
    analyze({ uri: "a.authflow", text: using(region, service) }).diagnostics.map(({ code }) => code)

  it.each(Object.keys(awsRegions))("region %s is one", (region) => {
    expect(codes(region, "s3")).toEqual([])
  })

  it.each(Object.keys(awsServices))("service %s is one", (service) => {
    expect(codes("us-east-1", service)).toEqual([])
  })

  it.each(
    Object.entries(observations).flatMap(([what, { words }]) =>
      words.flatMap((word): [string, string][] => (word === "token" || word === "secret" ? [] : [[what, word]])),
    ),
  )("a test may expect %s to be %s", (what, word) => {
    const expected =
      what === "upstream"
        ? `upstream.${{ sigv4: "authorization", session_token: '["x-amz-security-token"]', time: '["x-amz-date"]', hash: '["x-amz-content-sha256"]' }[word] ?? "accept"}`
        : what
    const path = expected.replace(".[", "[")
    const test = `${using("us-east-1", "s3")}test "t" { given claims { sub: "ada" }, expect f.${path} == ${word} }\n`
    expect(analyze({ uri: "a.authflow", text: test }).diagnostics).toEqual([])
  })
})
