/**
 * Everything that can go wrong on the request path, and the one table that says what the caller is told. Each area has its
 * failures and their rows in one file of failure/.
 *
 * Rule: an outage of something we depend on is 502 or 503 with Retry-After, never a 401 that sends a person to log in. A
 * detail never holds a token, a secret or an upstream's raw answer.
 *
 * @module
 */
import { type AwsFailure, awsRows } from "./failure/aws.ts"
import { type ExchangeFailure, exchangeRows } from "./failure/exchange.ts"
import { type IdentityFailure, identityRows } from "./failure/identity.ts"
import { type ProcessFailure, processRows } from "./failure/process.ts"
import { type RequestFailure, requestRows } from "./failure/request.ts"
import type { Rows } from "./failure/row.ts"
import { type UpstreamFailure, upstreamRows } from "./failure/upstream.ts"

export * from "./failure/aws.ts"
export * from "./failure/exchange.ts"
export * from "./failure/identity.ts"
export * from "./failure/process.ts"
export * from "./failure/request.ts"
export type { Row } from "./failure/row.ts"
export * from "./failure/upstream.ts"

export type Failure = IdentityFailure | AwsFailure | ExchangeFailure | RequestFailure | UpstreamFailure | ProcessFailure

/** What happened -> what is answered. Exhaustive by its type; docs/errors.md is written from it. */
export const table: Rows<Failure> = {
  ...identityRows,
  ...awsRows,
  ...exchangeRows,
  ...requestRows,
  ...upstreamRows,
  ...processRows,
}
