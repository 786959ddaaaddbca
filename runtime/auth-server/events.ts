/**
 * The server's entries in the journal: one readable line for each thing that happened, nothing secret in it.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { randomUUID } from "node:crypto"
import { type Entry, harmless } from "../journal.ts"

export interface Events {
  /** Runs what answers one request, so that its entries share an id and know how long it took. */
  readonly within: <A>(run: () => A) => A
  readonly write: (
    stage: string,
    outcome: Entry["outcome"],
    summary: string,
    detail?: Readonly<Record<string, string | number | boolean | undefined>>,
  ) => void
}

/** `server`: its name in the plan. */
export const makeEvents = (server: string, write: (entry: Entry) => void): Events => {
  const requests = new AsyncLocalStorage<{ readonly id: string; readonly since: number }>()
  return {
    within: (run) => requests.run({ id: randomUUID(), since: performance.now() }, run),
    write: (stage, outcome, summary, detail = {}) => {
      const request = requests.getStore()
      write({
        time: new Date().toISOString(),
        request: request?.id ?? randomUUID(),
        flow: server,
        stage,
        outcome,
        ...harmless({
          summary,
          detail: Object.fromEntries(
            Object.entries(detail).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
          ),
        }),
        ms: request === undefined ? 0 : Math.round(performance.now() - request.since),
      })
    },
  }
}
