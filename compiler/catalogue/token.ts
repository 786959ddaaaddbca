/**
 * Names of tokens and claims: `corp.id_token`, `claims.email`, `corp.id_token.groups`.
 *
 * @module
 */
import type { Reference } from "../../grammar/ast.ts"
import { replacement, written } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import { isRecovered } from "../check/recovered.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import type { CarriedClaim } from "./auth-server.ts"
import type { Claim, ClaimSet, ClaimType } from "./claims.ts"
import type { PresentedKind, TokenKind, TokenType } from "./credential.ts"
import type { ValueType } from "./field.ts"
import type { Provider } from "./provider.ts"
import { choice, map, mismatch } from "./values.ts"

export const TOKEN_KINDS: readonly TokenKind[] = ["access_token", "id_token"]

/** The declaration the reference's first word names, if it issues tokens; BROKEN after reporting, or where it is broken. */
const issuerOf = (reference: Reference, scope: Scope) => {
  const [first] = reference.path
  if (first === undefined || isRecovered(first)) return BROKEN
  const declared = scope.providers.get(first.text) ?? scope.servers.get(first.text) ?? scope.callers.get(first.text)
  if (declared !== undefined) return declared
  const named = scope.names.get(first.text)
  if (named?.kind === "provider" || named?.kind === "server" || named?.kind === "callers") return BROKEN
  if (named !== undefined) {
    scope.report("AF0208", first.span, { name: first.text, is: named.kind, needed: "provider or server" })
    return BROKEN
  }
  const meant = nearest(first.text, [...scope.providers.keys(), ...scope.servers.keys(), ...scope.callers.keys()])
  const details = replacement(first.span, meant)
  scope.report("AF0201", first.span, { what: "provider or server", name: first.text, meant }, details)
  return BROKEN
}

/** The provider a name stands for. */
export const providerName: ValueType<Provider> = {
  label: "the name of a provider",
  structure: { kind: "name", of: "provider" },
  check: (expression, scope) => {
    if (expression.kind !== "Reference" || expression.path.length !== 1)
      return mismatch(expression, "the name of a provider", scope)
    const name = written(expression)
    const provider = scope.providers.get(name)
    if (provider !== undefined) return provider === BROKEN ? undefined : provider
    const named = scope.names.get(name)
    if (named !== undefined) {
      if (named.kind !== "provider")
        scope.report("AF0208", expression.span, { name, is: named.kind, needed: "provider" })
      return undefined
    }
    const meant = nearest(name, [...scope.providers.keys()])
    const details = replacement(expression.span, meant)
    if (name !== "") scope.report("AF0201", expression.span, { what: "provider", name, meant }, details)
    return undefined
  },
}

/** A token that the flow has of its caller. */
export const tokenName: ValueType<TokenType> = {
  label: "a token, such as `corp.id_token`",
  structure: { kind: "name", of: "token" },
  check: (expression, scope) => {
    if (expression.kind !== "Reference") return mismatch(expression, "a token, such as `corp.id_token`", scope)
    const issuer = issuerOf(expression, scope)
    if (issuer === BROKEN) return undefined
    const [, second, ...rest] = expression.path
    const kind = TOKEN_KINDS.find((each) => each === second?.text)
    if (second && isRecovered(second)) return undefined
    if (kind === undefined || rest.length > 0) {
      const meant = nearest(second?.text ?? "", TOKEN_KINDS)
      const details = second && rest.length === 0 ? replacement(second.span, meant) : {}
      scope.report("AF0501", expression.span, { found: written(expression), name: issuer.name.value }, details)
      return undefined
    }
    if (issuer.kind === "auth_server" && kind === "id_token") {
      scope.report("AF0524", expression.span, { server: issuer.name.value })
      return undefined
    }
    const { principal } = scope
    if (principal === undefined) return undefined
    const found = principal.tokens.find(
      ({ issuer: { name }, kind: each }) => name.value === issuer.name.value && each === kind,
    )
    if (found !== undefined) return found
    const here = principal.tokens.map((token) => `${token.issuer.name.value}.${token.kind}`)
    if (issuer.kind === "oauth2" && kind === "id_token") {
      reportNoIdToken(issuer, expression, scope)
      return undefined
    }
    const unlisted = issuer.kind === "oidc" && kind === "id_token" && issuer.idToken === undefined
    if (unlisted && principal.tokens.some(({ issuer: { name } }) => name.value === issuer.name.value) && issuer.client)
      reportOpenid(issuer, expression, scope)
    else scope.report("AF0502", expression.span, { token: written(expression), here })
    return undefined
  },
}

/** An OAuth 2.0 provider says who somebody is by other means than an ID token. */
const reportNoIdToken = ({ name }: Provider, { span, path }: Reference, scope: Scope): void => {
  const [, kind, claim] = path
  const edits = kind && claim && [{ span: kind.span, text: "userinfo" }]
  const fix = edits && { title: "Take it from what the provider says of the person", edits }
  const related = [{ span: name.span, message: "this is an OAuth 2.0 provider" }]
  scope.report("AF1456", span, { provider: name.value }, { related, ...(fix && { fix }) })
}

/** Where it is declared what a login brings. */
const sourceOf = (provider: Provider, from: "id_token" | "userinfo") => {
  if (provider.kind === "oidc") return provider.fields[from]
  return provider.fields.userinfo ?? provider.fields.identity_from_token
}

/** Nobody can log in at the provider, or the login says nothing of who they are. */
export const reportNoLogin = (provider: Provider, place: Pick<Reference, "span">, scope: Scope): void => {
  if (provider.client) reportOpenid(provider, place, scope)
  else
    scope.report(
      "AF0515",
      place.span,
      { provider: provider.name.value },
      { related: [{ span: provider.name.span, message: "declared here without `client_id`" }] },
    )
}

/** An ID token is asked for, and the provider's scopes do not bring one. */
const reportOpenid = (provider: Provider, { span }: Pick<Reference, "span">, scope: Scope): void => {
  const scopes = provider.fields.scopes
  const insertion = scopes && { start: scopes.span.start + 1, end: scopes.span.start + 1 }
  scope.report(
    "AF0503",
    span,
    { provider: provider.name.value },
    {
      related: [{ span: scopes?.span ?? provider.name.span, message: "these scopes bring no ID token" }],
      ...(insertion && {
        fix: { title: 'Add "openid" to the scopes', edits: [{ span: insertion, text: '"openid", ' }] },
      }),
    },
  )
}

/** A claim of the flow's caller: `claims.email`, `claims["cognito:groups"]`. */
export const claimName: ValueType<Claim> = {
  label: "a claim of the caller, such as `claims.email`",
  structure: { kind: "name", of: "claim" },
  check: (expression, scope) => {
    if (expression.kind !== "Reference") return mismatch(expression, claimName.label, scope)
    const [root, claim, ...rest] = expression.path
    if (root === undefined || isRecovered(root)) return undefined
    if (root.text !== "claims" || claim === undefined || rest.length > 0) {
      const bare = expression.path.length === 1 && scope.principal?.token.claims.has(root.text)
      const details = bare ? replacement(expression.span, `claims.${root.text}`) : {}
      scope.report("AF0508", expression.span, { found: written(expression) }, details)
      return undefined
    }
    if (isRecovered(claim) || scope.principal === undefined) return undefined
    return readClaim(scope.principal.token, claim.text, expression.span, scope)
  },
}

/** The claim of the token, or `undefined` after reporting that the token is not known to hold it. */
export const readClaim = (
  token: TokenType<PresentedKind>,
  name: string,
  span: Reference["span"],
  scope: Scope,
): Claim | undefined => {
  const claim = token.claims.get(name)
  if (claim !== undefined) return claim
  const issuer = token.issuer.name.value
  const meant = nearest(name, [...token.claims.keys()])
  const from = token.issuer.kind === "auth_server" ? carryFix(token, name, scope) : undefined
  scope.report(
    "AF0507",
    span,
    { claim: name, token: `${issuer}.${token.kind}`, meant },
    {
      notes: [whatIsKnown(token), ...(from?.note ? [from.note] : [])],
      related: [{ span: token.issuer.name.span, message: `the token is issued by ${issuer}` }],
      ...(from?.fix ? { fix: from.fix } : {}),
    },
  )
  return undefined
}

/** Where what is known of its claims comes from. */
const whatIsKnown = ({ issuer: { kind, name }, kind: presented }: TokenType<PresentedKind>): string => {
  switch (kind) {
    case "auth_server":
      return `${name.value} puts in its tokens what its \`claims\` say, and name and email where the login gives them`
    case "oidc":
      return `what ${name.value}'s tokens hold beyond the standard claims is declared in \`${presented} = { claims: { … } }\``
    case "oauth2":
      return `what ${name.value}'s access tokens hold is declared in \`${presented} = { format: jwt, claims: { … } }\``
    case "token_endpoint":
      return "the claims of an exchanged token are nobody's to read here"
    case "any_of":
      return `a claim can be read where the tokens of all issuers of ${name.value} hold it, and of one type`
    case "service_accounts":
      return "a cluster's tokens name the service account in `sub`, and hold no claims of others"
    case "api_keys":
      return "an API key has an id, which is `sub`, and nothing else"
    case "client_certificates":
      return "what a certificate says of its holder is `sub`, `common_name`, `uris`, `dns_names` and `emails`"
  }
}

/** How a server would come to have the claim: carried over from a login that has it. */
const carryFix = (token: TokenType<PresentedKind>, claim: string, scope: Scope) => {
  // Where it is imported, it can have another name here.
  const servers = [...scope.servers.values()].filter((each) => each !== BROKEN)
  const server = servers.find(({ name }) => name.value === token.issuer.name.value)
  if (server === undefined) return undefined
  const source = server.login.find(({ idToken, userinfo }) => idToken?.claims.has(claim) || userinfo.has(claim))
  if (source === undefined) {
    const [first] = server.login
    const holder =
      first.kind === "oidc"
        ? `the ID tokens of ${first.name.value} hold`
        : `the userinfo answer of ${first.name.value} holds`
    return { note: `if ${holder} it, declare it there and carry it with \`claims\` in ${server.name.value}` }
  }
  const from = source.idToken?.claims.has(claim) ? "id_token" : "userinfo"
  const entry = `${/^[A-Za-z_]\w*$/.test(claim) ? claim : JSON.stringify(claim)}: ${source.name.value}.${from}${/^[A-Za-z_]\w*$/.test(claim) ? `.${claim}` : `[${JSON.stringify(claim)}]`}`
  const carried = server.fields.claims
  const end = server.fields.login.span.end
  const edit =
    carried === undefined
      ? { span: { start: end, end }, text: `\n  claims = { ${entry} }` }
      : { span: { start: carried.span.start + 1, end: carried.span.start + 1 }, text: ` ${entry},` }
  return { fix: { title: `Carry it from ${source.name.value}'s login`, edits: [edit] } }
}

const CLAIM_TYPES = ["string", "strings", "number", "boolean", "object"] as const satisfies readonly ClaimType[]

/** `{ groups: strings }` */
export const claimTypes = map(choice(CLAIM_TYPES), "a map of claims and their types, such as `{ groups: strings }`")

/** What the protocol fixes in an access token (RFC 9068 section 2.2): a login cannot say it. */
const PROTOCOL_CLAIMS = [
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "nbf",
  "jti",
  "client_id",
  "scope",
  "azp",
  "act",
  "may_act",
  "cnf",
]

/** `corp.id_token.groups` */
const carriedFrom: ValueType<Omit<CarriedClaim, "name" | "span">> = {
  label: "a claim of a login, such as `corp.id_token.groups`",
  structure: { kind: "name", of: "login_claim" },
  check: (expression, scope) => {
    if (expression.kind !== "Reference") return mismatch(expression, carriedFrom.label, scope)
    if (scope.names.get(expression.path[0]?.text ?? "")?.kind === "server") {
      scope.report("AF0509", expression.span, { found: written(expression) })
      return undefined
    }
    const provider = issuerOf(expression, scope)
    if (provider === BROKEN) return undefined
    const [, from, source, ...rest] = expression.path
    if (expression.path.some(isRecovered)) return undefined
    const readable = from?.text === "id_token" || from?.text === "userinfo"
    if (
      (provider.kind !== "oidc" && provider.kind !== "oauth2") ||
      !readable ||
      source === undefined ||
      rest.length > 0
    ) {
      scope.report("AF0509", expression.span, { found: written(expression) })
      return undefined
    }
    if (from.text === "id_token" && provider.kind === "oauth2") {
      reportNoIdToken(provider, expression, scope)
      return undefined
    }
    if (from.text === "id_token" && provider.idToken === undefined) {
      reportNoLogin(provider, expression, scope)
      return undefined
    }
    const claims: ClaimSet = (from.text === "id_token" ? provider.idToken?.claims : provider.userinfo) ?? new Map()
    const claim = claims.get(source.text)
    if (claim !== undefined) return { type: claim.type, provider, from: from.text, source: source.text }
    const place = sourceOf(provider, from.text)?.span ?? provider.name.span
    const meant = nearest(source.text, [...claims.keys()])
    scope.report(
      "AF0507",
      source.span,
      { claim: source.text, token: `${provider.name.value}.${from.text}`, meant },
      {
        notes: [`declare it in ${provider.name.value}: \`${from.text} = { claims: { ${source.text}: strings } }\``],
        related: [{ span: place, message: `what is known of ${provider.name.value}` }],
      },
    )
    return undefined
  },
}

const carriedMap = map(
  carriedFrom,
  "a map of claims, such as `{ groups: corp.id_token.groups }`",
  ({ value, span }, scope) => {
    if (!PROTOCOL_CLAIMS.includes(value)) return true
    scope.report("AF0511", span, { claim: value })
    return false
  },
)

/** `{ groups: corp.id_token.groups }`: the key is the claim's name in the server's own tokens. */
export const carriedClaims: ValueType<readonly CarriedClaim[]> = {
  ...carriedMap,
  check: (expression, scope) => {
    const carried = carriedMap.check(expression, scope)
    return carried && [...carried].map(([name, { value, span }]) => ({ name, span, ...value }))
  },
}
