/**
 * `delegates` and `trust` of an authorization server: which clients exchange people's tokens for tokens of their own (RFC 8693),
 * and which outside issuers' tokens and assertions are taken for ours (RFC 7523).
 *
 * @module
 */
import { celOverAnyClaims } from "../check/cel.ts"
import { evaluateText } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { type Clients, isClientId } from "./clients.ts"
import { type Fields, optional, required, type ValueType, withDefault } from "./field.ts"
import { flag } from "./scalars.ts"
import { secret } from "./secret.ts"
import { httpsUrl, isTrustedIssuerUrl, resourceUrl } from "./url.ts"
import { block, duration, list, map, mismatch, pattern, scope as scopeName } from "./values.ts"

const HOUR = 60 * 60

/** Stands for all delegate clients. */
export const ANY = "*"

const short = (what: string, most: number) =>
  pattern(what, new RegExp(`^[^\\p{Cc}]{1,${most}}$`, "u"), `it is 1 to ${most} characters, and no control characters`)

const delegateClient = block({
  secret: required(secret, { doc: "Its client secret.", example: 'secret("agent", key: "client-secret")' }),
  scopes: required(list(scopeName, { min: 1, max: 10 }), {
    doc: "Scopes it may get at most, of those that the person's token has.",
    example: '["mcp:use"]',
  }),
  audiences: required(list(resourceUrl, { min: 1, max: 10 }), {
    doc: "URLs of the flows it may get tokens for, where the person's token is for them, too.",
    example: '["https://mcp.example.com/mcp"]',
  }),
})
export type DelegateClient = Fields<(typeof delegateClient)["fields"]>

export const delegates = map(delegateClient, "a map of clients by their identifiers", isClientId)

/** A CEL expression over the claims of a token that nobody has described. */
const anyClaims: ValueType<string> = {
  label: "a CEL expression over `claims` (a string)",
  structure: { kind: "scalar", of: "string" },
  check: (expression, scope) => {
    if (expression.kind !== "StringTemplate") return mismatch(expression, anyClaims.label, scope)
    const text = evaluateText(expression, scope)
    return text === BROKEN ? undefined : celOverAnyClaims(text, scope)
  },
}

const names = (doc: string, example: string) =>
  optional(list(short("a client", 256), { min: 1, max: 50 }), { doc, example })

const assertions = block({
  max_age: required(duration({ min: 1, max: HOUR }), {
    doc: "How long an assertion may live, from `iat` to `exp`.",
    example: "5m",
  }),
  audiences: optional(list(httpsUrl, { min: 1, max: 50 }), {
    doc: "What an assertion may name as its audience. Our token endpoint when unsaid.",
    example: '["https://auth.example.com"]',
  }),
  subjects: required(
    map(list(resourceUrl, { min: 1, max: 50 }), "a map of subjects and the URLs of flows", ({ value, span }, scope) => {
      if (/^[^*\p{Cc}]{1,256}$/u.test(value)) return true
      const hint = "it is 1 to 256 characters, and none of them `*`: each subject is named"
      scope.report("AF0312", span, { what: "a subject", value, hint })
      return false
    }),
    {
      doc: "Subjects whose assertions are taken, each with the flows it may get tokens for.",
      example: '{ "workload-1": ["https://mcp.example.com/mcp"] }',
    },
  ),
})

const idJag = block({
  clients: required(list(short("a client", 256), { min: 1, max: 50 }), {
    doc: 'Clients of `delegates` that may bring them. `["*"]`: all of these.',
    example: '["agent"]',
  }),
  max_age: withDefault(duration({ min: 1, max: HOUR }), 5 * 60, {
    doc: "How long one may live, from `iat` to `exp`.",
    example: "5m",
  }),
})

const trustedIssuer = block({
  jwks: optional(httpsUrl, {
    doc: "Its key set. Found by its metadata when unsaid.",
    example: '"https://login.example.net/keys"',
  }),
  private_network: withDefault(flag, false, {
    doc: "Whether its keys are on a private network. Else nothing but public addresses is asked.",
    example: "true",
  }),
  audience: optional(short("an audience", 2048), {
    doc: "Its access tokens for this audience may be exchanged for ours (RFC 8693).",
    example: '"https://mcp.example.com/mcp"',
  }),
  delegates: names('Clients of `delegates` that may exchange its tokens. `["*"]`: all of these.', '["agent"]'),
  actor_claim: optional(short("a claim", 64), {
    doc: "The claim that says which app its token was issued to. `azp` when unsaid.",
    example: '"appid"',
  }),
  actors: optional(list(short("an app", 256), { min: 1, max: 50 }), {
    doc: "Apps whose tokens may be exchanged, by that claim.",
    example: '["chat-ui"]',
  }),
  actor_matches: optional(anyClaims, {
    doc: "Tokens that may be exchanged, too: a CEL expression over `claims`.",
    example: "\"claims.tier == 'internal'\"",
  }),
  may_act: withDefault(flag, false, {
    doc: "Whether its `may_act` may name a delegate: then `actors` and `actor_matches` are not asked.",
    example: "true",
  }),
  assertions: optional(assertions, {
    doc: "Its assertions for workloads, with no client involved (RFC 7523).",
    example: '{ max_age: 5m, subjects: { "workload-1": ["https://mcp.example.com/mcp"] } }',
  }),
  id_jag: optional(idJag, {
    doc: "Its identity assertions for people (ID-JAG, cross-application access), which a client brings.",
    example: '{ clients: ["agent"] }',
  }),
})
export type TrustedIssuer = Fields<(typeof trustedIssuer)["fields"]>

export const trust = map(trustedIssuer, "a map of issuers by their URLs", isTrustedIssuerUrl)

type Located1<T> = ReadonlyMap<string, Located<T>>

/** ToolHive's rule: claims with a meaning of their own say nothing of an app. */
const NO_ACTOR = "sub iss aud exp iat nbf jti name email scope scp may_act".split(" ")

/** Whether it goes together, after reporting. */
export const delegationGoesTogether = (
  clients: Clients,
  delegates: Located1<DelegateClient>,
  issuers: Located1<TrustedIssuer>,
  scope: Scope,
): boolean => {
  let sound = true
  const report: Scope["report"] = (...problem) => {
    sound = false
    scope.report(...problem)
  }
  for (const [client, { span }] of delegates) {
    const known = clients.known.value.get(client)
    const related = known && [{ span: known.span, message: "it is here, too" }]
    if (known) report("AF1553", span, { client }, related ? { related } : {})
  }
  for (const [issuer, { value, span }] of issuers) {
    checkNames(value.delegates, delegates, report)
    checkNames(value.id_jag?.value.clients, delegates, report)
    checkDelegation(issuer, value, span, report)
    if (value.private_network.value && value.jwks === undefined)
      report("AF1557", value.private_network.span, { issuer })
    if (value.audience === undefined && value.assertions === undefined && value.id_jag === undefined && sound)
      report("AF1558", span, { issuer })
  }
  return sound
}

const checkDelegation = (
  issuer: string,
  { audience, delegates, actor_claim, actors, actor_matches, may_act }: TrustedIssuer,
  span: Located<unknown>["span"],
  report: Scope["report"],
): void => {
  const acting = { actor_claim, actors, actor_matches, may_act: may_act.value ? may_act : undefined }
  const said = Object.entries({ audience, delegates, ...acting }).find(([, value]) => value !== undefined)
  if (said === undefined) return
  const [name, value] = said
  const missing = audience === undefined ? "audience" : delegates === undefined ? "delegates" : undefined
  if (missing !== undefined) report("AF1559", value?.span ?? span, { issuer, said: name, missing })
  if (may_act.value && delegates?.value.some((each) => each.value === ANY))
    report(
      "AF1555",
      may_act.span,
      { issuer },
      { related: [{ span: delegates.span, message: "any client is allowed here" }] },
    )
  if (actor_claim !== undefined && NO_ACTOR.includes(actor_claim.value))
    report("AF1556", actor_claim.span, { claim: actor_claim.value })
  if (missing === undefined && !Object.values(acting).some((each) => each !== undefined && each !== actor_claim))
    report("AF1567", value?.span ?? span, { issuer })
}

const checkNames = (
  asked: Located<readonly Located<string>[]> | undefined,
  delegates: Located1<DelegateClient>,
  report: Scope["report"],
): void => {
  const any = asked?.value.find(({ value }) => value === ANY)
  if (any !== undefined && (asked?.value.length ?? 0) > 1) report("AF1554", any.span, {})
  for (const { value, span } of asked?.value ?? []) {
    if (value === ANY || delegates.has(value)) continue
    const meant = nearest(value, [...delegates.keys()])
    const fix =
      meant === undefined ? {} : { fix: { title: `Write "${meant}"`, edits: [{ span, text: JSON.stringify(meant) }] } }
    report("AF1560", span, { client: value, meant }, fix)
  }
}
