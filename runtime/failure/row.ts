/**
 * One row of the error table, and what its failures may tell the journal.
 *
 * @module
 */

/** What only the journal is told: roles, statuses, request ids of AWS. No secrets here either. */
export type Log = Readonly<Record<string, string | number | boolean>>

/** What the caller is told of one failure. */
export interface Row {
  readonly status: number
  /** Error code of the challenge (RFC 6750, RFC 9449 section 7.1); `none` challenges without a code; absent where the answer is no challenge. */
  readonly challenge?: "none" | "invalid_token" | "invalid_request" | "insufficient_scope" | "invalid_dpop_proof"
  /** Last part of the problem type (RFC 9457): `urn:authflow:problem:<code>`. */
  readonly code: string
  readonly title: string
  /** May the client try the same request again, unchanged, later? Answered with Retry-After then. */
  readonly retry: boolean
  /** Whose doing it is: the caller's, the operator's (configuration), or a dependency's (outage). For docs and journal. */
  readonly cause: "caller" | "operator" | "outage"
  /** What the reader of the table is told to do about it. */
  readonly remedy: string
}

/** One row for each failure of the union, no more and no fewer. */
export type Rows<F extends { readonly _tag: string }> = { readonly [Tag in F["_tag"]]: Row }
