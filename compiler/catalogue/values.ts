/**
 * Value types: how an expression is checked to be a string, a duration, a URL, a secret …
 *
 * @module
 */

import type { Located } from "../source/source.ts"
import type { CarriedClaim } from "./auth-server.ts"
import type { Claim, ClaimType } from "./claims.ts"
import type { TokenType } from "./credential.ts"
import type { FieldDeclarations, Fields, ValueType } from "./field.ts"
import type { Provider } from "./oidc.ts"
import type { RoleRules } from "./role-rules.ts"

const scalar = <T>(label: string): ValueType<T> => ({ label, structure: { kind: "scalar" }, check: () => undefined })

export const text: ValueType<string> = scalar("a string")
export const scope: ValueType<string> = scalar("a scope")
export const httpsUrl: ValueType<string> = scalar("an https URL")
export const issuerUrl: ValueType<string> = scalar("an issuer URL")
export const awsRegion: ValueType<string> = scalar("an AWS region")
export const serviceName: ValueType<string> = scalar("an AWS service name")
export const duration = (_: { min: number; max: number }): ValueType<number> => scalar("a duration")
export const size = (_: { min: number; max: number }): ValueType<number> => scalar("a size")
export const choice = <const T extends string>(values: readonly T[]): ValueType<T> => ({
  label: "a choice",
  structure: { kind: "choice", values },
  check: () => undefined,
})
export const list = <T>(item: ValueType<T>, _?: { min?: number; max?: number }): ValueType<readonly Located<T>[]> => ({
  label: `a list of ${item.label}`,
  structure: { kind: "list", item },
  check: () => undefined,
})
export const block = <F extends FieldDeclarations>(fields: F): ValueType<Fields<F>> & { readonly fields: F } => ({
  label: "a map",
  structure: { kind: "block", fields },
  fields,
  check: () => undefined,
})
export const claimTypes: ValueType<ReadonlyMap<string, Located<ClaimType>>> = scalar("a map of claims")
export const carriedClaims: ValueType<readonly CarriedClaim[]> = scalar("a map of claims")
export const providerName: ValueType<Provider> = scalar("a provider")
export const tokenName: ValueType<TokenType> = scalar("a token")
export const claimName: ValueType<Claim> = scalar("a claim")
export const roleRules: ValueType<RoleRules> = scalar("role rules")
