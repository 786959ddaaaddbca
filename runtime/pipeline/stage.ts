/**
 * What a stage is at run time: made once from its part of the plan, run for each request.
 *
 * @module
 */

import type { IncomingMessage } from "node:http"
import type { Effect } from "effect"
import type { Failure } from "../failure.ts"
import type { Credential, OutboundRequest } from "./credential.ts"

/** The request as it came in, and the one that is being prepared for the upstream. */
export interface Exchange {
  /** Correlation id, see journal.ts. */
  readonly id: string
  readonly incoming: IncomingMessage
  /** Method, target URL and headers of the request to the upstream, with hop-by-hop, forwarding and credential headers gone. */
  readonly outbound: Omit<OutboundRequest, "body">
  /** Reads the whole body, once, at most `limit` bytes. */
  readonly body: (limit: number) => Effect.Effect<Uint8Array, Failure>
}

/** What a stage tells the journal about the request it let pass. */
export interface Account {
  readonly summary: string
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** `run` is handed only a credential of the tag it consumes: the pipeline refuses any other (PipelineBroken). */
export interface Stage<In extends Credential["_tag"], Out extends Credential["_tag"]> {
  /** As the source says it, for the journal: `exchange aws.sts`. */
  readonly label: string
  readonly consumes: In
  readonly produces: Out
  readonly run: (
    exchange: Exchange,
    credential: Extract<Credential, { readonly _tag: In }>,
  ) => Effect.Effect<
    { readonly credential: Extract<Credential, { readonly _tag: Out }>; readonly account: Account },
    Failure
  >
}
