/**
 * Asks an issuer over HTTP: for its metadata, its keys, and what a token is worth. What an answer may be is bounded: no
 * redirect, no more than a size, no longer than a time.
 *
 * @module
 */
import { readFile } from "node:fs/promises"
import { Agent, fetch, type RequestInit, type Response } from "undici"

/** Milliseconds. */
const TIMEOUT = 5_000
const MAX_BYTES = 1024 * 1024

/** The issuer answered, and not with what it should. The message is ours and safe to show. */
export class Unusable extends Error {}

/** How an issuer is reached. */
export interface IssuerClient {
  /** `undefined`: there is no such document. Rejects with Unusable, or with what kept it from being reached. */
  readonly get: (url: string) => Promise<Record<string, unknown> | undefined>
  /** Sends a form. Rejects likewise; an answer that is no 200 is Unusable. */
  readonly post: (
    url: string,
    form: URLSearchParams,
    headers: Readonly<Record<string, string>>,
  ) => Promise<Record<string, unknown>>
}

export interface IssuerClientOptions {
  /** Certificates (PEM) of authorities that stand in for those of the machine. */
  readonly ca?: string | undefined
  /** Folder of a pod's service account: its `ca.crt` and `token` are read anew for each request, as they change. */
  readonly pod?: string | undefined
}

export const issuerClient = ({ ca, pod }: IssuerClientOptions = {}): IssuerClient => {
  let agent = ca === undefined ? undefined : agentOf(ca)
  let trusted = ca

  /** What comes with each request in a pod. */
  const withPod = async (): Promise<Readonly<Record<string, string>>> => {
    if (pod === undefined) return {}
    const [authorities, token] = await Promise.all([
      readFile(`${pod}/ca.crt`, "utf8"),
      readFile(`${pod}/token`, "utf8"),
    ])
    if (authorities !== trusted) {
      void agent?.close()
      agent = agentOf(authorities)
      trusted = authorities
    }
    return { authorization: `Bearer ${token.trim()}` }
  }

  const send = async (url: string, init: RequestInit, headers: Readonly<Record<string, string>>) => {
    const own = await withPod()
    return fetch(url, {
      ...init,
      headers: { accept: "application/json", ...own, ...headers },
      // A redirect could lead to an address that nobody declared, and would take a secret along.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
      ...(agent === undefined ? {} : { dispatcher: agent }),
    })
  }

  return {
    get: async (url) => {
      const response = await send(url, {}, {})
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        await response.body?.cancel()
        return undefined
      }
      return objectOf(response)
    },
    post: async (url, form, headers) => {
      const type = { "content-type": "application/x-www-form-urlencoded", ...headers }
      return objectOf(await send(url, { method: "POST", body: form.toString() }, type))
    },
  }
}

const agentOf = (ca: string): Agent => new Agent({ connect: { ca } })

const objectOf = async (response: Response): Promise<Record<string, unknown>> => {
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Unusable(`it answered ${response.status}`)
  }
  const body: unknown = JSON.parse(await readText(response))
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new Unusable("its answer is not a JSON object")
  return body as Record<string, unknown>
}

const readText = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Unusable("its answer is too large")
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
