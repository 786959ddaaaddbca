/**
 * What a plan's role rules decide for given claims, worked out from the plan alone. The proxy has an evaluator of its own;
 * this one is kept apart from it on purpose, so that the probe compares two readings of the rules and not one with itself.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import { realmOf, subjectOf } from "../auth-server/claims.ts"
import type { AuthServer, AwsSts, Condition, Flow, Plan, Provider, RoleDecision, RoleRules } from "../plan.ts"
import { realm, release } from "./identity-provider/realm.ts"

export type Claims = Readonly<Record<string, unknown>>

/** A decision and the rule that made it: its place in the list, or `otherwise`. */
export interface Decided {
  readonly decision: RoleDecision
  readonly by: number | "otherwise" | "failed rule"
}

/** The first rule that applies decides; a rule that cannot be evaluated refuses. */
export const decide = ({ rules, otherwise }: RoleRules, claims: Claims): Decided => {
  for (const [by, { when, then }] of rules.entries()) {
    const applies = holds(when, claims)
    if (applies === "failed") return { decision: { deny: "a role rule cannot be evaluated" }, by: "failed rule" }
    if (applies) return { decision: then, by }
  }
  return { decision: otherwise, by: "otherwise" }
}

/** The role rules of a flow, if it has any. */
export const roleRules = (flow: Flow): RoleRules | undefined =>
  flow.stages.find((stage): stage is AwsSts => stage.kind === "aws.sts")?.role

/**
 * The claims that the rules of a flow see of somebody whom the provider knows by these claims: what the caller's own token
 * carries. For a token of our server that is `name` and `email`, when the login brings them, and what the server carries over.
 */
export const visibleClaims = (plan: Plan, flow: Flow): ((claims: Claims) => Claims) => {
  const server = identifyingServer(plan, flow)
  if (server === undefined) {
    const stage = flow.stages.find((stage) => stage.kind === "identify.oidc")
    const provider = plan.providers.find(({ name }) => name === stage?.provider)
    if (stage === undefined || provider?.kind !== "oidc") return (claims) => claims
    const from = realm(plan, provider.issuer)
    return (claims) => ({
      ...release(from, "accessToken", [], claims),
      sub: claims["sub"],
      iss: provider.issuer,
      aud: stage.audience,
    })
  }
  const providers = server.login.flatMap((login) => plan.providers.find(({ name }) => name === login) ?? [])
  const [identity] = providers
  if (identity === undefined) return () => ({})
  const said = new Map(providers.map((provider) => [provider.name, saidBy(plan, provider)]))
  const subject = identity.kind === "oidc" ? (identity.subjectClaim ?? "sub") : "sub"
  return (claims) => {
    const first = said.get(identity.name)?.(claims)
    const carried = server.claims.map(({ claim, provider, from, source }) => {
      const by = said.get(provider)?.(claims)
      return [claim, (from === "id_token" ? by?.idToken : by?.userinfo)?.[source]] as const
    })
    return Object.fromEntries(
      [
        ...["name", "email"].map((claim) => [claim, first?.idToken[claim] ?? first?.userinfo[claim]] as const),
        ...carried,
        ["sub", subjectOf(realmOf(identity), String(claims[subject]))] as const,
        ["iss", server.issuer] as const,
      ].filter(([, value]) => value !== undefined),
    )
  }
}

/** What a provider says of somebody, at a login. */
const saidBy = (plan: Plan, provider: Provider) => {
  if (provider.kind === "oauth2") {
    const names = ["sub", "name", "email", ...provider.claims.userinfo]
    return (claims: Claims) => ({
      idToken: {} as Claims,
      userinfo: Object.fromEntries(names.map((name) => [name, claims[name]])) as Claims,
    })
  }
  const from = realm(plan, provider.issuer)
  const scopes = provider.client?.scopes ?? []
  return (claims: Claims) => ({
    idToken: release(from, "idToken", scopes, claims),
    userinfo: release(from, "userinfo", scopes, claims),
  })
}

const identifyingServer = (plan: Plan, flow: Flow): AuthServer | undefined => {
  const identify = flow.stages.find((stage) => stage.kind === "identify.auth_server")
  return plan.servers.find(({ name }) => name === identify?.server)
}

/** The provider's name of the claim that the rules of a flow know as `claim`. */
export const sourceClaim = (plan: Plan, flow: Flow, claim: string): string =>
  identifyingServer(plan, flow)?.claims.find((carried) => carried.claim === claim)?.source ?? claim

const holds = (condition: Condition, claims: Claims): boolean | "failed" => {
  switch (condition.op) {
    case "contains":
      return listOf(claims[condition.claim]).includes(condition.value)
    case "equals":
      return claims[condition.claim] === condition.value
    case "starts_with":
      return textOf(claims[condition.claim])?.startsWith(condition.value) ?? false
    case "ends_with":
      return textOf(claims[condition.claim])?.endsWith(condition.value) ?? false
    case "contains_any":
      return condition.values.some((value) => listOf(claims[condition.claim]).includes(value))
    case "contains_all":
      return condition.values.every((value) => listOf(claims[condition.claim]).includes(value))
    case "in": {
      const text = textOf(claims[condition.claim])
      return text !== undefined && condition.values.includes(text)
    }
    case "cel":
      return cel(condition.expression, claims)
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const environment = new Environment().registerVariable("claims", "map")

/** Expressions by their text, parsed once: people are tried against them many times. */
const parsed = new Map<string, ReturnType<typeof environment.parse> | "failed">()

const cel = (expression: string, claims: Claims): boolean | "failed" => {
  const evaluate = parsed.get(expression) ?? parse(expression)
  parsed.set(expression, evaluate)
  if (evaluate === "failed") return "failed"
  try {
    const result: unknown = evaluate({ claims })
    return typeof result === "boolean" ? result : "failed"
  } catch {
    return "failed"
  }
}

const parse = (expression: string) => {
  try {
    return environment.parse(expression)
  } catch {
    return "failed"
  }
}
