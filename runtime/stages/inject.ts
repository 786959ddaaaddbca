/**
 * `inject`: shows the upstream a secret, a token of the login, or nothing.
 *
 * @module
 */
import { validateHeaderValue } from "node:http"
import { Clock, Effect, Redacted } from "effect"
import { LoginExpired } from "../failure.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage, StageOfSeveral } from "../pipeline/stage.ts"
import { tokenIssuerOf } from "../plan/token-issuer.ts"
import type { Flow, TokenRef } from "../plan.ts"
import { PlanUnusable } from "../start-failure.ts"
import { namedSecret, refName } from "./named-secret.ts"

export const injectBearer: MakeStage<"inject.bearer"> = Effect.fn("InjectBearer.make")(function* (spec, environment) {
  const token = yield* namedSecret(spec.token, environment)
  // RFC 6750 section 2.1, `b64token`: anything else would be read as something else on the other side.
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(Redacted.value(token))) {
    const detail = `the secret ${refName(spec.token)} is no bearer token: it holds characters that one cannot have`
    return yield* new PlanUnusable({ path: environment.path, detail })
  }
  return shown("inject bearer", "authorization", Redacted.make(`Bearer ${Redacted.value(token)}`))
})

export const injectHeader: MakeStage<"inject.header"> = Effect.fn("InjectHeader.make")(function* (spec, environment) {
  const value = yield* namedSecret(spec.value, environment)
  try {
    validateHeaderValue(spec.name, Redacted.value(value))
  } catch {
    const detail = `the secret ${refName(spec.value)} holds characters that a header cannot have`
    return yield* new PlanUnusable({ path: environment.path, detail })
  }
  return shown("inject header", spec.name.toLowerCase(), value)
})

const shown = (
  label: string,
  name: string,
  value: Redacted.Redacted<string>,
): StageOfSeveral<"Principal" | "Anonymous", "Headers"> => {
  const fields = [[name, value]] as const
  const account = { summary: `the header ${name}, from a secret`, detail: { header: name } }
  return {
    label,
    consumes: ["Principal", "Anonymous"],
    produces: "Headers",
    run: (_exchange, principal) => Effect.succeed({ credential: { _tag: "Headers", principal, fields }, account }),
  }
}

export const injectToken: MakeStage<"inject.token"> = Effect.fn("InjectToken.make")(function* (
  { token: ref, passthrough },
  { flow, path },
) {
  const own = isCallersOwn(flow, ref)
  // Token pass-through (MCP authorization, "Access Token Privilege Restriction") only where it is asked for by name.
  if (own && !passthrough) {
    return yield* new PlanUnusable({ path, detail: "the caller's own token would reach the upstream" })
  }
  const what = `${ref.issuer}.${ref.kind}`
  const stage: Stage<"Principal", "Token"> = {
    label: "inject token",
    consumes: "Principal",
    produces: "Token",
    run: Effect.fn("InjectToken.run")(function* (_exchange, principal) {
      const { value, expiresAt, refused } = yield* principal.token(ref)
      const now = yield* Clock.currentTimeMillis
      if (expiresAt !== undefined && expiresAt * 1000 <= now) {
        return yield* new LoginExpired({ detail: "the login's token for the upstream has expired" })
      }
      return {
        credential: {
          _tag: "Token",
          principal,
          value,
          expiresAt,
          header: "authorization",
          ...(refused === undefined ? {} : { refused }),
        },
        account: { summary: what, detail: { token: what } },
      }
    }),
  }
  return stage
})

/** Is it the token that the flow's callers come with? */
const isCallersOwn = ({ stages: [first] }: Flow, { issuer, kind }: TokenRef): boolean => {
  return tokenIssuerOf(first) === issuer && kind === "access_token"
}

export const injectNone: MakeStage<"inject.none"> = () => {
  const account = { summary: "no credential", detail: {} }
  const stage: StageOfSeveral<"Principal" | "Anonymous", "Unauthenticated"> = {
    label: "inject none",
    consumes: ["Principal", "Anonymous"],
    produces: "Unauthenticated",
    run: (_exchange, principal) => Effect.succeed({ credential: { _tag: "Unauthenticated", principal }, account }),
  }
  return Effect.succeed(stage)
}
