/**
 * The providers: where people log in, or whose tokens callers bring.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigMapRef, Name, SecretRef, Url } from "./values.ts"

/** Further parameters of authorization requests. */
const Params = Schema.Record(Schema.NonEmptyString, Schema.String)

const Fields = Schema.NonEmptyArray(Schema.NonEmptyString)

/**
 * Who a person is, asked of an endpoint with the access token. For each, the fields of the answer that are tried in turn.
 */
export const UserinfoRequest = Schema.Struct({
  endpoint: Url,
  method: Schema.Literals(["GET", "POST"]),
  headers: Schema.Record(Schema.NonEmptyString, Schema.String),
  subject: Fields,
  name: Fields,
  email: Fields,
})
export type UserinfoRequest = typeof UserinfoRequest.Type

/** What the operator declared of its access tokens. `opaque`: nobody but the provider can read them. */
const AccessToken = Schema.Struct({
  format: Schema.Literals(["jwt", "opaque"]),
  /** `iss`, where the provider has no issuer of its own. */
  issuer: Schema.optionalKey(Url),
  audience: Schema.optionalKey(Schema.NonEmptyString),
})

/** Claims the operator says its tokens carry, for the sandbox's stand-in and for `trace`. */
const Claims = Schema.Struct({
  idToken: Schema.Array(Schema.NonEmptyString),
  accessToken: Schema.Array(Schema.NonEmptyString),
  userinfo: Schema.Array(Schema.NonEmptyString),
})

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
      params: Schema.optionalKey(Params),
      /** Where it sends browsers back to; absent: below the issuer of the server. */
      redirectUri: Schema.optionalKey(Url),
    }),
  ),
  /** Claim of its ID tokens that says who a person is; absent: `sub`. */
  subjectClaim: Schema.optionalKey(Schema.NonEmptyString),
  /** Absent: the userinfo endpoint of its metadata, with the standard's fields. */
  userinfo: Schema.optionalKey(UserinfoRequest),
  accessToken: AccessToken,
  /** Where callers' opaque tokens are asked about (RFC 7662). */
  introspection: Schema.optionalKey(
    Schema.Struct({
      url: Url,
      client: Schema.optionalKey(Schema.Struct({ id: Schema.NonEmptyString, secret: SecretRef })),
    }),
  ),
  /** Where its keys are, when not where its metadata says. */
  jwksUrl: Schema.optionalKey(Url),
  /** Certificates (PEM) of authorities, for verifying callers' tokens. Those of the machine when absent. */
  ca: Schema.optionalKey(ConfigMapRef),
  /** JWS algorithms accepted from this issuer, pinned (RFC 8725 section 3.1). */
  algorithms: Schema.NonEmptyArray(Schema.NonEmptyString),
  claims: Claims,
})
export type OidcProvider = typeof OidcProvider.Type

/** Where things stand in a JSON answer: names of members with dots between; `|@upstreamjwt|` goes on inside of a JWT. */
const Path = Schema.NonEmptyString

/** How we register ourselves (RFC 7591): one of `discovery` (RFC 8414 metadata) and `endpoint`. */
export const ClientRegistration = Schema.Struct({
  discovery: Schema.optionalKey(Url),
  endpoint: Schema.optionalKey(Url),
  initialAccessToken: Schema.optionalKey(SecretRef),
  softwareId: Schema.optionalKey(Schema.NonEmptyString),
  softwareStatement: Schema.optionalKey(Schema.NonEmptyString),
})
export type ClientRegistration = typeof ClientRegistration.Type

/** An upstream OAuth 2.0 provider without OpenID Connect: people log in there. */
export const OAuth2Provider = Schema.Struct({
  name: Name,
  kind: Schema.Literal("oauth2"),
  /** RFC 9207: each answer has to say it. */
  issuer: Schema.optionalKey(Url),
  authorizationEndpoint: Url,
  tokenEndpoint: Url,
  client: Schema.Struct({
    /** Absent: `registration` brings it. */
    id: Schema.optionalKey(Schema.NonEmptyString),
    secret: Schema.optionalKey(SecretRef),
    registration: Schema.optionalKey(ClientRegistration),
    scopes: Schema.Array(Schema.NonEmptyString),
    params: Schema.optionalKey(Params),
    redirectUri: Schema.optionalKey(Url),
  }),
  identity: Schema.Union([
    Schema.Struct({ from: Schema.Literal("userinfo"), request: UserinfoRequest }),
    Schema.Struct({
      from: Schema.Literal("token_response"),
      subject: Path,
      name: Schema.optionalKey(Path),
      email: Schema.optionalKey(Path),
    }),
  ]),
  /** Absent: as RFC 6749 section 5.1 has it. */
  tokenResponse: Schema.optionalKey(
    Schema.Struct({
      accessToken: Path,
      refreshToken: Schema.optionalKey(Path),
      expiresIn: Schema.optionalKey(Path),
      scope: Schema.optionalKey(Path),
    }),
  ),
  accessToken: AccessToken,
  claims: Claims,
})
export type OAuth2Provider = typeof OAuth2Provider.Type

export const Provider = Schema.Union([OidcProvider, OAuth2Provider])
export type Provider = typeof Provider.Type
