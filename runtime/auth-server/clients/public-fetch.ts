/**
 * GET of a URL that a stranger named: https, to a public address, without redirects, of bounded size and time.
 *
 * A name is resolved once, every address it has is looked at, and the connection goes to one of exactly these: a name that
 * resolves to another address the next time (DNS rebinding) is never asked a next time. Names and addresses are not told to
 * who asked, or this server would be their port scanner.
 *
 * @module
 */
import { lookup } from "node:dns/promises"
import type { LookupFunction } from "node:net"
import { Data } from "effect"
import { Agent, fetch } from "undici"
import { isLoopbackAddress, isPublicAddress } from "./public-address.ts"

/** It was not asked for, or did not come as asked. `reason` is for the operator. */
export class FetchRefused extends Data.TaggedError("FetchRefused")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface PublicResponse {
  /** `application/json`, in lower case and without parameters; empty when unsaid. */
  readonly type: string
  readonly body: string
  readonly header: (name: string) => string | undefined
}

export interface PublicFetchOptions {
  /** Bytes of the body, as it is after decompression. */
  readonly limit: number
  /** Loopback addresses too: for the sandbox, where everything is there. */
  readonly loopback: boolean
  /** Name resolution; the system's when unsaid. */
  readonly resolve?: (hostname: string) => Promise<readonly Resolved[]>
  /** PEM of an authority to trust in place of the system's. */
  readonly ca?: string
}

export interface Resolved {
  readonly address: string
  readonly family: number
}

/** Milliseconds for all of it. */
const TIMEOUT = 5000

const fromSystem = (hostname: string) => lookup(hostname, { all: true, verbatim: true })

/** The body of an answer with status 200. Rejects with FetchRefused. */
export const publicFetch = (options: PublicFetchOptions): ((url: string) => Promise<PublicResponse>) => {
  const allowed = (address: string) => isPublicAddress(address) || (options.loopback && isLoopbackAddress(address))

  /** All of a name's addresses, or none: one that is not public is no mistake of DNS. */
  const vetted = async (hostname: string): Promise<readonly [Resolved, ...Resolved[]]> => {
    const [first, ...others] = await (options.resolve ?? fromSystem)(hostname)
    if (first === undefined) throw new FetchRefused({ reason: `${hostname} has no address` })
    const stranger = [first, ...others].find(({ address }) => !allowed(address))
    if (stranger !== undefined)
      throw new FetchRefused({ reason: `${hostname} is at ${stranger.address}, which is not public` })
    return [first, ...others]
  }
  const pinned: LookupFunction = (hostname, { all }, done) => {
    vetted(hostname).then(
      ([first, ...others]) => (all === true ? done(null, [first, ...others]) : done(null, first.address, first.family)),
      (cause: unknown) => done(cause instanceof Error ? cause : new Error("unresolved"), "", 0),
    )
  }
  const dispatcher = new Agent({
    connect: { lookup: pinned, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    // Nothing is kept open to a stranger's host.
    pipelining: 0,
    keepAliveTimeout: 1,
    headersTimeout: TIMEOUT,
    bodyTimeout: TIMEOUT,
    maxHeaderSize: 16 * 1024,
  })

  return async (address) => {
    const url = URL.parse(address)
    if (url?.protocol !== "https:") throw new FetchRefused({ reason: "it is no https URL" })
    if (url.username !== "" || url.password !== "")
      throw new FetchRefused({ reason: "it holds a user name or password" })
    // A socket to an address asks no resolver.
    const literal = url.hostname.replace(/^\[|\]$/g, "")
    if (/^[\d.]+$|:/.test(literal) && !allowed(literal)) throw new FetchRefused({ reason: `${literal} is not public` })
    try {
      const response = await fetch(url, {
        dispatcher,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT),
        headers: { accept: "application/json", "user-agent": "authflow" },
      })
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new FetchRefused({ reason: `it answered ${response.status}` })
      }
      const type = response.headers.get("content-type") ?? ""
      return {
        type: type.split(";", 1)[0]?.trim().toLowerCase() ?? "",
        body: await bounded(response.body, options.limit),
        header: (name) => response.headers.get(name) ?? undefined,
      }
    } catch (cause) {
      throw cause instanceof FetchRefused ? cause : new FetchRefused({ reason: reasonOf(cause) })
    }
  }
}

const bounded = async (body: AsyncIterable<Uint8Array> | null, limit: number): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > limit) throw new FetchRefused({ reason: `it has more than ${limit} bytes` })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** The first cause that says something: fetch wraps what happened to the socket. */
const reasonOf = (cause: unknown): string => {
  for (let each = cause; each instanceof Error; each = each.cause) {
    if (each instanceof FetchRefused) return each.reason
    if (each.name === "TimeoutError") return `it did not answer in ${TIMEOUT / 1000} seconds`
    if ("code" in each && typeof each.code === "string") return each.code
  }
  return "it cannot be reached"
}
