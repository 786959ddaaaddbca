import { describe, expect, test } from "vitest"
import { blockedHost } from "../../compiler/targets/toolhive/engine.ts"
import { goDuration } from "../../compiler/targets/toolhive/go-duration.ts"
import { compileForToolHive, EMBEDDED, OUTSIDE } from "./toolhive-source.ts"

describe("hosts the operator refuses", () => {
  test.each([
    "localhost",
    "x.localhost",
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "169.254.169.254",
    "metadata.google.internal",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
    "kubernetes.default.svc",
    "a.b.svc.cluster.local",
    "0x7f.1",
    "2130706433",
  ])("%s", (host) => {
    expect(blockedHost(new URL(`https://${host}/`).hostname)).toBeDefined()
  })

  test.each([
    "example.com",
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "[2001:db8::1]",
    "notlocalhost",
    "mycluster.local.example.com",
  ])("but not %s", (host) => {
    expect(blockedHost(new URL(`https://${host}/`).hostname)).toBeUndefined()
  })
})

test.each([
  [3600, "1h"],
  [604800, "168h"],
  [90, "1m30s"],
  [30, "30s"],
  [3661, "1h1m1s"],
  [1.5, "1s500ms"],
  [0, "0s"],
])("%d seconds are %s in Go", (seconds, text) => {
  expect(goDuration(seconds)).toBe(text)
})

describe("refusals at their edges", () => {
  const errorsOf = (text: string) => compileForToolHive(text).errors
  test.each<[what: string, text: string, codes: readonly string[]]>([
    ["a path that differs by its last slash", EMBEDDED.replace("api.aws/mcp", "api.aws/mcp/"), ["AF0813"]],
    ["equal paths with percent-encoding", EMBEDDED.replaceAll('/mcp"', '/m%20cp"'), ["AF0813"]],
    [
      "an outside issuer may share nothing, and be used by two flows",
      OUTSIDE +
        OUTSIDE.slice(OUTSIDE.indexOf("flow"))
          .replace("aws_mcp", "second")
          .replaceAll('example.com/mcp"', 'example.com/two"')
          .replace("api.aws/mcp", "api.aws/two"),
      [],
    ],
    ["a flow's name of 46 characters", EMBEDDED.replaceAll("aws_mcp", "a".repeat(46)), []],
    ["a flow's name of 47 characters", EMBEDDED.replaceAll("aws_mcp", "a".repeat(47)), ["AF0819"]],
    ["a server's name that ends with _", EMBEDDED.replaceAll("gate ", "gate_ "), ["AF0819"]],
    [
      "a provider's name that ends with _",
      EMBEDDED.replaceAll("corp ", "corp_ ").replaceAll("[corp]", "[corp_]").replaceAll("corp.", "corp_."),
      ["AF0819"],
    ],
    ["the server's object would be the flow's", EMBEDDED.replaceAll("gate ", "aws_mcp_sts "), ["AF0820"]],
    [
      "sts shown another provider's token is refused before all",
      EMBEDDED.replace("subject = corp.access_token", "subject = corp.id_token"),
      ["AF0801"],
    ],
    [
      "a rule on sub behind an outside issuer",
      OUTSIDE.replace("match claims.groups", "match claims.sub").replace("contains", "equals"),
      [],
    ],
    [
      "the same region said twice",
      EMBEDDED.replace('service = "aws-mcp"', 'service = "aws-mcp", region = "us-east-1"'),
      [],
    ],
    [
      "the body limit ToolHive has, said",
      EMBEDDED.replace('service = "aws-mcp"', 'service = "aws-mcp", max_body = 8MiB'),
      [],
    ],
    [
      "a path below /oauth",
      EMBEDDED.replaceAll('.com/mcp"', '.com/oauth/x"').replace("api.aws/mcp", "api.aws/oauth/x"),
      ["AF0825"],
    ],
    [
      "a path that only begins with the letters",
      EMBEDDED.replaceAll('.com/mcp"', '.com/oauthority"').replace("api.aws/mcp", "api.aws/oauthority"),
      [],
    ],
    [
      "nine scopes beside offline_access",
      EMBEDDED.replace('["openid", "email"]', JSON.stringify([..."abcdefghi"])),
      [],
    ],
    [
      "ten scopes beside offline_access",
      EMBEDDED.replace('["openid", "email"]', JSON.stringify([..."abcdefghij"])),
      ["AF0828"],
    ],
  ])("%s", (_, text, codes) => {
    expect(errorsOf(text)).toEqual(codes)
  })
})
