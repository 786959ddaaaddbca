/**
 * Runs a plan for real: what is asked for on the command line is put around the runtime here.
 *
 * @module
 */
import { readFile } from "node:fs/promises"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { Journal, loadPlan, Secrets, type ServeOptions, type StartFailure, serve } from "../../runtime/index.ts"
import type { Entry } from "../../runtime/journal.ts"
import { serveAdmin } from "../../runtime/observability/admin.ts"
import { auditTrail } from "../../runtime/observability/audit.ts"
import { openAuditFile } from "../../runtime/observability/audit-file.ts"
import { makeMetrics } from "../../runtime/observability/metrics.ts"
import { traces } from "../../runtime/observability/traces.ts"
import { CertificateUnusable } from "../../runtime/start-failure.ts"
import type { Address } from "./address.ts"
import { servingBanner } from "./banner.ts"

/** Files, PEM. */
export interface CertificateFiles {
  readonly chain: string
  readonly key: string
  readonly clientAuthorities: string | undefined
}

export interface Serve {
  readonly kind: "serve"
  readonly address: Address
  /** The user agreed to an address that other machines can reach. */
  readonly listenAny: boolean
  /** Origins of web pages that may call. */
  readonly origins: readonly string[]
  readonly secrets: {
    /** Has one file a secret; looked at after the environment. */
    readonly directory: string | undefined
    /** Prints a secret; asked last. */
    readonly command: string | undefined
  }
  readonly certificate: CertificateFiles | undefined
  /** Directory of the authorization servers' state, absolute; undefined for memory. */
  readonly state: string | undefined
  /** Seconds. */
  readonly drain: number
  readonly admin: Address | undefined
  /** File of the audit log. */
  readonly audit: string | undefined
  /** Is handed the means to reload as soon as it listens. */
  readonly started: (control: Control) => void
}

/** No Effect crosses it, see host.ts. */
export interface Control {
  /** Takes another plan. Settles with why it did not, and then runs on as before. */
  readonly reload: (plan: unknown) => Promise<string | undefined>
}

interface Output {
  readonly say: (text: string) => void
  /** Shows one entry of the journal. */
  readonly show: (entry: Entry) => void
}

/** Runs until it is interrupted; then it has drained. `explain` words a failure to reload. */
export const serving = Effect.fnUntraced(function* (
  given: unknown,
  mode: Serve,
  output: Output,
  explain: (failure: StartFailure) => string,
): Effect.fn.Return<never, StartFailure, Scope.Scope> {
  const plan = yield* loadPlan(given)
  const file = mode.audit === undefined ? undefined : yield* openAuditFile(mode.audit, output.say)
  const audit = file === undefined ? () => {} : auditTrail(file.write)
  let inFlight = () => 0
  const metrics = makeMetrics(() => inFlight())
  const journal = {
    write: (entry: Entry) => {
      output.show(entry)
      audit(entry)
      metrics.record(entry)
    },
  }
  const options: ServeOptions = {
    listen: [mode.address],
    allowNonLoopback: mode.listenAny,
    origins: mode.origins,
    drainSeconds: mode.drain,
    ...(mode.state !== undefined && { state: mode.state }),
    ...(mode.certificate && { certificate: readCertificate(mode.certificate) }),
  }
  // In our own scope: what is left of traces is sent after the drain.
  const tracing = yield* Layer.build(traces(process.env))
  const running = yield* serve(plan, options).pipe(
    Effect.provideService(Journal, journal),
    Effect.provideContext(tracing),
    Effect.provide(Secrets.layer({ env: process.env, ...mode.secrets })),
  )
  inFlight = running.inFlight
  const admin =
    mode.admin &&
    (yield* serveAdmin(mode.admin, { metrics: () => Promise.resolve(metrics.text()), ready: running.ready }))
  output.say(
    servingBanner(plan, running.addresses, {
      secure: mode.certificate !== undefined,
      admin: admin?.address,
      state: mode.state,
    }),
  )
  mode.started({
    reload: (next) =>
      Effect.runPromise(
        Effect.flatMap(loadPlan(next), running.reload).pipe(
          Effect.match({ onSuccess: () => undefined, onFailure: explain }),
          Effect.tap(() => Effect.sync(() => file?.reopen())),
        ),
      ),
  })
  return yield* Effect.never
})

const readCertificate = ({ chain, key, clientAuthorities }: CertificateFiles) =>
  Effect.gen(function* () {
    return {
      chain: yield* readPem(chain),
      key: Redacted.make(yield* readPem(key)),
      clientAuthorities: clientAuthorities === undefined ? undefined : yield* readPem(clientAuthorities),
    }
  })

const readPem = (file: string) =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (cause) => {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error"
      return new CertificateUnusable({ detail: `cannot read ${file} (${code})` })
    },
  })
