/**
 * The HOST:PORT of `--listen` and `--admin`.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import { UsageFault } from "../exit-codes.ts"

export interface Address {
  readonly host: string
  readonly port: number
}

/** Addresses that only this machine can reach: 127.0.0.0/8 (RFC 1122), ::1 (RFC 4291), and `localhost` (RFC 6761). */
const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Parses `127.0.0.1:8080`, `localhost:0` or `[::1]:8080`. An address that others can reach needs consent: without TLS tokens
 * would cross the network in clear text.
 */
export const parseAddress = (flag: string, text: string, consent: boolean): Effect.Effect<Address, UsageFault> => {
  const [, bracketed, plain, digits] = text.match(/^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65_535) {
    return Effect.fail(
      new UsageFault({ message: `${flag} ${text}: write it as HOST:PORT, for example 127.0.0.1:8080` }),
    )
  }
  if (!isLoopback(host) && !consent) {
    return Effect.fail(
      new UsageFault({
        message: `${flag} ${text}: other machines can reach this address, and authflow speaks plain HTTP there; give it --tls-cert and --tls-key, or end TLS in front of it and add --listen-any`,
      }),
    )
  }
  return Effect.succeed({ host, port })
}

/** `127.0.0.1:8080`, `[::1]:8080` */
export const showAddress = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`
