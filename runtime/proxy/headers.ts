/**
 * Which headers pass. Requests: everything but what belongs to one connection, to the caller's identity at our door, to
 * other proxies' claims about the caller, and to the signature. Answers: everything but what belongs to one connection and
 * what would speak in our origin's name. MCP's own headers (`mcp-session-id`, `mcp-protocol-version`, `last-event-id`,
 * `mcp-method`, `mcp-name`) pass both ways untouched.
 *
 * @module
 */

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>

/** RFC 9110 section 7.6.1, and the names old software still sends. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
])

const requestOnly = new Set([
  // Written anew for the upstream.
  "host",
  "content-length",
  // Answered by us.
  "expect",
  // The caller's credentials are for us; passing them on is what RFC 9728 and MCP forbid. Cookies are those of our own
  // origin, the authorization server's session among them.
  "authorization",
  "cookie",
  // What somebody says about the caller. We do not know who wrote it, and the upstream might believe it.
  "forwarded",
  "via",
  "x-real-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "x-original-url",
  "x-rewrite-url",
  // Proofs and certificates of the caller: for our door (RFC 9449, RFC 9440).
  "dpop",
  "client-cert",
  "client-cert-chain",
  // We say it ourselves.
  "x-request-id",
])

const answerOnly = new Set([
  // A challenge would start a login at us for an upstream's reason; see UpstreamRefused.
  "www-authenticate",
  // These act on our origin, which the authorization server may share.
  "set-cookie",
  "set-cookie2",
  "strict-transport-security",
  "alt-svc",
  "clear-site-data",
  "x-request-id",
  // Which pages may read the answer is ours to say.
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
])

/** Names of the signature's own headers, which only the signing stage writes. Load balancers of AWS send some as well. */
const reserved = (name: string): boolean => name.startsWith("x-amz-") || name.startsWith("x-amzn-")

export interface FilteredRequest {
  readonly headers: HeaderList
  /** Names of reserved headers that the caller sent and that are gone, for the journal. */
  readonly dropped: readonly string[]
}

/** `raw` is Node's flat `rawHeaders`. `key`: lower-case name of the header that the caller's API key comes in. */
export const requestHeaders = (raw: readonly string[], host: string, key?: string): FilteredRequest => {
  const pairs = pairsOf(raw)
  const named = namedByConnection(pairs)
  const headers: Array<readonly [string, string]> = [["host", host]]
  const dropped = new Set<string>()
  for (const [name, value] of pairs) {
    if (reserved(name)) dropped.add(name)
    else if (
      !hopByHop.has(name) &&
      !named.has(name) &&
      !requestOnly.has(name) &&
      name !== key &&
      !name.startsWith("proxy-") &&
      !name.startsWith("x-forwarded-")
    ) {
      headers.push([name, value])
    }
  }
  return { headers, dropped: [...dropped] }
}

/** What of the upstream's headers the caller gets. */
export const answerHeaders = (pairs: HeaderList): HeaderList => {
  const named = namedByConnection(pairs)
  return pairs.filter(
    ([name]) => !hopByHop.has(name) && !named.has(name) && !answerOnly.has(name) && !name.startsWith("proxy-"),
  )
}

/** Flat name, value, name, value… as pairs with lower-case names. */
export const pairsOf = (raw: readonly string[]): HeaderList => {
  const pairs: Array<readonly [string, string]> = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([(raw[at] ?? "").toLowerCase(), raw[at + 1] ?? ""])
  return pairs
}

const namedByConnection = (pairs: HeaderList): ReadonlySet<string> =>
  new Set(
    pairs
      .filter(([name]) => name === "connection")
      .flatMap(([, value]) => value.split(","))
      .map((name) => name.trim().toLowerCase()),
  )
