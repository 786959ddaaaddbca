/**
 * What a stage is at run time: made once from its part of the plan, run for each request.
 *
 * @module
 */

import type { IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import type { Effect } from "effect"
import type { Failure } from "../failure.ts"
import type { Credential, OutboundRequest } from "./credential.ts"
import type { Payload } from "./payload.ts"

/** The request as it came in, and the one that is being prepared for the upstream. */
export interface Exchange {
  /** Correlation id, see journal.ts. */
  readonly id: string
  readonly incoming: IncomingMessage
  /** Method, target and headers of the request to the upstream, with hop-by-hop, forwarding and credential headers gone. */
  readonly outbound: Omit<OutboundRequest, "body">
  /** Reads the whole body, once, at most `limit` bytes. `undefined` when the request has none. */
  readonly body: (limit: number) => Effect.Effect<Payload | undefined, Failure>
  /** The body as it comes in, for a request that is not signed: at most once, and not after `body`. */
  readonly stream: () => BodyStream | undefined
}

/** A body that is passed on without being held. */
export interface BodyStream {
  readonly bytes: Readable
  /** In bytes, when the caller said it. */
  readonly length: number | undefined
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

/** A stage that takes credentials of several tags; each one is enough. */
export interface StageOfSeveral<In extends Credential["_tag"], Out extends Credential["_tag"]>
  extends Omit<Stage<In, Out>, "consumes"> {
  readonly consumes: readonly In[]
}

/** The upstream's answer, its body still to come. */
export interface Answer {
  readonly status: number
  /** Lower-case names, hop-by-hop headers gone. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Readable
}

/** The last stage of a flow: it sends, and hands back the answer as soon as its headers are there. */
export interface Sender<In extends Credential["_tag"]> {
  readonly label: string
  /** Each one is enough. */
  readonly consumes: readonly In[]
  readonly produces: "Answer"
  readonly run: (
    exchange: Exchange,
    credential: Extract<Credential, { readonly _tag: In }>,
  ) => Effect.Effect<{ readonly answer: Answer; readonly account: Account }, Failure>
}
