/**
 * The request itself, and where it is sent to.
 *
 * @module
 */
import { Data } from "effect"
import type { Rows } from "./row.ts"

/** The request's body is over the limit of the stage that holds it. */
export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{
  readonly detail: string
  readonly limit: number
}> {}
/** The request is one we never forward (bad framing, dot segments, an upgrade, a presigned query). */
export class RequestRefused extends Data.TaggedError("RequestRefused")<{ readonly detail: string }> {}
/** TRACE, CONNECT, or a method that what is served here does not have. */
export class MethodRefused extends Data.TaggedError("MethodRefused")<{
  readonly detail: string
  readonly allow: readonly string[]
}> {}
/** The request's headers are over the limit. */
export class HeadersTooLarge extends Data.TaggedError("HeadersTooLarge")<{ readonly detail: string }> {}
/** The client did not send its request in time. */
export class RequestTimeout extends Data.TaggedError("RequestTimeout")<{ readonly detail: string }> {}
/** The Host of the request is no public name of this plan (RFC 9110 section 7.4). */
export class HostUnknown extends Data.TaggedError("HostUnknown")<{ readonly detail: string }> {}
/** A script of a page that may not call here (MCP, Streamable HTTP: validation of Origin). */
export class OriginRefused extends Data.TaggedError("OriginRefused")<{ readonly detail: string }> {}
/** No flow serves this host and path. */
export class FlowUnknown extends Data.TaggedError("FlowUnknown")<{ readonly detail: string }> {}

export type RequestFailure =
  | BodyTooLarge
  | RequestRefused
  | MethodRefused
  | HeadersTooLarge
  | RequestTimeout
  | HostUnknown
  | OriginRefused
  | FlowUnknown

export const requestRows: Rows<RequestFailure> = {
  BodyTooLarge: {
    status: 413,
    code: "body-too-large",
    title: "The request body is too large",
    retry: false,
    cause: "caller",
    remedy: "Send less. A signed body is held in memory while it is hashed, so the limit is the signing stage's.",
  },
  RequestRefused: {
    status: 400,
    code: "request-refused",
    title: "The request cannot be forwarded",
    retry: false,
    cause: "caller",
    remedy: "The detail says what is wrong with the request.",
  },
  MethodRefused: {
    status: 405,
    code: "method-refused",
    title: "The method is not served here",
    retry: false,
    cause: "caller",
    remedy: "Use a method of the Allow header.",
  },
  HeadersTooLarge: {
    status: 431,
    code: "headers-too-large",
    title: "The request headers are too large",
    retry: false,
    cause: "caller",
    remedy: "Send fewer or shorter headers; a token with very many groups is the usual reason.",
  },
  RequestTimeout: {
    status: 408,
    code: "request-timeout",
    title: "The request did not arrive in time",
    retry: false,
    cause: "caller",
    remedy: "Send the request faster, or in smaller parts.",
  },
  HostUnknown: {
    status: 421,
    code: "host-unknown",
    title: "This host is not served here",
    retry: false,
    cause: "caller",
    remedy: "Call the public URL of the flow. Behind a load balancer: let it pass the Host header on unchanged.",
  },
  OriginRefused: {
    status: 403,
    code: "origin-refused",
    title: "Pages of this origin may not call here",
    retry: false,
    cause: "operator",
    remedy: "For a client that lives in a browser: `authflow run --allow-origin https://app.example.com`.",
  },
  FlowUnknown: {
    status: 404,
    code: "flow-unknown",
    title: "Nothing is served here",
    retry: false,
    cause: "caller",
    remedy: "No flow has this path; flows match whole path segments.",
  },
}
