/**
 * The audit log: one record for each request of a flow, made of its journal entries, and one for each event of an
 * authorization server. It says who came, to which flow, what was decided and why, and holds no secret, as the journal does
 * not.
 *
 * @module
 */
import type { Entry } from "../journal.ts"

/** One line of the log. A field that is absent was not known, or has no meaning for the event. */
export interface AuditRecord {
  /** ISO 8601, UTC: when it was decided. */
  readonly time: string
  /** Correlates with the journal and with the `x-request-id` that the caller was given. */
  readonly request: string
  /**
   * `request`: a request of a flow, when its answer began or it was refused. `answer`: something befell an answer that had
   * begun. Everything else is an event by the name of its stage, such as `token` or `login corp`.
   */
  readonly event: string
  /** Name of the flow or of the server. */
  readonly flow: string
  /** `allow`: forwarded. `deny`: refused to this caller. `error`: failed for another reason. */
  readonly decision: "allow" | "deny" | "error"
  readonly subject?: string
  readonly client?: string
  readonly role?: string
  readonly session?: string
  /** Code of docs/errors.md, of a refusal or failure. */
  readonly code?: string
  /** Status of the answer. */
  readonly status?: number
  /** One sentence. */
  readonly reason: string
  /** Milliseconds from the first stage to the decision. */
  readonly ms: number
}

/** Requests whose end has not been seen yet; beyond it the oldest is given up. Each is a few hundred bytes. */
const PENDING = 20_000

/** Makes the listener for journal entries that hands on records. */
export const auditTrail = (write: (record: AuditRecord) => void): ((entry: Entry) => void) => {
  const pending = new Map<string, Entry[]>()
  return (entry) => {
    const before = pending.get(entry.request)
    if (!isOfFlow(entry)) return write(recordOf(entry.stage, entry))
    // Every flow begins with its caller: what comes without that befalls an answer that had begun.
    if (before === undefined && !entry.stage.startsWith("identify ")) return write(recordOf("answer", entry))
    if (entry.outcome === "ok" && entry.stage !== "forward") {
      if (before === undefined && pending.size >= PENDING) {
        for (const oldest of pending.keys()) {
          pending.delete(oldest)
          break
        }
      }
      pending.set(entry.request, [...(before ?? []), entry])
      return
    }
    pending.delete(entry.request)
    write(recordOf("request", entry, before))
  }
}

const stagesOfFlows = /^(identify|exchange|inject|authorize|sign) |^forward$/

const isOfFlow = ({ stage }: Entry): boolean => stagesOfFlows.test(stage)

const DECISIONS = { ok: "allow", refused: "deny", failed: "error" } as const

/** `before`: what the stages before it told of the same request. */
const recordOf = (event: string, last: Entry, before: readonly Entry[] = []): AuditRecord => {
  const entries = [...before, last]
  const told: Readonly<Record<string, unknown>> = Object.assign({}, ...entries.map(({ detail }) => detail))
  const text = (name: string) => (typeof told[name] === "string" ? { [name]: told[name] } : {})
  return {
    time: last.time,
    request: last.request,
    event,
    flow: last.flow,
    decision: DECISIONS[last.outcome],
    ...text("subject"),
    ...text("client"),
    ...text("role"),
    ...text("session"),
    ...text("code"),
    ...(typeof told["status"] === "number" && { status: told["status"] }),
    reason: last.summary,
    ms: entries.reduce((sum, { ms }) => sum + ms, 0),
  }
}
