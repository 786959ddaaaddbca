/**
 * AF085x: what the toolhive target refuses of the way to the upstream. What ToolHive would have done is in each explanation;
 * which of its kinds runs what is in targets/toolhive/carrier.ts.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { outgoing } from "./toolhive-example.ts"

export const toolhiveOutgoing = {
  AF0850: entry<{ readonly subject: string; readonly shown: string }>({
    severity: "error",
    title: "ToolHive exchanges another token",
    message: ({ subject, shown }) => `ToolHive would exchange \`${shown}\`, not \`${subject}\``,
    explanation:
      "A ToolHive proxy exchanges what is in the Authorization header: behind an embedded authorization server the access token " +
      "of the login's first provider, and without one the token the caller brought. A VirtualMCPServer can be told another " +
      "login, and takes its access token. Neither exchanges an ID token, or the token of ToolHive's own server; with " +
      "`subjectTokenType` it would only call an access token by another name.",
    remedy: "Exchange the access token of a login. For an ID token, see whether the upstream takes `exchange xaa`.",
    example: outgoing("exchange", ["subject   = corp.access_token", "subject   = corp.id_token"]),
  }),
  AF0851: entry<{ readonly header: string }>({
    severity: "error",
    title: "ToolHive would pass on a second token",
    message: ({ header }) =>
      `ToolHive would send the new token in \`${header}\`, and the token it was exchanged for in \`Authorization\` beside it`,
    explanation:
      "With `externalTokenHeaderName` a ToolHive proxy adds a header and leaves Authorization as it is: the upstream gets the " +
      "person's own token as well. A VirtualMCPServer ignores the field and uses Authorization.",
    remedy: "Leave `header` out, and let the upstream read Authorization.",
    example: outgoing("exchange", ['audience  = "orders"', 'audience  = "orders"\n    header    = "X-Orders-Token"']),
  }),
  AF0852: entry<{ readonly scopes: readonly string[] }>({
    severity: "error",
    title: "ToolHive checks no scopes",
    message: ({ scopes }) =>
      `ToolHive advertises ${scopes.map((scope) => `\`${scope}\``).join(", ")} and lets in callers without`,
    explanation:
      "ToolHive puts a flow's scopes into its metadata and does not look for them in a token. Before AWS they are asked for by the " +
      "role mappings; no other type has a place for them. More people would get in than the file says.",
    remedy:
      "Leave `scopes` out, and refuse at the upstream or at the authorization server; or run this flow with a target that checks them.",
    example: outgoing("exchange", ["  identify gate\n", '  identify gate { scopes = ["orders:read"] }\n']),
  }),
  AF0853: entry<{ readonly path: string; readonly served: string; readonly seconds: number }>({
    severity: "error",
    title: "A VirtualMCPServer keeps streams open on one path",
    message: ({ path, served, seconds }) =>
      `a VirtualMCPServer keeps event streams open on \`${served}\` only; on \`${path}\` it would cut each one after ${seconds} seconds`,
    explanation:
      "This flow needs a VirtualMCPServer (the manifest says why). Its write timeout is lifted for event streams on `/mcp` and " +
      "nowhere else, and some other paths are its own. No field of the resource sets either.",
    remedy: "Give the flow the path `/mcp`, and a host of its own.",
    example: outgoing("header", ['at "https://orders.example.com/mcp"', 'at "https://orders.example.com/orders"']),
  }),
  AF0854: entry({
    severity: "error",
    title: "ToolHive's on-behalf-of is not in its public builds",
    message: () =>
      "ToolHive's public builds do not run on-behalf-of: the object would be marked invalid (EnterpriseRequired)",
    explanation:
      "ToolHive's resource definition has the type `obo`, and a build without the vendor's enterprise handler accepts it and does " +
      "nothing but mark it. A MCPRemoteProxy that refers to it does not come up. What the handler does is not public, so that " +
      "nothing of it can be checked here.",
    remedy:
      "With the vendor's enterprise build, say so: `deploy toolhive { enterprise = true }`. Without it, use `exchange token_exchange` where a gateway of yours does RFC 8693, or put the exchange into the upstream itself.",
    example: {
      target: "toolhive",
      good: outgoing("obo", ["  identify gate\n", "  deploy toolhive { enterprise = true }\n\n  identify gate\n"]).bad,
      bad: outgoing("obo").bad,
    },
  }),
  AF0855: entry<{ readonly token: string }>({
    severity: "error",
    title: "ToolHive puts another token in its place",
    message: ({ token }) =>
      `ToolHive would not pass on \`${token}\`: behind its own server it sends the login's token instead`,
    explanation:
      "Behind an embedded authorization server a ToolHive proxy puts the access token of the first login in the place of the " +
      "caller's own. The caller's token never leaves.",
    remedy:
      "Show the login's token: `inject token { token = corp.access_token }`. Or let an outside issuer identify the callers.",
    example: outgoing("token", [
      "{ token = corp.access_token }",
      "{ token = gate.access_token, passthrough = allowed }",
    ]),
  }),
  AF0856: entry<{ readonly client: string }>({
    severity: "error",
    title: "ToolHive wants a secret for this client",
    message: ({ client }) =>
      `\`${client}\` has no \`client_secret\`, and ToolHive runs \`exchange xaa\` for no client without`,
    explanation:
      "ToolHive's xaa takes a client with its secret, or none at all. With an identifier alone the backend fails its check and is " +
      "left out of the server.",
    remedy: "Add `client_secret`, or leave `client_id` out where the endpoint knows us in another way.",
    example: outgoing("xaa", ['    idp_client_secret = secret("corp-idp", key: "client-secret")\n', ""]),
  }),
} as const
