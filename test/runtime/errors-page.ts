/** docs/errors.md, written from the one table of the runtime. */
import type { Row } from "../../runtime/failure.ts"

const causes: Readonly<Record<Row["cause"], string>> = {
  caller: "the caller",
  operator: "configuration",
  outage: "an outage, or us",
}

const challenges: Readonly<Record<NonNullable<Row["challenge"]>, string>> = {
  none: "yes, no error code",
  invalid_token: "`invalid_token`",
  invalid_request: "`invalid_request`",
  insufficient_scope: "`insufficient_scope`",
  invalid_dpop_proof: "`invalid_dpop_proof`, of the scheme DPoP",
}

const rowOf = (row: Row): string =>
  [
    row.status,
    `\`${row.code}\``,
    row.title,
    causes[row.cause],
    row.challenge === undefined ? "" : challenges[row.challenge],
    row.retry ? "yes" : "",
    row.remedy,
  ].join(" | ")

export const errorsPage = (table: Readonly<Record<string, Row>>): string => {
  const rows = Object.values(table).toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
  return `<!-- Written from runtime/failure.ts: change it there, then npm test -- -u test/runtime/proxy-errors. -->
# What the proxy answers when something goes wrong

Every failure is answered with problem details (RFC 9457, \`application/problem+json\`): \`type\` is
\`urn:authflow:problem:<code>\`, \`detail\` says what happened, and \`instance\` and the header \`x-request-id\` hold the id under
which \`authflow run\` shows the request's way through the stages. No answer holds a token, a secret or another server's raw
words. What the proxy does not make itself comes from the upstream as it is, 403 included.

An outage of something we depend on is 502, 503 or 504, never a 401: a 401 sends a person to log in, and that helps only where
the login is what is wrong. Rows with a challenge carry \`WWW-Authenticate: Bearer\` (RFC 6750) with a pointer to the flow's
protected resource metadata (RFC 9728). Rows that say to try again carry \`Retry-After\`; the others may have had an effect, or
would fail again.

Status | Code | Title | Whose doing | Challenge | Try again | What to do
---|---|---|---|---|---|---
${rows.map(rowOf).join("\n")}

An answer that has begun cannot be taken back: when the upstream breaks off in the middle of it, or the time to drain is over,
the caller's connection is closed without the end of the body, so that it cannot pass for a whole one. Streams of events are
ended cleanly when the proxy stops, since a reader of events reconnects.
`
}
