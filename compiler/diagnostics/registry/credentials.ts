/**
 * AF04xx: the chain of credentials through a flow.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, OUTSIDE, SOUND } from "./example.ts"
import { choices } from "./names.ts"

const EXCHANGE = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  sign"))
const SIGN = '  sign aws.sigv4 { service = "aws-mcp" }\n'
const FORWARD = '  forward "https://aws-mcp.us-east-1.api.aws/mcp"\n'
const IDENTIFY = '  identify gate { scopes = ["mcp:use"] }\n'

export const credentials = {
  AF0401: entry<{
    readonly stage: string
    readonly consumes: string
    readonly found: string
    readonly makers: readonly string[]
  }>({
    severity: "error",
    title: "The stage is fed the wrong credential",
    message: ({ stage, consumes, found, makers }) =>
      `\`${stage}\` needs ${consumes}, and there is ${found} here; ${choices(makers)} produces ${consumes}`,
    explanation: "Each stage takes the credential of the stage before it. This chain does not fit together.",
    remedy: "Add the stage that makes what is needed, or change the order.",
    example: changed([[EXCHANGE, ""]]),
  }),
  AF0402: entry<{ readonly stage: string }>({
    severity: "error",
    title: "Nobody knows who calls",
    message: ({ stage }) => `\`${stage}\` comes before \`identify\`: nobody knows who calls`,
    explanation: "A flow begins by verifying the caller. Without that, everybody would get what comes after.",
    remedy: "Begin the flow with `identify`.",
    example: changed(
      [
        ["  identify corp\n", ""],
        ["subject = corp.access_token", "subject = corp.access_token"],
      ],
      [],
      OUTSIDE,
    ),
  }),
  AF0403: entry<{ readonly flow: string }>({
    severity: "error",
    title: "The flow leads nowhere",
    message: ({ flow }) => `the flow \`${flow}\` has no \`forward\``,
    explanation: "A flow ends by forwarding the request to an upstream.",
    remedy: 'End the flow with `forward "https://…"`.',
    example: changed([[FORWARD, ""]]),
  }),
  AF0404: entry<{ readonly stage: string }>({
    severity: "error",
    title: "A stage after the last one",
    message: ({ stage }) => `\`${stage}\` comes after \`forward\`, when the request has left`,
    explanation: "Nothing can be done to a request that has been sent.",
    remedy: "Move the stage above `forward`.",
    example: changed([[FORWARD, `${FORWARD}  forward "https://other.example.com/mcp"\n`]]),
  }),
  AF0405: entry({
    severity: "error",
    title: "The caller is identified twice",
    message: () => "the caller is identified already",
    explanation: "A request carries one token. A second `identify` would have to say whose word counts.",
    remedy: "Keep one of them. Callers of two kinds need two flows.",
    example: changed([[IDENTIFY, `${IDENTIFY}${IDENTIFY}`]]),
  }),
  AF0406: entry({
    severity: "error",
    title: "Nothing to send to the upstream",
    message: () => "nothing was made for the upstream: the caller's own token is never passed on",
    explanation:
      "The caller's token is for this flow and not for the upstream; passing it on is forbidden by the MCP specification. Without an exchange, the request would arrive with no credential at all.",
    remedy: "Add the `exchange` (and `sign`) that the upstream asks for.",
    example: changed([
      [EXCHANGE, ""],
      [SIGN, ""],
    ]),
  }),
  AF0407: entry<{ readonly stage: string }>({
    severity: "error",
    title: "A stage after the signature",
    message: ({ stage }) => `\`${stage}\` comes after the request is signed, and would break the signature`,
    explanation:
      "A signature covers the request as it leaves. Whatever changes it afterwards makes the upstream refuse it.",
    remedy: "Move the stage above `sign`.",
    example: changed([[SIGN, `${SIGN}  sign aws.sigv4 { service = "s3" }\n`]]),
  }),
  AF0408: entry<{ readonly flow: string }>({
    severity: "error",
    title: "The flow is empty",
    message: ({ flow }) => `the flow \`${flow}\` has no stages`,
    explanation: "A flow says who calls, what is exchanged, how it is signed and where it goes.",
    remedy: "Write its stages, `identify` first and `forward` last.",
    example: { bad: `${SOUND}\nflow other at "https://mcp.example.com/other" {\n}\n`, good: SOUND },
  }),
  AF0409: entry({
    severity: "error",
    title: "There is no flow",
    message: () => "the file has no flow, so there is nothing to run",
    explanation: "Providers and servers do something only where a flow uses them.",
    remedy: 'Add a flow: `flow name at "https://…" { … }`.',
    example: { bad: "// nothing yet\n", good: SOUND },
  }),
} as const
