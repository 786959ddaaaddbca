/**
 * What exchanges have in common: the token they begin with, which may be the one that the stage before made, and the token
 * that comes of them.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { replacement, written } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import { at, type Located } from "../source/source.ts"
import { callerOf, EXCHANGED, nameOf, type Principal, rootOf, type Token, type TokenType } from "./credential.ts"
import { type Fields, optional, section, type ValueType, withDefault } from "./field.ts"
import { tokenName } from "./token.ts"
import { issuerUrl } from "./url.ts"
import { block, choice } from "./values.ts"

/** A token that the flow has of its caller, or `exchanged`: the one that the stage before this one made. */
export const subjectName: ValueType<TokenType> = {
  ...tokenName,
  label: "a token, such as `corp.id_token` or `exchanged`",
  check: (expression, scope) => {
    const word = expression.kind === "Reference" && expression.path.length === 1 ? written(expression) : undefined
    if (word === undefined || scope.names.get(word) !== undefined) return tokenName.check(expression, scope)
    if (word !== EXCHANGED) {
      const meant = nearest(word, [EXCHANGED])
      if (meant === undefined) return tokenName.check(expression, scope)
      const details = replacement(expression.span, meant)
      scope.report("AF0201", expression.span, { what: "token", name: word, meant }, details)
      return undefined
    }
    if (scope.exchanged === BROKEN || scope.principal === undefined) return undefined
    if (scope.exchanged === undefined) scope.report("AF1601", expression.span, {})
    return scope.exchanged
  },
}

const issuedFields = {
  format: withDefault(choice(["jwt", "opaque"]), "opaque", {
    doc: "`jwt` when others than the issuer can verify it, as AWS and Google have to.",
    example: "jwt",
  }),
  issuer: optional(issuerUrl, {
    doc: "`iss` of the new token, where others are to verify it.",
    example: '"https://idp.example.com"',
  }),
}

/** What a further exchange has to know of the new token. */
export const issued = section(block(issuedFields), {
  doc: "What is known of the new token. Needed only where a further stage exchanges it.",
  example: '{ format: jwt, issuer: "https://idp.example.com" }',
})

/** Whether the token made before is what the stage begins with, where there is one: else it was made for nothing. */
export const takesWhatWasMade = (
  input: Principal | Token,
  named: readonly (Located<TokenType> | undefined)[],
  operand: Span,
  scope: Scope,
): boolean => {
  if (input.tag === "Principal" || named.some((each) => each?.value === input.type)) return true
  const [first] = named
  const fix = first && {
    title: `Exchange the token of the stage before: \`${EXCHANGED}\``,
    edits: [{ span: first.span, text: EXCHANGED }],
  }
  scope.report("AF1602", first?.span ?? operand, { subject: first && nameOf(first.value) }, fix ? { fix } : {})
  return false
}

/** The credential that comes of an exchange at `endpoint`. */
export const exchangedToken = (made: {
  readonly input: Principal | Token
  /** `undefined`: the token is ours, and of no caller. */
  readonly subject: TokenType | undefined
  readonly endpoint: string
  readonly audience: string | undefined
  readonly header?: string
  readonly kind?: TokenType["kind"]
  readonly known?: Fields<typeof issuedFields>
  readonly place: Span
}): Token => {
  const { input, subject, endpoint, audience, header = "Authorization", kind = "access_token", known, place } = made
  const issuer = known?.issuer?.value ?? endpoint
  return {
    tag: "Token",
    principal: callerOf(input),
    kind,
    issuer,
    audience,
    header,
    type: {
      kind,
      issuer: { kind: "token_endpoint", name: at(place, EXCHANGED), url: issuer },
      format: known?.format.value ?? "opaque",
      audience,
      claims: new Map(),
      lifetime: undefined,
      root: subject && rootOf(subject),
    },
  }
}
