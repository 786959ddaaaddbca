/**
 * What somebody is looking at as the fragment of a link: JSON, deflated (RFC 1951), base64url (RFC 4648 section 5). A fragment
 * is not sent to the server that the page comes from.
 *
 * @module
 */

export const tabs = ["yaml", "plan", "graph", "caller", "tests"] as const
export type Tab = (typeof tabs)[number]

/** What a link brings along. */
export interface Shared {
  readonly text: string
  readonly tab: Tab
  /** Environment of the file that is chosen. */
  readonly env?: string
  /** Of the caller that is tried: the flow, and the claims as JSON. */
  readonly flow?: string
  readonly claims?: string
}

const PREFIX = "#1."

/** Far more than any file has: what inflates to more is no link of ours. */
const MAX_BYTES = 4 * 1024 * 1024

const through = (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) =>
  new Blob([bytes]).stream().pipeThrough(stream)

export const toFragment = async (shared: Shared): Promise<string> => {
  const json = new TextEncoder().encode(JSON.stringify(shared))
  const deflated = await new Response(through(json, new CompressionStream("deflate-raw"))).bytes()
  const binary = Array.from(deflated, (byte) => String.fromCharCode(byte)).join("")
  return PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/** `undefined` where there is none, or one that is damaged. */
export const fromFragment = async (fragment: string): Promise<Shared | undefined> => {
  if (!fragment.startsWith(PREFIX)) return undefined
  try {
    const binary = atob(fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(await inflated(bytes))
    return isShared(value) ? value : undefined
  } catch {
    return undefined
  }
}

const inflated = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  let size = 0
  const reader = through(bytes, new DecompressionStream("deflate-raw")).getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength
    if (size > MAX_BYTES) {
      await reader.cancel()
      throw new Error("too long")
    }
    text += decoder.decode(read.value, { stream: true })
  }
  return text + decoder.decode()
}

const isShared = (value: unknown): value is Shared => {
  if (typeof value !== "object" || value === null) return false
  const { text, tab, env, flow, claims } = value as Readonly<Record<string, unknown>>
  const optional = [env, flow, claims].every((each) => each === undefined || typeof each === "string")
  return typeof text === "string" && tabs.some((each) => each === tab) && optional
}
