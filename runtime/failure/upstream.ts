/**
 * The upstream that a flow forwards to.
 *
 * @module
 */
import { Data } from "effect"
import type { Log, Rows } from "./row.ts"

/** The upstream cannot be reached: the request never got there. */
export class UpstreamUnavailable extends Data.TaggedError("UpstreamUnavailable")<{ readonly detail: string }> {}
/** The upstream took the request and broke off, or broke the protocol, before it answered: it may have acted on it. */
export class UpstreamBroken extends Data.TaggedError("UpstreamBroken")<{ readonly detail: string }> {}
/** The upstream did not answer in the flow's time: it may have acted on the request. */
export class UpstreamTimeout extends Data.TaggedError("UpstreamTimeout")<{ readonly detail: string }> {}
/**
 * The upstream answered 401 or 407 to the credentials that we made for it. The caller's login has no part in that, so it is
 * not a 401 of ours, which would send a person to log in again and again.
 */
export class UpstreamRefused extends Data.TaggedError("UpstreamRefused")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The upstream redirects. The signature is for one URL, and the caller must not take its token elsewhere: not followed. */
export class UpstreamRedirected extends Data.TaggedError("UpstreamRedirected")<{
  readonly detail: string
  readonly log?: Log
}> {}

export type UpstreamFailure =
  | UpstreamUnavailable
  | UpstreamBroken
  | UpstreamTimeout
  | UpstreamRefused
  | UpstreamRedirected

export const upstreamRows: Rows<UpstreamFailure> = {
  UpstreamUnavailable: {
    status: 502,
    code: "upstream-unavailable",
    title: "The upstream is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path and the TLS certificate of the forward URL.",
  },
  UpstreamBroken: {
    status: 502,
    code: "upstream-broken",
    title: "The upstream broke off",
    retry: false,
    cause: "outage",
    remedy: "It may have acted on the request: look before you send it again.",
  },
  UpstreamTimeout: {
    status: 504,
    code: "upstream-timeout",
    title: "The upstream did not answer in time",
    retry: false,
    cause: "outage",
    remedy: "It may have acted on the request: look before you send it again. The time is `timeout` of `forward`.",
  },
  UpstreamRefused: {
    status: 502,
    code: "upstream-refused",
    title: "The upstream does not accept our credentials",
    retry: false,
    cause: "operator",
    remedy: "Check service and region of the signature, the role's permissions and this machine's clock.",
  },
  UpstreamRedirected: {
    status: 502,
    code: "upstream-redirected",
    title: "The upstream redirects",
    retry: false,
    cause: "operator",
    remedy: "Redirects are not followed. Put the final address in `forward`.",
  },
}
