/**
 * How tests make the stand-ins misbehave. A value in this process and not an HTTP endpoint: nobody who can only reach the
 * ports can use it.
 *
 * @module
 */

/** What STS does instead of answering as it should. */
export type StsFault =
  | { readonly kind: "throttle" }
  | { readonly kind: "unavailable"; readonly status: 500 | 502 | 503 }
  | { readonly kind: "access-denied" }
  | { readonly kind: "expired-token" }
  /** Answers 200 with something that is not XML. */
  | { readonly kind: "garbage" }
  /** Never answers; the connection stays open until the caller goes. */
  | { readonly kind: "hang" }
  /** Closes the connection with no answer. */
  | { readonly kind: "reset" }

/** What an MCP server does with the connection of an SSE answer. */
export type McpFault =
  /** Resets the connection after the first event has left. */
  { readonly kind: "reset-mid-stream" }

/** A queue of faults: each request takes one; with none left the stand-in behaves. */
export interface FaultQueue<Fault> {
  readonly next: (fault: Fault, times?: number) => void
  readonly clear: () => void
  /** Takes the fault for the request at hand. */
  readonly take: () => Fault | undefined
}

export interface Faults {
  readonly sts: FaultQueue<StsFault>
  readonly mcp: FaultQueue<McpFault>
}

export const makeFaultQueue = <Fault>(): FaultQueue<Fault> => {
  const queue: Fault[] = []
  return {
    next: (fault, times = 1) => {
      for (let i = 0; i < times; i++) queue.push(fault)
    },
    clear: () => {
      queue.length = 0
    },
    take: () => queue.shift(),
  }
}
