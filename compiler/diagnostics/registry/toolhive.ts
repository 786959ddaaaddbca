/**
 * AF08xx: what the toolhive target refuses, and what it lowers but says something about. Each explanation says what ToolHive
 * would have done; the facts and where they stand in ToolHive's source are in targets/toolhive/engine.ts.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, followed, outgoing } from "./toolhive-example.ts"

/** A way out that is one only where authflow's own runtime has all that the file says: see targets/toolhive/context.ts. */
export const LOCAL = "run this flow with `authflow run`, which can do it"

export const toolhive = {
  AF0801: entry<{ readonly subject: string; readonly shown: string; readonly embedded: boolean }>({
    severity: "error",
    title: "ToolHive shows STS another token",
    message: ({ subject, shown }) => `ToolHive would show STS \`${shown}\`, not \`${subject}\``,
    explanation:
      "A ToolHive proxy shows STS what is in the Authorization header when it signs: behind an embedded authorization server " +
      "the access token of the login's first provider, and without one the token the caller brought. A VirtualMCPServer can be " +
      "told another login's access token. Neither has a way to show an ID token, or ToolHive's own token. AWS would be shown a " +
      "token that its trust policies do not name, or one it cannot verify.",
    remedy:
      "Name the access token of a login, if it is a JWT that AWS can verify. Or let an outside issuer identify the " +
      `callers and show AWS their own token. Or ${LOCAL}.`,
    example: changed(["subject = corp.access_token", "subject = corp.id_token"]),
  }),
  AF0802: entry<{ readonly claim: string; readonly use: string }>({
    severity: "error",
    title: "ToolHive's token does not carry this claim",
    message: ({ claim, use }) => `${use} reads \`${claim}\`, which ToolHive's own token does not carry`,
    explanation:
      "Behind an embedded authorization server, rules and the session name are read from the token that server issues. " +
      "ToolHive puts `sub`, `name`, `email`, `client_id` and the protocol's own claims in it and can be told to put in no " +
      "other. A mapping on an absent claim is skipped, so everybody would get the fallback role, or 403; without the claim of " +
      "the session name everybody would get 401.",
    remedy:
      "Choose by `email` or `name`. Or let the issuer that has the claim identify the callers: `identify` the provider itself, " +
      `with no server of ours. Or ${LOCAL}.`,
    example: changed(["name: claims.sub", "name: claims.scope, on_invalid: reject"]),
  }),
  AF0803: entry<{ readonly server: string; readonly claims: readonly string[] }>({
    severity: "error",
    title: "ToolHive cannot carry claims over",
    message: ({ server, claims }) =>
      `\`${server}\` carries ${claims.map((each) => `\`${each}\``).join(", ")} into its tokens; ToolHive's server carries over nothing but \`name\` and \`email\``,
    explanation:
      "ToolHive's authorization server copies `name` and `email` from the login's ID token and has no field for other claims. " +
      "Rules that read them would match nobody.",
    remedy:
      "Leave `claims` out and choose roles by `email` or `name`. Or let the issuer that has the claims identify the callers. " +
      `Or ${LOCAL}.`,
    example: changed(
      ["login     = [corp]", "login     = [corp]\n  claims    = { groups: corp.id_token.groups }"],
      ["  access_token", "  id_token      = { claims: { groups: strings } }\n  access_token"],
    ),
  }),
  AF0804: entry<{ readonly server: string; readonly count: number }>({
    severity: "error",
    title: "ToolHive's proxy logs in at one provider",
    message: ({ server, count }) =>
      `\`${server}\` logs people in at ${count} providers; the ToolHive proxy that this flow needs runs one`,
    explanation:
      "The operator refuses an embedded authorization server with more than one upstream on a MCPRemoteProxy. A VirtualMCPServer " +
      "takes several, and has no bearer token from a secret.",
    remedy:
      "Keep the first provider. Or send the token as a header: `inject header`, with a secret that begins with `Bearer `.",
    example: outgoing(
      "bearer",
      ["login     = [corp]", "login     = [corp, second]"],
      [
        "server gate",
        'provider second = oidc {\n  issuer    = "https://idp.example.org"\n  client_id = "mcp-gateway"\n  scopes    = ["openid"]\n}\n\nserver gate',
      ],
    ),
  }),
  AF0805: entry<{ readonly server: string }>({
    severity: "error",
    title: "ToolHive always lets clients register",
    message: ({ server }) =>
      `\`${server}\` lets no client register; ToolHive's registration endpoint cannot be turned off`,
    explanation:
      "ToolHive serves RFC 7591 dynamic client registration whenever the embedded server runs. Lowered, this file would let in " +
      "what it says to keep out.",
    remedy: `Write \`registration: dynamic\`. Or ${LOCAL}.`,
    example: changed(["login     = [corp]", "login     = [corp]\n  clients   = { registration: none }"]),
  }),
  AF0806: entry<{ readonly issuer: string; readonly path: string }>({
    severity: "error",
    title: "ToolHive serves an issuer at the root of its host",
    message: ({ issuer, path }) => `the issuer \`${issuer}\` has the path \`${path}\`, where ToolHive serves nothing`,
    explanation:
      "ToolHive advertises its endpoints below the issuer's path and serves them at the root of the host: a client that follows " +
      "the metadata to `/path/oauth/token` reaches the MCP proxy, which answers 401.",
    remedy: "Give the server a host of its own and leave the path out.",
    example: changed(['issuer    = "https://auth.example.com"', 'issuer    = "https://auth.example.com/gate"']),
  }),
  AF0807: entry<{ readonly server: string; readonly flow: string; readonly other: string }>({
    severity: "error",
    title: "Two ToolHive proxies cannot share a server",
    message: ({ server, flow, other }) =>
      `\`${flow}\` and \`${other}\` share the server \`${server}\`; ToolHive runs one server inside of each proxy`,
    explanation:
      "An embedded authorization server runs in the pod of its proxy and issues tokens for that proxy's resource only. Two pods " +
      "would answer for one issuer, each knowing only half of the clients and logins, and each would refuse the other's resource.",
    remedy: `Declare a server with an issuer of its own for each flow. Or ${LOCAL}.`,
    example: followed(`flow second at "https://mcp.example.com/second" {
  identify gate

  exchange aws.sts {
    subject = corp.access_token
    region  = "us-east-1"
    role    = match claims.email {
      ends_with "@example.com" => "arn:aws:iam::123456789012:role/mcp-reader"
      else                     => deny
    }
    session = { name: claims.sub }
  }

  sign aws.sigv4 { service = "aws-mcp" }

  forward "https://aws-mcp.us-east-1.api.aws/second"
}
`),
  }),
  AF0808: entry({
    severity: "error",
    title: "ToolHive changes no session name",
    message: () => "ToolHive refuses a session name that STS would not take; it never changes one",
    explanation:
      "ToolHive answers 401 when the claim's value breaks STS's bounds (2 to 64 letters, digits and `_+=,.@-`). It has no way to " +
      "replace or cut.",
    remedy: `Write \`on_invalid: reject\` and name the session by a claim that fits, such as \`claims.sub\`. Or ${LOCAL}.`,
    example: changed(["name: claims.sub,", "name: claims.email, on_invalid: sanitize,"]),
  }),
  AF0809: entry<{ readonly endpoint: string }>({
    severity: "error",
    title: "ToolHive has no STS endpoint to set",
    message: ({ endpoint }) => `ToolHive would call the region's own STS endpoint, not \`${endpoint}\``,
    explanation: "The awsSts configuration has a region and no endpoint; the AWS SDK resolves it.",
    remedy: `Leave \`endpoint\` out. A VPC endpoint with private DNS answers under the region's own name. Or ${LOCAL}.`,
    example: changed([
      'region  = "us-east-1"',
      'region  = "us-east-1"\n    endpoint = "https://sts.us-east-1.amazonaws.com"',
    ]),
  }),
  AF0810: entry<{ readonly bytes: number; readonly max: number }>({
    severity: "error",
    title: "ToolHive's body limit is fixed",
    message: ({ bytes, max }) => `\`max_body\` is ${bytes} bytes; ToolHive's limit is ${max} bytes and cannot be set`,
    explanation: "ToolHive answers 413 to a body over 8 MiB before anything else sees it. No field sets another limit.",
    remedy: `Leave \`max_body\` out, which means 8MiB. Or ${LOCAL}.`,
    example: changed(['{ service = "aws-mcp" }', '{ service = "aws-mcp", max_body = 1MiB }']),
  }),
  AF0811: entry<{ readonly sign: string; readonly exchange: string }>({
    severity: "error",
    title: "ToolHive signs for the region of STS",
    message: ({ sign, exchange }) =>
      `the signature is for \`${sign}\` and STS is in \`${exchange}\`; ToolHive has one region for both`,
    explanation:
      "ToolHive exchanges and signs in one step with one region. The service in the other region would refuse the signature.",
    remedy: `Use one region: STS answers in each. Or ${LOCAL}.`,
    example: changed(['{ service = "aws-mcp" }', '{ service = "aws-mcp", region = "eu-central-1" }']),
  }),
  AF0812: entry<{ readonly host: string; readonly why: string }>({
    severity: "error",
    title: "ToolHive refuses this upstream host",
    message: ({ host, why }) => `the operator refuses \`${host}\` as a remote: ${why}`,
    explanation:
      "The ToolHive operator refuses remotes on loopback, link-local and cluster-internal addresses, so that a tenant cannot " +
      "reach what the cluster can. Private networks need `allowPrivateEndpoint`, which a file has no word for yet.",
    remedy: `Forward to a public host. Or ${LOCAL}.`,
    example: changed(['forward "https://aws-mcp.us-east-1.api.aws/mcp"', 'forward "https://10.0.0.7/mcp"']),
  }),
  AF0813: entry<{ readonly flow: string; readonly forward: string }>({
    severity: "error",
    title: "ToolHive signs the path that came in",
    message: ({ flow, forward }) =>
      `the flow's path is \`${flow}\` and the upstream's \`${forward}\`; ToolHive signs the first and sends the second, which AWS refuses`,
    explanation:
      "ToolHive computes the signature on the request's own path and puts the remote URL's path in its place afterwards. Where " +
      "the two differ, the signature is of another request than the one that arrives. A path with percent-encoding is written " +
      "anew on the way and may differ as well.",
    remedy: `Give the flow the upstream's path: \`https://mcp.example.com/mcp\` for an upstream at \`/mcp\`. Or ${LOCAL}.`,
    example: changed(['at "https://mcp.example.com/mcp"', 'at "https://mcp.example.com/aws"']),
  }),
  AF0814: entry<{ readonly query: string }>({
    severity: "error",
    title: "ToolHive signs before it adds the query",
    message: ({ query }) => `ToolHive adds the query \`${query}\` after it has signed the request, so AWS refuses it`,
    explanation:
      "The remote URL's query is merged into the request by the proxy, behind the signer; it is not in the signature.",
    remedy: `Leave the query out. Or ${LOCAL}.`,
    example: changed(["api.aws/mcp", "api.aws/mcp?toolset=core"]),
  }),
  AF0815: entry({
    severity: "error",
    title: "ToolHive has no upstream timeout",
    message: () => "ToolHive has no field for `timeout`",
    explanation:
      "A ToolHive proxy waits for the upstream's answer as long as it takes, and a VirtualMCPServer cuts an answer to a POST after " +
      "30 seconds. Neither can be told otherwise.",
    remedy: `Leave \`timeout\` out, and put the limit on the ingress. Or ${LOCAL}.`,
    example: changed([
      'forward "https://aws-mcp.us-east-1.api.aws/mcp"',
      'forward "https://aws-mcp.us-east-1.api.aws/mcp" { timeout = 10s }',
    ]),
  }),
  AF0816: entry<{ readonly provider: string }>({
    severity: "error",
    title: "ToolHive pins no algorithms",
    message: ({ provider }) =>
      `\`${provider}\` pins signature algorithms; ToolHive accepts any RSA or ECDSA one and none other`,
    explanation:
      "ToolHive's validator takes RS and ES algorithms of any size and refuses PS and EdDSA. It has no field for the list, so a " +
      "narrower one would not be kept.",
    remedy: `Leave \`algorithms\` out. Or ${LOCAL}.`,
    example: changed(["  access_token", "  algorithms    = [ES256]\n  access_token"]),
  }),
  AF0817: entry<{ readonly arn: string }>({
    severity: "error",
    title: "ToolHive's resource definition refuses this role",
    message: ({ arn }) => `\`${arn}\` is in a partition that ToolHive's resource definition does not know`,
    explanation:
      "The definition accepts role ARNs of the partitions aws, aws-cn and aws-us-gov. `kubectl apply` would fail.",
    remedy: `Use a role of one of those partitions. Or ${LOCAL}.`,
    example: changed(
      ["arn:aws:iam", "arn:aws-iso:iam"],
      ['region  = "us-east-1"', 'region  = "us-iso-east-1"'],
      ["aws-mcp.us-east-1.api.aws", "aws-mcp.us-iso-east-1.example.com"],
    ),
  }),
  AF0818: entry<{ readonly region: string }>({
    severity: "error",
    title: "ToolHive's resource definition refuses this region",
    message: ({ region }) => `\`${region}\` is no region by ToolHive's resource definition`,
    explanation:
      "The definition wants two letters, words and a number: `us-east-1`, `us-gov-west-1`. `kubectl apply` would fail.",
    remedy: `Use a region of that form. Or ${LOCAL}.`,
    example: changed(['region  = "us-east-1"', 'region  = "eusc-de-east-1"'], ["arn:aws:iam", "arn:aws-eusc:iam"]),
  }),
  AF0819: entry<{ readonly what: string; readonly name: string; readonly problem: string }>({
    severity: "error",
    title: "The name makes no Kubernetes name",
    message: ({ what, name, problem }) => `the ${what} \`${name}\` cannot be named so in Kubernetes: ${problem}`,
    explanation:
      "Objects are named as in the file, with `-` for `_`, and nothing is cut off or added behind your back. The proxy's Service " +
      "is named `mcp-<flow>-remote-proxy`, which has to fit 63 characters.",
    remedy: "Rename it.",
    example: changed(["flow aws_mcp", "flow aws_mcp_"]),
  }),
  AF0820: entry<{ readonly kind: string; readonly name: string; readonly flow: string; readonly other: string }>({
    severity: "error",
    title: "Two Kubernetes objects would have one name",
    message: ({ kind, name, flow, other }) =>
      flow === other
        ? `\`${flow}\` makes two objects ${kind} \`${name}\``
        : `\`${flow}\` and \`${other}\` both make ${kind} \`${name}\``,
    explanation:
      "Object names are made of the names in the file: the server's own, the flow's own, and the flow's with `-oidc`, " +
      "`-sts`, `-outgoing` and `-upstream`. " +
      "The second object would replace the first.",
    remedy: "Rename one of them.",
    example: changed(["server gate", "server aws_mcp_sts"], ["identify gate", "identify aws_mcp_sts"]),
  }),
  AF0821: entry<{ readonly reason: string }>({
    severity: "warning",
    title: "ToolHive tells the caller no reason",
    message: ({ reason }) =>
      `ToolHive refuses these callers as said, but cannot tell them why: ${JSON.stringify(reason)}`,
    explanation:
      "ToolHive answers 403 `Failed to determine IAM role` to everybody without a role. Who gets in is the same; the reason stays " +
      "in the manifest as a comment.",
    remedy: "Write `deny` without a reason if you do not want to be told again.",
    example: changed(["=> deny", '=> deny("not one of ours")']),
  }),
  AF0822: entry<{ readonly server: string }>({
    severity: "warning",
    title: "Keys of codes and refresh tokens die with the pod",
    message: ({ server }) =>
      `\`${server}\` has no \`hmac_keys\`: ToolHive makes one when the pod starts, and every refresh token and code dies with it`,
    explanation:
      "Without `hmac_keys` ToolHive's server makes a key at each start and says so in its log only. Refresh tokens and codes made " +
      "with it are worth nothing afterwards, and two pods do not accept each other's.",
    remedy: 'Add one of 32 random bytes or more: `hmac_keys = [secret("gate-hmac", key: "current")]`.',
    example: changed(['  hmac_keys = [secret("gate-hmac", key: "current")]\n', ""]),
  }),
  AF0823: entry<{ readonly reason: string }>({
    severity: "error",
    title: "ToolHive cannot evaluate this CEL",
    message: ({ reason }) => `ToolHive cannot evaluate this expression: ${reason}`,
    explanation:
      "ToolHive compiles matchers with CEL's standard library when the proxy starts, and the proxy does not start when one does " +
      "not compile; one that fails on a caller's claims is skipped in silence.",
    remedy: `Say it with the standard library (\`startsWith\`, \`endsWith\`, \`contains\`, \`matches\`, \`in\`, \`exists\`, \`all\`, \`size\`). Or ${LOCAL}.`,
    example: changed([
      "      else ",
      `      when "has(claims.email) && claims.email.lowerAscii() == 'ada@example.org'" => "arn:aws:iam::123456789012:role/mcp-admin"\n      else `,
    ]),
  }),
  AF0824: entry({
    severity: "error",
    title: "Nobody would get a role",
    message: () => "every rule refuses, and ToolHive does not start without a role to give",
    explanation: "ToolHive wants role mappings or a fallback role. A flow that refuses everybody has neither.",
    remedy: "Give somebody a role, or leave the flow out.",
    example: changed(['=> "arn:aws:iam::123456789012:role/mcp-reader"', "=> deny"]),
  }),
  AF0825: entry<{ readonly path: string; readonly reserved: string }>({
    severity: "error",
    title: "ToolHive serves this path itself",
    message: ({ path, reserved }) =>
      `ToolHive serves \`${reserved}\` itself; nothing sent to \`${path}\` reaches the upstream`,
    explanation:
      "A proxy answers `/health`, `/metrics`, `/oauth/…` and `/.well-known/…` on its own, without asking who calls.",
    remedy: "Give the flow another path.",
    example: changed(
      ['at "https://mcp.example.com/mcp"', 'at "https://mcp.example.com/health"'],
      ["api.aws/mcp", "api.aws/health"],
    ),
  }),
  AF0826: entry<{ readonly url: string }>({
    severity: "error",
    title: "ToolHive compares the resource letter by letter",
    message: ({ url }) => `clients ask for a token for \`${url}/\`, which ToolHive does not take for \`${url}\``,
    explanation:
      "MCP clients parse the resource as a URL and send it with the slash that an empty path gets (RFC 8707, RFC 3986 section " +
      "6.2.3). ToolHive compares strings and answers `invalid_target`: nobody could log in.",
    remedy: "Write the slash, or give the flow a path.",
    example: changed(['at "https://mcp.example.com/mcp"', 'at "https://mcp.example.com"'], ["api.aws/mcp", "api.aws/"]),
  }),
  AF0827: entry<{ readonly server: string }>({
    severity: "error",
    title: "ToolHive makes up `sub`",
    message: ({ server }) =>
      `a role rule reads \`sub\`, which \`${server}\` on ToolHive makes up: a new random UUID for each person`,
    explanation:
      "`sub` of ToolHive's own token is not the provider's: it is drawn when a person first logs in, and drawn again when the pod " +
      "has restarted. No rule can know it. As the name of the role session it is fine.",
    remedy: `Choose by \`email\` or \`name\`. Or let an outside issuer identify the callers. Or ${LOCAL}.`,
    example: changed(["match claims.email", "match claims.sub"]),
  }),
  AF0828: entry<{ readonly count: number; readonly max: number }>({
    severity: "error",
    title: "More scopes than ToolHive registers",
    message: ({ count, max }) =>
      `with \`offline_access\` these are ${count} scopes; ToolHive gives every client ${max} at most`,
    explanation:
      "The flow's scopes are given to every client that registers (`baselineClientScopes`), for a client that registered for less " +
      "could not ask for them. The resource definition allows 10.",
    remedy: `Ask for fewer scopes. Or ${LOCAL}.`,
    example: changed([
      'scopes = ["openid", "email"] }',
      'scopes = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] }',
    ]),
  }),
  AF0829: entry<{ readonly claim: string; readonly provider: string }>({
    severity: "error",
    title: "ToolHive would not find this claim at the login",
    message: ({ claim, provider }) =>
      `\`${claim}\` is read, and ToolHive takes it from the ID token of \`${provider}\`, which is not known to hold it`,
    explanation:
      "ToolHive copies `email` and `name` from the login's ID token into its own, never from userinfo. No rule on a claim that " +
      "only userinfo has would ever match.",
    remedy:
      "Ask for the claim's scope (`email` for `email`, `profile` for `name`), or declare the claim in `id_token` if the provider " +
      "puts it there anyway.",
    example: changed(
      ['["openid", "email", "offline_access"]', '["openid", "offline_access"]'],
      ["  access_token", "  userinfo      = { claims: { email: string } }\n  access_token"],
    ),
  }),
  AF0830: entry<{ readonly length: number; readonly max: number }>({
    severity: "error",
    title: "A role rule too long for ToolHive",
    message: ({ length, max }) =>
      `this rule becomes a matcher of ${length} characters; ToolHive compiles ${max} at most`,
    explanation:
      "A rule has to say that no refusing rule before it applies, so it grows with them. The proxy does not start with a matcher " +
      "over the limit.",
    remedy: `Put fewer values or shorter expressions in the rules, or refuse in \`else\`. Or ${LOCAL}.`,
    example: changed([
      'ends_with "@example.com"',
      `in [${Array.from({ length: 600 }, (_, i) => `"person-${i}@example.com"`).join(", ")}]`,
    ]),
  }),
} as const
