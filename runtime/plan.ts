/**
 * The runtime plan: what a checked program lowers to, and all that the runtime knows of it.
 *
 * The plan is data (JSON), versioned, self-contained. It holds references to secrets and never their values, so it may be
 * committed, shipped and printed. It is the only thing the compiler and the runtime share. Durations are whole seconds,
 * URLs are absolute, every name a stage refers to (`provider`, `server`) is declared in the same plan.
 *
 * @module
 */
import { Schema } from "effect"

/** The version this runtime reads. A plan of another version is refused at load, never guessed at. */
export const PLAN_VERSION = 1

const Name = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]*$/))
const Seconds = Schema.Int.check(Schema.isGreaterThan(0))

/** A reference to a secret: `name` and `key` as in a Kubernetes Secret. The value is looked up when the runtime starts. */
export const SecretRef = Schema.Struct({ name: Schema.NonEmptyString, key: Schema.NonEmptyString })
export type SecretRef = typeof SecretRef.Type

/** Absolute https URL, or http on a loopback address (RFC 8252 section 7.3; the sandbox runs there). */
export const Url = Schema.String.check(
  Schema.isPattern(/^(https:\/\/[^\s/?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)([/?#]\S*)?$/),
)

/** Names one token of one issuer: `provider` or `server` by its plan name. */
export const TokenRef = Schema.Struct({
  issuer: Name,
  kind: Schema.Literals(["access_token", "id_token"]),
})
export type TokenRef = typeof TokenRef.Type

/** An upstream OpenID provider: people log in there, or it issues the tokens that callers present. */
export const OidcProvider = Schema.Struct({
  name: Name,
  kind: Schema.Literal("oidc"),
  issuer: Url,
  /** Absent when the provider only issues tokens to callers and nobody logs in through us. */
  client: Schema.optionalKey(
    Schema.Struct({
      id: Schema.NonEmptyString,
      secret: Schema.optionalKey(SecretRef),
      scopes: Schema.Array(Schema.NonEmptyString),
    }),
  ),
  /** What the operator declared of its access tokens. `opaque`: nobody but the provider can read them. */
  accessToken: Schema.Struct({
    format: Schema.Literals(["jwt", "opaque"]),
    audience: Schema.optionalKey(Schema.NonEmptyString),
  }),
  /** JWS algorithms accepted from this issuer, pinned (RFC 8725 section 3.1). */
  algorithms: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** Claims the operator says its tokens carry, for the sandbox's stand-in and for `trace`. */
  claims: Schema.Struct({
    idToken: Schema.Array(Schema.NonEmptyString),
    accessToken: Schema.Array(Schema.NonEmptyString),
    userinfo: Schema.Array(Schema.NonEmptyString),
  }),
})
export type OidcProvider = typeof OidcProvider.Type

/** A claim our own authorization server puts in its tokens, and where it takes it from at login. */
export const CarriedClaim = Schema.Struct({
  claim: Schema.NonEmptyString,
  provider: Name,
  from: Schema.Literals(["id_token", "userinfo"]),
  source: Schema.NonEmptyString,
})
export type CarriedClaim = typeof CarriedClaim.Type

/** The embedded authorization server (RFC 6749/OAuth 2.1, RFC 8414). */
export const AuthServer = Schema.Struct({
  name: Name,
  kind: Schema.Literal("auth_server"),
  issuer: Url,
  /** Providers a person logs in at, in this order; the first one is the identity. */
  login: Schema.NonEmptyArray(Name),
  /** Where the upstream providers send the browser back to. */
  redirectUri: Url,
  registration: Schema.Literals(["dynamic", "none"]),
  tokens: Schema.Struct({ access: Seconds, refresh: Seconds, code: Seconds }),
  claims: Schema.Array(CarriedClaim),
  /** Signing keys (PEM), the first signs, all verify. Empty: an ephemeral ES256 key, only accepted in the sandbox. */
  keys: Schema.Array(SecretRef),
  /** Symmetric keys for cookies and opaque artefacts, newest first. Empty: ephemeral. */
  hmacKeys: Schema.Array(SecretRef),
})
export type AuthServer = typeof AuthServer.Type

/**
 * When a role rule applies. An absent claim satisfies no comparison. A CEL expression sees one variable, `claims`; one that
 * fails to evaluate refuses the request (fail closed), it is never skipped.
 */
export const Condition = Schema.Union([
  Schema.Struct({
    op: Schema.Literals(["contains", "equals", "starts_with", "ends_with"]),
    claim: Schema.NonEmptyString,
    value: Schema.String,
  }),
  Schema.Struct({
    op: Schema.Literals(["contains_any", "contains_all", "in"]),
    claim: Schema.NonEmptyString,
    values: Schema.NonEmptyArray(Schema.String),
  }),
  Schema.Struct({ op: Schema.Literal("cel"), expression: Schema.NonEmptyString }),
])
export type Condition = typeof Condition.Type

/** What a rule decides: a role to assume, or a refusal with the reason the caller is told. */
export const RoleDecision = Schema.Union([
  Schema.Struct({ role: Schema.NonEmptyString }),
  Schema.Struct({ deny: Schema.String }),
])
export type RoleDecision = typeof RoleDecision.Type

/** Ordered rules: the first that applies decides; `otherwise` decides when none does. */
export const RoleRules = Schema.Struct({
  rules: Schema.Array(Schema.Struct({ when: Condition, then: RoleDecision })),
  otherwise: RoleDecision,
})
export type RoleRules = typeof RoleRules.Type

/** Requires a bearer access token issued by one of our own authorization servers for this flow's resource. */
export const IdentifyAuthServer = Schema.Struct({
  kind: Schema.Literal("identify.auth_server"),
  server: Name,
  scopes: Schema.Array(Schema.NonEmptyString),
  audience: Schema.NonEmptyString,
})
export type IdentifyAuthServer = typeof IdentifyAuthServer.Type

/** Requires a bearer JWT access token (RFC 9068 shape where offered) of an outside issuer. */
export const IdentifyOidc = Schema.Struct({
  kind: Schema.Literal("identify.oidc"),
  provider: Name,
  scopes: Schema.Array(Schema.NonEmptyString),
  audience: Schema.NonEmptyString,
})
export type IdentifyOidc = typeof IdentifyOidc.Type

/** STS AssumeRoleWithWebIdentity. */
export const AwsSts = Schema.Struct({
  kind: Schema.Literal("aws.sts"),
  /** The token AWS is shown. */
  subject: TokenRef,
  region: Schema.NonEmptyString,
  /** Overrides the regional endpoint; AWS_ENDPOINT_URL_STS does so too. */
  endpoint: Schema.optionalKey(Url),
  role: RoleRules,
  session: Schema.Struct({
    /** The claim of the caller's principal that names the role session. */
    nameClaim: Schema.NonEmptyString,
    /** `reject`: refuse the request (403) when the value breaks STS's bounds. `sanitize`: replace and cut, made unique by a digest. */
    onInvalid: Schema.Literals(["reject", "sanitize"]),
    duration: Schema.Int.check(Schema.isBetween({ minimum: 900, maximum: 43200 })),
  }),
})
export type AwsSts = typeof AwsSts.Type

/** AWS Signature Version 4 over the request that really leaves, full payload hash. */
export const AwsSigV4 = Schema.Struct({
  kind: Schema.Literal("aws.sigv4"),
  service: Schema.NonEmptyString,
  region: Schema.NonEmptyString,
  /** The body is hashed before it leaves, so it is held in memory: bytes, answered with 413 beyond. */
  maxBody: Schema.Int.check(Schema.isGreaterThan(0)),
})
export type AwsSigV4 = typeof AwsSigV4.Type

/** The upstream. The path after the flow's own path, and the query, are appended byte for byte. */
export const Forward = Schema.Struct({
  kind: Schema.Literal("forward"),
  url: Url,
  /** Seconds to the response's headers; the body of an SSE answer may then stay open. */
  timeout: Seconds,
})
export type Forward = typeof Forward.Type

/** One stage. `kind` selects the file in runtime/stages. */
export const Stage = Schema.Union([IdentifyAuthServer, IdentifyOidc, AwsSts, AwsSigV4, Forward])
export type Stage = typeof Stage.Type

/** One protected resource: the way a request takes from the caller to the upstream. */
export const Flow = Schema.Struct({
  name: Name,
  /** The public URL clients call; also the RFC 8707 resource and RFC 9728 identifier. */
  resource: Url,
  stages: Schema.NonEmptyArray(Stage),
})
export type Flow = typeof Flow.Type

export const Plan = Schema.Struct({
  version: Schema.Literal(PLAN_VERSION),
  /** The file it was compiled from, as the user named it. */
  source: Schema.String,
  providers: Schema.Array(OidcProvider),
  servers: Schema.Array(AuthServer),
  flows: Schema.NonEmptyArray(Flow),
})
export type Plan = typeof Plan.Type
