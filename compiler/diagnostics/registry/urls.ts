/**
 * AF07xx: URLs, issuers and audiences.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"

const FLOW = SOUND.slice(SOUND.indexOf("flow aws"))

export const urls = {
  AF0701: entry<{ readonly what: string; readonly value: string }>({
    severity: "error",
    title: "Not a URL",
    message: ({ what, value }) => `expected ${what}, found ${JSON.stringify(value)}, which is no absolute URL`,
    explanation: "URLs are compared and called as they are written, so they are written whole.",
    remedy: "Write it whole, with `https://`.",
    example: changed([['"https://idp.example.com"', '"idp.example.com"']]),
  }),
  AF0702: entry<{ readonly what: string; readonly scheme: string }>({
    severity: "error",
    title: "Not https",
    message: ({ what, scheme }) => `${what} is https, found ${scheme}`,
    explanation:
      "Tokens and codes travel over these connections; without TLS whoever is on the way has them. On one machine, `authflow run --sandbox` stands in for the outside world with loopback addresses by itself.",
    remedy: "Write `https://`.",
    example: changed([['"https://idp.example.com"', '"http://idp.example.com"']]),
  }),
  AF0703: entry<{ readonly what: string; readonly excess: string }>({
    severity: "error",
    title: "A URL with too much in it",
    message: ({ what, excess }) => `${what} cannot have ${excess}`,
    explanation:
      "Issuers and resources are compared character by character by everybody who verifies a token. A query, a fragment or a slash too many makes two of one.",
    remedy: "Leave that part out.",
    example: changed([['"https://auth.example.com"', '"https://auth.example.com/"']]),
  }),
  AF0704: entry<{ readonly flow: string; readonly other: string }>({
    severity: "error",
    title: "Two flows at one address",
    message: ({ flow, other }) => `the flows \`${other}\` and \`${flow}\` are at the same address`,
    explanation:
      "A request could go either way, and both would publish their resource metadata (RFC 9728) at the same place, so that clients log in at the wrong one. Letter case of the host and a slash at the end make no difference.",
    remedy: "Give each flow a path of its own.",
    example: changed(
      [["flow aws", `${FLOW.replace("flow aws", "flow twin")}\nflow aws`]],
      [
        [
          "flow aws",
          `${FLOW.replace("flow aws", "flow twin").replace("example.com/mcp", "example.com/twin")}\nflow aws`,
        ],
      ],
    ),
  }),
  AF0705: entry<{ readonly name: string; readonly other: string; readonly issuer: string }>({
    severity: "error",
    title: "Two issuers of one name",
    message: ({ name, other, issuer }) => `\`${name}\` and \`${other}\` both issue tokens as ${issuer}`,
    explanation: "A token says who issued it by this URL, and nobody could tell whose keys verify it.",
    remedy: "Give each its own URL.",
    example: changed([['"https://auth.example.com"', '"https://idp.example.com"']]),
  }),
  AF0706: entry<{ readonly audience: string; readonly issued: string; readonly issuer: string }>({
    severity: "error",
    title: "The audience is another",
    message: ({ audience, issued, issuer }) => `tokens of \`${issuer}\` are for ${issued}, not for ${audience}`,
    explanation: "Every token would be refused: its `aud` is not the one that is asked for.",
    remedy: "Ask for the audience that the issuer puts in, or leave `audience` out.",
    example: changed([
      ['identify gate { scopes = ["mcp:use"] }', 'identify gate { audience = "https://mcp.example.com" }'],
    ]),
  }),
  AF0708: entry<{ readonly flow: string; readonly server: string }>({
    severity: "error",
    title: "The flow hides a server",
    message: ({ flow, server }) => `the flow \`${flow}\` is where the server \`${server}\` has its own endpoints`,
    explanation: "Requests for the server's endpoints and metadata would go into the flow, or the other way round.",
    remedy: "Give the flow a path of its own, such as `/mcp`.",
    example: changed([['"https://mcp.example.com/mcp"', '"https://auth.example.com/oauth"']]),
  }),
  AF0709: entry<{ readonly flow: string; readonly other: string }>({
    severity: "error",
    title: "The flow forwards to itself",
    message: ({ flow, other }) =>
      flow === other
        ? `the flow \`${flow}\` forwards to its own address`
        : `the flow \`${flow}\` forwards to the flow \`${other}\``,
    explanation:
      "The request comes back to the proxy with a credential that is not for it, and never reaches an upstream.",
    remedy: "Forward to the upstream's own address.",
    example: changed([['"https://aws-mcp.us-east-1.api.aws/mcp"', '"https://mcp.example.com/mcp"']]),
  }),
  AF0710: entry<{ readonly name: string; readonly other: string; readonly issuer: string }>({
    severity: "error",
    title: "One issuer, two configurations",
    message: ({ name, other, issuer }) =>
      `\`${name}\` and \`${other}\` of another file are both the server at ${issuer}, and are configured differently`,
    explanation:
      "What issues tokens under one URL is one server. Which of the two configurations it would have is left to chance.",
    remedy: "Declare it in one file and import it into the others.",
  }),
} as const
