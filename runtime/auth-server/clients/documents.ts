/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document-02): a client that is known by the https URL of a
 * document about it. The engine asks for a document each time it meets the URL; here it is fetched, held against the draft's
 * bounds and kept by HTTP's rules.
 *
 * The draft (section 5) forbids to follow redirects: who can redirect from a URL is not always who owns it.
 *
 * @module
 */
import type { Events } from "../events.ts"
import { FetchRefused, type PublicResponse } from "./public-fetch.ts"

/** Bytes (the draft, section 8.7, has 5 kB as what is usual at most; ToolHive takes 10 KiB). */
export const DOCUMENT_LIMIT = 10 * 1024

/** Seconds that a document is kept in any case: the steps of one login do not ask for it again. */
const LEAST = 10
/** Seconds that it is kept at most (the draft, section 5.2, asks for an upper limit). */
const MOST = 24 * 60 * 60
/** Seconds that a failure is kept: nobody may use us to knock at a door. */
const FAILURE = 5

export interface DocumentsOptions {
  readonly fetch: (url: string) => Promise<PublicResponse>
  /** How many are kept. */
  readonly size: number
  /** Seconds that one is kept whose answer does not say. */
  readonly lifetime: number
  /** How many seconds to wait before the next may be asked for; 0 for none. Those that are kept are not counted. */
  readonly rate: () => number
  readonly events: Events
  /** Epoch milliseconds. */
  readonly now?: () => number
}

interface Kept {
  readonly document: Promise<string>
  /** Epoch milliseconds; while it is under way, never. */
  until: number
}

/** Text of the document at a URL, which is JSON by its media type. Rejects with FetchRefused. */
export const documents = (options: DocumentsOptions): ((url: string) => Promise<string>) => {
  const { events, now = Date.now } = options
  const kept = new Map<string, Kept>()

  const load = async (url: string): Promise<{ readonly body: string; readonly seconds: number }> => {
    if (options.rate() > 0) throw new FetchRefused({ reason: "too many are asked for" })
    const response = await options.fetch(url)
    // RFC 6839: `application/…+json` is JSON, too.
    if (!/^application\/([\w.-]+\+)?json$/.test(response.type)) {
      throw new FetchRefused({
        reason: `it is ${response.type === "" ? "of no media type" : response.type} and no JSON`,
      })
    }
    return { body: response.body, seconds: freshness(response, options.lifetime, now()) }
  }

  return (url) => {
    const found = kept.get(url)
    if (found !== undefined && found.until > now()) {
      // To the end of the map: what is in use makes room last.
      kept.delete(url)
      kept.set(url, found)
      return found.document
    }
    const loading = load(url)
    const entry: Kept = { document: loading.then(({ body }) => body), until: Number.POSITIVE_INFINITY }
    kept.delete(url)
    kept.set(url, entry)
    for (const oldest of kept.keys()) {
      if (kept.size <= options.size) break
      kept.delete(oldest)
    }
    loading.then(
      ({ seconds }) => {
        entry.until = now() + seconds * 1000
        events.write("client", "ok", `metadata document of ${url} read`, { client: url })
      },
      (cause: unknown) => {
        entry.until = now() + FAILURE * 1000
        const why = cause instanceof FetchRefused ? cause.reason : "unknown error"
        events.write("client", "refused", `metadata document of ${url} not read: ${why}`, { client: url })
      },
    )
    return entry.document
  }
}

/** RFC 9111 section 4.2: seconds that it stays fresh, within our bounds. */
const freshness = ({ header }: PublicResponse, unsaid: number, now: number): number => {
  const bounded = (seconds: number) => Math.min(MOST, Math.max(LEAST, seconds))
  const control = (header("cache-control") ?? "").toLowerCase()
  if (/(^|[,\s])no-(store|cache)\b/.test(control)) return LEAST
  const age = Math.max(0, Number(header("age") ?? 0) || 0)
  const stated = /(?:^|[,\s])max-age=(\d{1,10})/.exec(control)?.[1]
  if (stated !== undefined) return bounded(Number(stated) - age)
  const expires = header("expires")
  if (expires === undefined) return bounded(unsaid)
  const at = Date.parse(expires)
  return bounded(Number.isNaN(at) ? 0 : (at - now) / 1000)
}
