/**
 * `callers NAME = …`: who may call where nobody logs in: workloads of a cluster, holders of keys or certificates, and the
 * tokens of several issuers.
 *
 * @module
 */
import { replacement, written } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import type { AnyOf } from "./any-of.ts"
import type { ApiKeys } from "./api-keys.ts"
import type { ClientCertificates } from "./client-certificates.ts"
import type { ValueType } from "./field.ts"
import type { OidcProvider } from "./oidc.ts"
import type { ServiceAccounts } from "./service-accounts.ts"
import { mismatch } from "./values.ts"

export type Callers = ServiceAccounts | ApiKeys | ClientCertificates | AnyOf

export type CallersKind = Callers["kind"]

/** Who issues JWTs that callers bring. */
export type TokenIssuer = OidcProvider | ServiceAccounts

const LABEL = "the name of a provider or of service accounts"

/** An issuer of tokens that any_of can tell from others. */
export const issuerName: ValueType<TokenIssuer> = {
  label: LABEL,
  structure: { kind: "name", of: "provider" },
  check: (expression, scope) => {
    if (expression.kind !== "Reference" || expression.path.length !== 1) return mismatch(expression, LABEL, scope)
    const name = written(expression)
    const found = scope.providers.get(name) ?? scope.callers.get(name)
    if (found === BROKEN) return undefined
    if (found?.kind === "oidc" || found?.kind === "service_accounts") return found
    return reportNoIssuer(name, expression.span, scope)
  },
}

const reportNoIssuer = (name: string, span: { start: number; end: number }, scope: Scope): undefined => {
  const named = scope.names.get(name)
  if (named) scope.report("AF0208", span, { name, is: named.kind, needed: "provider or service accounts" })
  else if (name !== "") {
    const meant = nearest(name, [...scope.providers.keys(), ...scope.callers.keys()])
    scope.report("AF0201", span, { what: "provider", name, meant }, replacement(span, meant))
  }
  return undefined
}
