/**
 * The record of each request's way through the stages: one entry a stage. It is what `authflow run` shows and what an audit
 * keeps. Entries hold no secret: `detail` values are names, roles, statuses, sizes.
 *
 * @module
 */
import { Context } from "effect"

/** One stage's account of one request, or an event of a server (`flow` is then the server's name). */
export interface Entry {
  /** ISO 8601, UTC. */
  readonly time: string
  /** Correlates the entries of one request; also sent to the caller as `x-request-id`. */
  readonly request: string
  /** Name of the flow or server. */
  readonly flow: string
  /** As the source says it: `identify gate`, `exchange aws.sts`, `sign aws.sigv4`, `forward`, `login corp`, `token`. */
  readonly stage: string
  /** `refused`: the caller's doing; `failed`: ours or a dependency's. */
  readonly outcome: "ok" | "refused" | "failed"
  /** One readable line with no line break. */
  readonly summary: string
  readonly detail: Readonly<Record<string, string | number | boolean>>
  /** Duration in milliseconds. */
  readonly ms: number
}

/** Takes entries; must not throw and must not block. The default drops them. */
export const Journal = Context.Reference<{ readonly write: (entry: Entry) => void }>("authflow/runtime/Journal", {
  defaultValue: () => ({ write: () => {} }),
})

/** Characters of one value. */
const MAX_VALUE = 300

/**
 * Names of people and clients, claims and error texts come from outside: what could move a terminal's cursor, break the line,
 * turn the reading direction or fill the disk goes.
 */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, MAX_VALUE)

/** What a stage says of a request, with nothing in it that could be taken for something else. */
export const harmless = <T extends Pick<Entry, "summary" | "detail">>(said: T): T => ({
  ...said,
  summary: oneLine(said.summary),
  detail: Object.fromEntries(
    Object.entries(said.detail).map(([name, value]) => [name, typeof value === "string" ? oneLine(value) : value]),
  ),
})
