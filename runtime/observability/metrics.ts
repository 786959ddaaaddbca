/**
 * Counts and durations for Prometheus, taken from the journal: what is journaled is what is counted.
 *
 * Labels come from the plan (flows, stages) and from the error table (codes), never from a caller, so that nobody outside can
 * make more of them.
 *
 * @module
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Context, Effect, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import type { Entry } from "../journal.ts"

export interface Metrics {
  readonly record: (entry: Entry) => void
  /** In Prometheus' text format. */
  readonly text: () => string
}

/** Seconds. STS and a forward are tens of milliseconds to seconds, the other stages far below one. */
const BOUNDARIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const stages = Metric.histogram("authflow_stage_duration_seconds", {
  description: "Time in a stage; of forward, until the headers of the answer",
  boundaries: BOUNDARIES,
})
const outcomes = Metric.counter("authflow_stage_total", {
  description: "Requests that came to a stage, and events of servers, by how they ended; code as in docs/errors.md",
  incremental: true,
})
const credentials = Metric.counter("authflow_credentials_total", {
  description: "Exchanged credentials that were used, by whether they were kept from an earlier request",
  incremental: true,
})
const resident = Metric.gauge("authflow_process_resident_memory_bytes", { description: "Resident memory" })
const lag = Metric.gauge("authflow_event_loop_lag_seconds", {
  description: "99th percentile of how late the event loop was since the last time this was read",
})

/** `inFlight`: requests under way. */
export const makeMetrics = (inFlight: () => number): Metrics => {
  // A registry of its own: two runtimes in one process do not count each other's requests.
  const context: Context.Context<never> = Context.make(Metric.MetricRegistry, new Map())
  const requests = Metric.gauge("authflow_requests_in_flight", { description: "Requests under way" })
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const set = <Input, State>(metric: Metric.Metric<Input, State>, input: Input, labels: Record<string, string> = {}) =>
    Metric.withAttributes(metric, labels).updateUnsafe(input, context)
  return {
    record: ({ flow, stage, outcome, ms, detail }) => {
      set(stages, ms / 1000, { flow, stage, outcome })
      const { code, cached } = detail
      set(outcomes, 1, { flow, stage, outcome, ...(typeof code === "string" && { code }) })
      if (typeof cached === "boolean") set(credentials, 1, { flow, stage, cached: String(cached) })
    },
    text: () => {
      set(requests, inFlight())
      set(resident, process.memoryUsage.rss())
      set(lag, delay.percentile(99) / 1e9)
      delay.reset()
      return Effect.runSync(PrometheusMetrics.format().pipe(Effect.provideContext(context)))
    },
  }
}
