/**
 * `identify <api keys>`: a key of ours, in a header. What is kept of it is a hash.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import { KeyInvalid, KeyMissing, PipelineBroken } from "../failure.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage } from "../pipeline/stage.ts"
import { type ApiKeys, findApiKey, parseApiKeys } from "../resource-server/api-key.ts"
import { PlanUnusable } from "../start-failure.ts"
import { namedSecret, refName } from "./named-secret.ts"

/** Seconds that what is made of a key may be kept: as long as a removed key may still be of use. */
const KEPT = 5 * 60

export const identifyApiKeys: MakeStage<"identify.api_keys"> = Effect.fn("IdentifyApiKeys.make")(
  function* (spec, environment) {
    const { path } = environment
    const keys = new Map<string, readonly Buffer[]>()
    for (const ref of spec.keys) {
      const parsed = parseApiKeys(Redacted.value(yield* namedSecret(ref, environment)))
      if ("line" in parsed) {
        const detail = `line ${parsed.line} of the secret ${refName(ref)} is no hash of a key, such as \`acme:sha256:…\``
        return yield* new PlanUnusable({ path, detail })
      }
      for (const [id, hashes] of parsed) keys.set(id, [...(keys.get(id) ?? []), ...hashes])
    }
    if (keys.size === 0)
      return yield* new PlanUnusable({ path, detail: `${spec.callers} has no key: nobody could call` })
    return stageOf(spec.callers, spec.header, keys)
  },
)

const stageOf = (callers: string, header: string, keys: ApiKeys): Stage<"Caller", "Principal"> => ({
  label: `identify ${callers}`,
  consumes: "Caller",
  produces: "Principal",
  run: Effect.fn("IdentifyApiKeys.run")(function* ({ incoming: { rawHeaders } }) {
    const name = header.toLowerCase()
    const [value, ...more] = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
    if (value === undefined) return yield* new KeyMissing({ detail: `the request has no ${header} header` })
    if (more.length > 0) return yield* new KeyInvalid({ detail: `the request has more than one ${header} header` })
    const presented = name === "authorization" ? /^Bearer +(\S+)$/i.exec(value.trim())?.[1] : value.trim()
    const id = presented === undefined ? undefined : findApiKey(presented, keys)
    if (id === undefined) return yield* new KeyInvalid({ detail: "the API key is none of ours" })
    return {
      credential: {
        _tag: "Principal",
        issuer: callers,
        subject: id,
        claims: { sub: id },
        expiresAt: Math.floor(Date.now() / 1000) + KEPT,
        token: ({ issuer, kind }) =>
          Effect.fail(new PipelineBroken({ detail: `a caller of ${callers} has no ${issuer}.${kind}` })),
      },
      account: { summary: id, detail: { subject: id } },
    }
  }),
})
