/**
 * Which credential the upstream of a flow takes, read off the plan: the gate of its stand-in, and what the probe expects it to
 * have seen.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import { realmOf, subjectOf } from "../auth-server/claims.ts"
import type { Flow, Plan, SecretRef, TokenRef } from "../plan.ts"
import type { Secrets } from "../secrets.ts"
import { NoStandIn } from "./failure.ts"
import type { FindToken } from "./issued-token.ts"
import { type Gate, headerGate, openGate, signatureGate, tokenGate } from "./mcp-server/gate.ts"
import type { Person } from "./person.ts"
import { type Shown, showShown } from "./shown.ts"
import type { RoleSessions } from "./sts/role-session.ts"
import { subjectToken } from "./subject-token.ts"
import { madeBy, servicesOf } from "./token-endpoint/service.ts"

export interface World {
  readonly plan: Plan
  readonly secrets: Pick<Secrets["Service"], "get">
  readonly sessions: Pick<RoleSessions, "find">
  readonly find: FindToken
}

/** The stage that makes what the upstream is shown: the last one before `forward`. */
const shownBy = (flow: Flow) => flow.stages.at(-2)

export const upstreamGate = Effect.fnUntraced(function* (
  flow: Flow,
  { plan, secrets, sessions, find }: World,
): Effect.fn.Return<Gate, NoStandIn> {
  const reveal = (ref: SecretRef) =>
    Effect.map(
      Effect.mapError(
        secrets.get(ref),
        () => new NoStandIn({ what: `secret ${ref.name}/${ref.key}`, why: "no value was generated for it" }),
      ),
      Redacted.value,
    )
  const stage = shownBy(flow)
  switch (stage?.kind) {
    case "aws.sigv4":
      return signatureGate(stage, sessions)
    case "inject.header":
      return headerGate(stage.name.toLowerCase(), yield* reveal(stage.value))
    case "inject.bearer":
      return headerGate("authorization", `Bearer ${yield* reveal(stage.token)}`)
    case "inject.token": {
      const expected = subjectToken(plan, flow, stage.token)
      return tokenGate({
        header: "authorization",
        find,
        admits: ({ issuer }) => (issuer === expected?.issuer ? undefined : "The token is of another issuer"),
      })
    }
    case "inject.none":
      return openGate
    case "token_exchange":
    case "obo":
    case "xaa":
    case "jwt_bearer":
    case "client_credentials": {
      const made = madeBy(stage)
      return tokenGate({
        header: stage.kind === "token_exchange" ? stage.header.toLowerCase() : "authorization",
        find,
        admits: ({ issuer, audiences, scopes }) => {
          if (issuer !== made?.issuer) return "The token is of another issuer"
          const { audience } = made
          if (audience !== undefined && !audiences.includes(audience)) return "The token is for another audience"
          const wanted = made.service.scope?.split(" ") ?? []
          return wanted.every((scope) => scopes.includes(scope)) ? undefined : "The token lacks a scope"
        },
      })
    }
    default:
      return yield* new NoStandIn({ what: `the upstream of ${flow.name}`, why: "nothing is shown to it" })
  }
})

/**
 * What the upstream is to see of a person, in the words of `showShown`; `undefined` where that is a role, or not known before.
 * `flow` is of the plan that is served.
 */
export const expectedShown = (plan: Plan, flow: Flow, person: Person): string | undefined => {
  const stage = shownBy(flow)
  const shown = ((): Shown | undefined => {
    switch (stage?.kind) {
      case "inject.header":
        return { kind: "header", name: stage.name.toLowerCase() }
      case "inject.bearer":
        return { kind: "header", name: "authorization" }
      case "inject.none":
        return { kind: "none" }
      case "inject.token":
        return tokenOf(plan, flow, stage.token, person)
      case "token_exchange":
      case "obo":
      case "xaa":
      case "jwt_bearer":
      case "client_credentials": {
        const made = madeBy(stage)
        const subject = subjectOfChain(plan, flow, person)
        return made && { kind: "token", issuer: made.issuer, audience: made.audience, subject }
      }
      default:
        return undefined
    }
  })()
  return shown && showShown(shown)
}

/** `sub` of what a chain of exchanges ends in: that of the caller's token it begins with, or of our own client. */
const subjectOfChain = (plan: Plan, flow: Flow, { claims }: Person): string => {
  const [first] = flow.stages.flatMap(servicesOf)
  const [named] = first?.[1].shown ?? []
  if (named === undefined) return first?.[1].client?.id ?? "nobody"
  const server = named === "exchanged" ? undefined : plan.servers.find(({ name }) => name === named.issuer)
  const login = plan.providers.find(({ name }) => name === server?.login[0])
  return login === undefined ? claims.sub : subjectOf(realmOf(login), claims.sub)
}

const tokenOf = (plan: Plan, flow: Flow, ref: TokenRef, { claims }: Person): Shown | undefined => {
  const token = subjectToken(plan, flow, ref)
  const provider = plan.providers.find(({ name }) => name === ref.issuer)
  if (token === undefined || provider === undefined) return undefined
  // An opaque token has no audience of its own.
  const audience = provider.accessToken.format === "jwt" ? token.audience : undefined
  return { kind: "token", issuer: token.issuer, audience, subject: claims.sub }
}
