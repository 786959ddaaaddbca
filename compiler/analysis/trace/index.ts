/**
 * What the runtime would do with one caller on one flow, stage by stage, without a network: pure, so that it also runs in a
 * browser. What AWS or the upstream decide is theirs and not told.
 *
 * The runtime's own code does the same to real requests. Neither imports the other; tests run generated programs and callers
 * through both and fail where they differ.
 *
 * @module
 */
import { callerOf as callerCredential, nameOf, type TokenType } from "../../catalogue/credential.ts"
import { type StageKind, type StageOf, stages } from "../../catalogue/index.ts"
import { type EvaluatedKind, isEvaluated } from "../../catalogue/observation.ts"
import type { Flow, Stage } from "../../check/program.ts"
import type { Outcome, Step, Trace } from "./account.ts"
import type { Caller } from "./caller.ts"
import { crossApp, exchangeToken, grantJwt, onBehalfOf, ourOwn } from "./exchange.ts"
import { upstreamUrl } from "./flow-url.ts"
import { audienceOf, type Identified, identify, requiredScopes } from "./identify.ts"
import type { Evaluate, Passed, Progress, Stopped } from "./progress.ts"
import { isRefused, refuse } from "./refuse.ts"
import { decideRole } from "./role-rules.ts"
import { nameSession } from "./session-name.ts"
import { isOwn, showNothing, showSecret, showToken } from "./show.ts"
import { passOn, signedHeaders } from "./upstream.ts"

export type * from "./account.ts"
export { type Caller, type Claims, callerOf, claimsCaller, tokenCaller } from "./caller.ts"

const identifyCaller = (
  stage: StageOf<"identify.auth_server"> | StageOf<"identify.oidc">,
  progress: Progress,
): Passed | Stopped => {
  const { flow, caller, now } = progress
  const identified = identify(stage, flow, caller, now)
  const required = requiredScopes(stage)
  const asked = [
    `a token of ${stage.output.token.issuer.url} for ${audienceOf(stage, flow)}`,
    ...(required.length > 0 ? [`with the scope ${required.join(" ")}`] : []),
  ].join(" ")
  if (isRefused(identified)) return { refusal: identified.refusal, notes: [`asks for ${asked}`] }
  const { claims, subject, assumed } = identified
  const known = claims["email"] ?? claims["name"]
  return {
    summary: typeof known === "string" ? known : subject,
    notes: [
      `accepts ${asked}`,
      ...(assumed.length > 0 ? [`assumed, because nothing was said: ${assumed.join(", ")}`] : []),
    ],
    progress: { ...progress, identified },
  }
}

const assumeRole: Evaluate<"aws.sts"> = ({ fields, input }, progress) => {
  const { identified, now } = progress
  // A flow begins with `identify`, so somebody was identified where this stage is reached.
  const { claims, expiresAt }: Pick<Identified, "claims" | "expiresAt"> = identified ?? { claims: {}, expiresAt: 0 }
  const { tried: rules, result } = decideRole(fields.role.value, claims)
  if (isRefused(result)) return { refusal: result.refusal, rules }
  const { name: claim, on_invalid, duration } = fields.session.value
  const path = `claims.${claim.value.name}`
  const value = Object.hasOwn(claims, claim.value.name) ? claims[claim.value.name] : undefined
  const session = nameSession(claim.value.name, on_invalid?.value ?? "reject", value)
  if (isRefused(session)) return { refusal: session.refusal, rules }
  const token = fields.subject.value
  const subject = nameOf(token)
  const own = isOwn(token, callerCredential(input).token)
  if (own && expiresAt * 1000 <= now)
    return { ...refuse("sts-token-rejected", "the login's token for AWS has expired"), rules }
  return {
    summary: `${result.role} as ${session.name}`,
    rules,
    notes: [
      session.sanitized
        ? `the session is named by ${path}, changed to fit: ${session.name}`
        : `the session is named by ${path}`,
      `AWS STS in ${fields.region.value} is shown ${subject}${whose(token, own)}`,
      `AWS decides by the role's trust policy, which is not looked at here; credentials live ${duration.value} s at most`,
    ],
    progress: { ...progress, role: result.role, session: session.name, subject },
  }
}

const whose = (token: TokenType, own: boolean): string => {
  if (token.issuer.kind === "token_endpoint") return ", the token of the stage before"
  return own ? ", the caller's own token" : ", kept from the login"
}

const sign: Evaluate<"aws.sigv4"> = (stage, progress) => {
  const { service, region } = stage.output
  const { headers, dropped } = passOn(progress.caller.headers, upstreamUrl(progress.flow))
  return {
    summary: `for ${service} in ${region}`,
    notes: dropped.length > 0 ? [`headers that do not pass: ${dropped.join(", ")}`] : [],
    progress: { ...progress, upstream: signedHeaders(stage, headers) },
  }
}

const send: Evaluate<"forward"> = ({ operand }, progress) => ({
  summary: `to ${operand.value}`,
  notes: (progress.upstream ?? []).map((header) =>
    "made" in header ? `${header.name}: (${header.made})` : `${header.name}: ${header.value}`,
  ),
  progress,
})

const evaluators: { readonly [K in EvaluatedKind]: Evaluate<K> } = {
  "identify.auth_server": identifyCaller,
  "identify.oidc": identifyCaller,
  "aws.sts": assumeRole,
  "aws.sigv4": sign,
  token_exchange: exchangeToken,
  obo: onBehalfOf,
  xaa: crossApp,
  jwt_bearer: grantJwt,
  client_credentials: ourOwn,
  "inject.bearer": showSecret,
  "inject.header": showSecret,
  "inject.token": showToken,
  "inject.none": showNothing,
  forward: send,
}

/** `now` in epoch milliseconds. */
export const traceFlow = (flow: Flow, caller: Caller, now: number): Trace => {
  const steps: Step[] = []
  let progress: Progress = { flow, caller, now }
  let outcome: Outcome = { kind: "forwarded" }
  for (const stage of flow.stages) {
    const label = labelOf(stage)
    const step = { stage: label, span: stage.span }
    if (outcome.kind !== "forwarded") {
      steps.push({ ...step, outcome: "not reached", summary: "", notes: [], rules: [] })
      continue
    }
    const evaluate = isEvaluated(stage) ? evaluatorOf(stage.kind) : undefined
    if (evaluate === undefined) {
      outcome = { kind: "unknown", stage: label }
      const summary = "authflow's own runtime does not run this stage, so nothing is known from here on"
      steps.push({ ...step, outcome: "unknown", summary, notes: [], rules: [] })
      continue
    }
    const { notes = [], rules = [], ...result } = evaluate(stage, progress)
    if (isRefused(result)) {
      outcome = { kind: "refused", stage: label, ...result.refusal }
      steps.push({ ...step, outcome: "refused", summary: result.refusal.detail, notes, rules })
    } else {
      progress = result.progress
      steps.push({ ...step, outcome: "ok", summary: result.summary, notes, rules })
    }
  }
  const { role, session, subject, upstream } = progress
  return {
    flow: flow.name.value,
    url: flow.url.value,
    steps,
    outcome,
    role,
    session,
    subject,
    upstream: outcome.kind === "forwarded" ? upstream : undefined,
  }
}

/** The table is keyed by the stage's own kind, which the compiler cannot follow through the union. */
const evaluatorOf = (kind: StageKind) =>
  (evaluators as Partial<Record<StageKind, (stage: Stage, progress: Progress) => Passed | Stopped>>)[kind]

const labelOf = (stage: Stage): string => {
  const { verb, operand } = stages[stage.kind]
  if (operand.by === "kind") return `${verb} ${operand.name}`
  const value: unknown = stage.operand.value
  return operand.by === "declaration" && isDeclared(value) ? `${verb} ${value.name.value}` : verb
}

const isDeclared = (value: unknown): value is { readonly name: { readonly value: string } } =>
  typeof value === "object" && value !== null && "name" in value
