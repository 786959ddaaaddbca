/**
 * AF155x: the clients of an authorization server.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed } from "./example.ts"
import { serving } from "./toolhive-example.ts"

const known = (client: string): readonly [string, string] => [
  "  login  = [corp]\n",
  `  login  = [corp]\n  clients = { known: { reports: { ${client} } } }\n`,
]

export const clients = {
  AF1550: entry<{ readonly server: string; readonly client: string }>({
    severity: "error",
    title: "ToolHive knows no client beforehand",
    message: ({ server, client }) =>
      `\`${server}\` knows the client \`${client}\`, which ToolHive's server cannot be told of`,
    explanation:
      "ToolHive's authorization server learns of clients when they register or by their metadata documents. It has no field for " +
      "one that is known from the start, so it would answer its first request with `invalid_client`.",
    remedy:
      "Leave `known` out and let the client register, or publish a metadata document. Or run this flow with `authflow run`, which can do it.",
    example: serving(
      '  clients = { known: { reports: { redirect_uris: ["https://reports.example.com/callback"] } } }',
      "  clients = { registration: dynamic }",
    ),
  }),
  AF1551: entry<{ readonly client: string; readonly redirect: string }>({
    severity: "warning",
    title: "An app on a person's computer keeps no secret",
    message: ({ client, redirect }) => `\`${client}\` has a secret, and \`${redirect}\` is on a person's own computer`,
    explanation:
      "What is installed on many computers can be taken apart on each of them (RFC 8252 section 8.5), so a secret in it shows " +
      "nothing about who uses it. PKCE protects such a client without one.",
    remedy: "Leave `secret` out, or the redirect URI if it is only for trying things out.",
    example: changed(
      [known('redirect_uris: ["http://127.0.0.1/callback"], secret: secret("reports", key: "client-secret")')],
      [known('name: "Monthly reports", redirect_uris: ["http://127.0.0.1/callback"]')],
    ),
  }),
  AF1552: entry<{ readonly redirect: string; readonly reason: string }>({
    severity: "error",
    title: "People cannot be sent back there",
    message: ({ redirect, reason }) => `\`${redirect}\` can be no redirect URI of a client: ${reason}`,
    explanation:
      "The authorization code is sent to this address. It has to be one that only the client can read: an https URL, `http` on " +
      "the loopback address, or a scheme of an app's own (OAuth 2.1, RFC 8252 section 7).",
    remedy: "Write the address where the client waits for the answer, as the client itself gives it.",
    example: changed(
      [known('redirect_uris: ["http://reports.example.com/callback"]')],
      [known('redirect_uris: ["https://reports.example.com/callback"]')],
    ),
  }),
} as const
