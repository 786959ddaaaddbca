/**
 * The request as it leaves: with the credential that the upstream is shown, and no other. Whatever the caller sent in a header
 * that carries the credential is gone.
 *
 * @module
 */
import type { Readable } from "node:stream"
import { Redacted } from "effect"
import type { Presentable } from "../pipeline/credential.ts"
import type { BodyStream, Exchange } from "../pipeline/stage.ts"
import type { HeaderList } from "./headers.ts"

export interface LeavingRequest {
  readonly method: string
  readonly target: string
  /** Lower-case names. */
  readonly headers: HeaderList
  /** A signed body is the one whose hash was signed; others pass as they come. */
  readonly body: Uint8Array | Readable | null
}

export const present = (exchange: Exchange, credential: Presentable): LeavingRequest => {
  switch (credential._tag) {
    case "SignedRequest": {
      const { method, target, headers, body } = credential.outbound
      if (body !== "as it comes") return { method, target, headers, body: body?.bytes() ?? null }
      const stream = exchange.stream()
      return { method, target, headers: [...headers, ...lengthOf(stream)], body: stream?.bytes ?? null }
    }
    case "Token":
      // RFC 6750 section 2.1.
      return unsigned(exchange, [[credential.header, `Bearer ${Redacted.value(credential.value)}`]])
    case "Headers":
      return unsigned(
        exchange,
        credential.fields.map(([name, value]) => [name, Redacted.value(value)]),
      )
    case "Unauthenticated":
      return unsigned(exchange, [])
  }
}

const unsigned = ({ outbound, stream }: Exchange, shown: HeaderList): LeavingRequest => {
  const { method, target, headers } = outbound
  const carriers = new Set(shown.map(([name]) => name))
  const body = stream()
  return {
    method,
    target,
    headers: [...headers.filter(([name]) => !carriers.has(name)), ...lengthOf(body), ...shown],
    body: body?.bytes ?? null,
  }
}

/** Without a length the body goes out in chunks. */
const lengthOf = (body: BodyStream | undefined): HeaderList =>
  body?.length === undefined ? [] : [["content-length", String(body.length)]]
