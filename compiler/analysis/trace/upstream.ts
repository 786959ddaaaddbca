/**
 * The headers of the request that leaves, as the runtime's proxy and its signing stage leave them: everything but what
 * belongs to one connection, to the caller's identity at our door, to other proxies' claims about the caller, and to the
 * signature.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { UpstreamHeader } from "./account.ts"

type Pair = readonly [name: string, value: string]

/** RFC 9110 section 7.6.1, and the names old software still sends. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]

/** Written anew, answered by us, or somebody's word about who calls. */
const OURS = [
  "host",
  "content-length",
  "expect",
  "authorization",
  "cookie",
  "forwarded",
  "via",
  "x-real-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "x-original-url",
  "x-rewrite-url",
  "dpop",
  "client-cert",
  "client-cert-chain",
  "x-request-id",
]

const stopped: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...OURS])

export interface Passed {
  readonly headers: readonly Pair[]
  /** Names of the caller's headers that do not pass. */
  readonly dropped: readonly string[]
}

/** The caller's headers that go on, with lower-case names, behind the upstream's `host`. */
export const passOn = (given: readonly Pair[], url: string): Passed => {
  const pairs = given.map(([name, value]): Pair => [name.toLowerCase(), value])
  const named = new Set(
    pairs
      .filter(([name]) => name === "connection")
      .flatMap(([, value]) => value.split(","))
      .map((name) => name.trim().toLowerCase()),
  )
  const passes = ([name]: Pair): boolean =>
    !stopped.has(name) && !named.has(name) && !/^(x-amz-|x-amzn-|proxy-|x-forwarded-)/.test(name)
  return {
    headers: [["host", new URL(url).host], ...pairs.filter(passes)],
    dropped: [...new Set(pairs.filter((pair) => !passes(pair)).map(([name]) => name))],
  }
}

/** S3 wants the hash of the body as a header. */
const S3 = ["s3", "s3-object-lambda", "s3-outposts", "s3express"]

/** What SigV4 adds and replaces (`date` is AWS's own `x-amz-date` then). Repeated headers are on one line. */
export const signedHeaders = (stage: StageOf<"aws.sigv4">, headers: readonly Pair[]): readonly UpstreamHeader[] => {
  const lines = new Map<string, string>()
  for (const [name, value] of headers) {
    if (name === "date") continue
    const earlier = lines.get(name)
    lines.set(name, earlier === undefined ? value.trim() : `${earlier},${value.trim()}`)
  }
  return [
    ...[...lines].map(([name, value]): UpstreamHeader => ({ name, value })),
    { name: "x-amz-date", made: "time" },
    { name: "x-amz-security-token", made: "session_token" },
    ...(S3.includes(stage.output.service) || stage.output.payload === "unsigned"
      ? [{ name: "x-amz-content-sha256", made: "hash" } as const]
      : []),
    { name: "authorization", made: "sigv4" },
  ]
}
