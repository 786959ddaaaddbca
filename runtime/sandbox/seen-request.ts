/**
 * What an MCP server of the sandbox saw of a request, kept so that a test can assert what did and did not reach it.
 *
 * @module
 */

import type { Shown } from "./shown.ts"

/** One request as it arrived, verified or refused. */
export interface SeenRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** Header names and values in the order and case they were sent. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
  /** The role session the signature proved, or what else was shown and verified, or the error code it was refused with. */
  readonly outcome:
    | { readonly accepted: true; readonly role: string; readonly sessionName: string }
    | { readonly accepted: true; readonly shown: Shown }
    | { readonly accepted: false; readonly code: string }
}
