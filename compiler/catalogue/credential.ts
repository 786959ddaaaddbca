/**
 * Credentials as types: what each stage of a flow consumes and produces. A flow type-checks when the chain from the caller
 * to `forward` composes. The tags are those of the runtime's credentials.
 *
 * @module
 */
import type { Located } from "../source/source.ts"
import type { CallersKind } from "./callers.ts"
import type { ClaimSet } from "./claims.ts"
import type { RoleRules } from "./role-rules.ts"

export type TokenKind = "access_token" | "id_token"

/** What a caller proves who they are with. All but tokens can be shown to nobody else. */
export type PresentedKind = TokenKind | "api_key" | "certificate"

/** The declaration that issues a token. */
export interface Issuer {
  /** `token_endpoint`: a stage that exchanges; its name is the word `exchanged`, where the stage stands. */
  readonly kind: "oidc" | "oauth2" | "auth_server" | "token_endpoint" | CallersKind
  readonly name: Located<string>
  /**
   * `iss` of its tokens; of several issuers all of them, for people to read; of an OAuth 2.0 provider whose tokens are opaque,
   * its authorization endpoint.
   */
  readonly url: string
}

/** What is known of a kind of token that one issuer issues. */
export interface TokenType<Kind extends PresentedKind = TokenKind> {
  readonly kind: Kind
  readonly issuer: Issuer
  /** `opaque`: nobody but the issuer can read or verify it. */
  readonly format: "jwt" | "opaque"
  /** `aud`, when known. */
  readonly audience: string | undefined
  /** What it is known to hold; empty when opaque. */
  readonly claims: ClaimSet
  /** Seconds from issue to expiry, when known. */
  readonly lifetime: number | undefined
  /** Of an exchanged token: the caller's token that it goes back to. `undefined`: it is nobody's but ours. */
  readonly root?: TokenType | undefined
}

/** What an exchanged token is called in a file: the stage before this one made it. */
export const EXCHANGED = "exchanged"

/** As a flow names it: `corp.id_token`, or `exchanged`. */
export const nameOf = ({ issuer, kind }: TokenType<PresentedKind>): string =>
  issuer.kind === "token_endpoint" ? EXCHANGED : `${issuer.name.value}.${kind}`

/** The token of the caller's that it is or goes back to. */
export const rootOf = (token: TokenType): TokenType | undefined =>
  token.issuer.kind === "token_endpoint" ? token.root : token

/** Nobody is known yet: what every request starts with. */
export interface Caller {
  readonly tag: "Caller"
}

/** Nobody is asked who they are: said, never implied. */
export interface Anonymous {
  readonly tag: "Anonymous"
}

/** Somebody whose token, key or certificate was verified. */
export interface Principal {
  readonly tag: "Principal"
  /** What the caller presents. Its claims are what `claims` means in the flow. */
  readonly token: TokenType<PresentedKind>
  /** Tokens of this person that a stage may name: the caller's own, and those kept from the login. */
  readonly tokens: readonly TokenType[]
}

/** Temporary AWS credentials of one role session. */
export interface AwsCredentials {
  readonly tag: "AwsCredentials"
  readonly principal: Principal
  readonly region: string
  readonly roles: RoleRules
  /** Seconds. */
  readonly duration: number
}

/** A request that is complete and signed. */
export interface SignedRequest {
  readonly tag: "SignedRequest"
  readonly principal: Principal
  readonly service: string
  readonly region: string
  /** Is the body part of what is signed? */
  readonly payload: "signed" | "unsigned"
  /** Bytes; of a signed body. */
  readonly maxBody: number
}

/** A token that the upstream is shown: its issuer, whom it is for, and the header it travels in. */
export interface Token {
  readonly tag: "Token"
  readonly principal: Principal
  /** As the subject of a further exchange. */
  readonly type: TokenType
  readonly kind: TokenKind
  /** `iss` of who issues it, or the endpoint it is got from. */
  readonly issuer: string
  /** `undefined` when not known. */
  readonly audience: string | undefined
  /** Name of the header, as written. */
  readonly header: string
}

/** Header fields that the upstream is shown, the same for every caller. */
export interface Headers {
  readonly tag: "Headers"
  readonly principal: Principal | Anonymous
  readonly names: readonly string[]
}

/** The upstream is shown no credential: said, never implied. */
export interface Unauthenticated {
  readonly tag: "Unauthenticated"
  readonly principal: Principal | Anonymous
}

/** The upstream's answer: where every flow ends. */
export interface Answer {
  readonly tag: "Answer"
  readonly url: Located<string>
}

export type Credential =
  | Caller
  | Anonymous
  | Principal
  | AwsCredentials
  | SignedRequest
  | Token
  | Headers
  | Unauthenticated
  | Answer
export type CredentialTag = Credential["tag"]
export type CredentialOf<Tag extends CredentialTag> = Extract<Credential, { readonly tag: Tag }>

/** The caller behind a credential that an exchange may begin with. */
export const callerOf = (input: Principal | Token): Principal => (input.tag === "Token" ? input.principal : input)
