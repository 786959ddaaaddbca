/**
 * What ToolHive does, as far as a lowering has to know it. Verified in stacklok/toolhive at e25de16c (release 0.44.0); the
 * paths below are of that repository.
 *
 * @module
 */

export const API_VERSION = "toolhive.stacklok.dev/v1beta1"

/** What an operator knows this target by, in messages. */
export const ENGINE = "ToolHive"

/**
 * Claims of the access token that the embedded server issues, which are the ones role rules and the session name are read
 * from: fosite's own, `tsid`, `client_id`, and `name` and `email` of the login's ID token where it has them
 * (pkg/authserver/server/session/session.go, pkg/authserver/upstream/oidc.go). `sub` is there too: see OWN_SUBJECT.
 */
export const OWN_CLAIMS: ReadonlySet<string> = new Set([
  "iss",
  "exp",
  "iat",
  "jti",
  "client_id",
  "name",
  "email",
  "sub",
])

/** Those of them that are copied from the login's ID token, and from nowhere else. */
export const COPIED_CLAIMS: ReadonlySet<string> = new Set(["email", "name"])

/**
 * `sub` is a random UUID that ToolHive gives each person at the first login (pkg/authserver/server/handlers/user.go). It
 * fits a role session's name; no rule can know it beforehand.
 */
export const OWN_SUBJECT = "sub"

/** The embedded server has its callback, as all of `/oauth/`, at the root of its host (pkg/authserver/runner). */
export const CALLBACK_PATH = "/oauth/callback"

/** Routes of the proxy that never reach the upstream (pkg/transport/proxy/transparent, pkg/authserver/runner). */
export const RESERVED_PATHS = ["/health", "/metrics", "/.well-known", "/oauth"] as const

/** Port of the proxy's Service, the CRD's default. */
export const PROXY_PORT = 8080

/** Where the proxy of a container that speaks stdio answers (pkg/transport/proxy/streamable and httpsse). */
export const STDIO_PATH = "/mcp"

/** The Service the operator makes for a MCPServer (createProxyServiceName in pkg/controllerutil/resources.go). */
export const serverServiceName = (server: string): string => `mcp-${server}-proxy`

/** The Service the operator makes for a MCPRemoteProxy (cmd/thv-operator/controllers/mcpremoteproxy_controller.go). */
export const serviceName = (proxy: string): string => `mcp-${proxy}-remote-proxy`

/**
 * Where a VirtualMCPServer keeps event streams open. It answers MCP on other paths too, and cuts every answer there after its
 * write timeout (WriteTimeout in pkg/transport/middleware/write_timeout.go; defaultEndpointPath and defaultWriteTimeout in
 * pkg/vmcp/server/server.go). No field sets either.
 */
export const VIRTUAL_PATH = "/mcp"
export const VIRTUAL_WRITE_TIMEOUT = 30

/** The Service of a VirtualMCPServer and its port (virtualmcpserver_controller.go, virtualmcpserver_deployment.go). */
export const virtualServiceName = (server: string): string => `vmcp-${server}`
export const VIRTUAL_PORT = 4483

/** Request bodies are cut off by the outermost middleware, before the signer's own 10 MiB (pkg/bodylimit). */
export const MAX_BODY = 8 * 1024 * 1024

/** A CEL matcher longer than this does not compile, and the proxy does not start (stacklok/toolhive-core cel/engine.go). */
export const MAX_MATCHER = 10_000

/** `baselineClientScopes` of the CRD. */
export const MAX_BASELINE_SCOPES = 10

/**
 * What a client that registers without naming scopes is given; registration fails when the server does not support each one
 * (pkg/authserver/server/registration/dcr.go). `offline_access` is also what a refresh token hangs on (fosite's default).
 */
export const REGISTRATION_SCOPES = ["openid", "profile", "email", "offline_access"] as const
export const REFRESH_SCOPE = "offline_access"

/** Patterns of the CRD. */
export const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/
export const ROLE_ARN = /^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/[\w+=,.@\-_/]+$/

const ALWAYS_BLOCKED_NAMES = [
  "localhost",
  "kubernetes.default.svc.cluster.local",
  "kubernetes.default.svc",
  "kubernetes.default",
  "metadata.google.internal",
]

/**
 * Why the operator refuses a host as a remote (cmd/thv-operator/pkg/validation/url_validation.go), if it does.
 * `isPrivateAllowed` is `allowPrivateEndpoint`, which lets in private networks and cluster.local, and nothing else.
 */
export const blockedHost = (hostname: string, isPrivateAllowed = false): string | undefined => {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, "")
  const is = (name: string) => host === name || host.endsWith(`.${name}`)
  const name = ALWAYS_BLOCKED_NAMES.find(is)
  if (name !== undefined) return `${name} is an internal name`
  if (is("cluster.local") && !isPrivateAllowed) return "cluster.local is a name inside of the cluster"
  // WHATWG URL parsing has already made every IPv4 form dotted, and IPv4-mapped IPv6 hexadecimal.
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  const [high, low] = [Number.parseInt(mapped?.[1] ?? "0", 16), Number.parseInt(mapped?.[2] ?? "0", 16)]
  const octets = mapped
    ? [high >> 8, high & 255, low >> 8, low & 255]
    : /^\d+(\.\d+){3}$/.test(host)
      ? host.split(".").map(Number)
      : undefined
  if (octets) return blockedIpv4(octets[0] ?? 0, octets[1] ?? 0, isPrivateAllowed)
  if (!host.includes(":")) return undefined
  if (host === "::" || host === "::1") return "it is the machine's own address"
  if (/^fe[89ab]/.test(host)) return "it is a link-local address"
  return /^f[cd]/.test(host) && !isPrivateAllowed ? "it is a private address (fc00::/7)" : undefined
}

const blockedIpv4 = (first: number, second: number, isPrivateAllowed: boolean): string | undefined => {
  if (first === 0 || first === 127) return "it is the machine's own address"
  if (first === 169 && second === 254) return "it is a link-local address, where cloud metadata lives"
  const isPrivate = first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168)
  return isPrivate && !isPrivateAllowed ? "it is a private address (RFC 1918)" : undefined
}
