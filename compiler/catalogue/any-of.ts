/**
 * `callers NAME = any_of`: tokens of several issuers. A token says in `iss` whose it is, and is verified as one of that issuer.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import { issuerName, type TokenIssuer } from "./callers.ts"
import type { Claim, ClaimSet } from "./claims.ts"
import type { DeclarationConstruct, Declared, StageConstruct } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { required } from "./field.ts"
import { canAskFor, stageFields } from "./identify.ts"
import { list } from "./values.ts"

const fields = {
  issuers: required(list(issuerName, { min: 2, max: 20, key: ({ name }) => name.value }), {
    doc: "Those whose tokens are accepted.",
    example: "[corp, partner]",
  }),
}

/** Checked issuers. */
export interface AnyOf extends Declared<"any_of", typeof fields> {
  readonly issuers: readonly TokenIssuer[]
  readonly accessToken: TokenType
}

export const anyOf: DeclarationConstruct<"any_of", typeof fields, AnyOf> = {
  keyword: "callers",
  kind: "any_of",
  doc: "Callers with a token of any of several issuers. Claims that all of them have can be read.",
  fields,
  complete: (declared, scope) => {
    const issuers = declared.fields.issuers.value
    if (!canBeToldApart(issuers, scope)) return undefined
    const all = issuers.map(({ value }) => value)
    return {
      ...declared,
      issuers: all,
      accessToken: {
        kind: "access_token",
        issuer: {
          kind: "any_of",
          name: declared.name,
          url: all.map(({ fields: { issuer } }) => issuer.value).join(" or "),
        },
        format: "jwt",
        audience: undefined,
        claims: common(
          all.map(({ accessToken }) => accessToken.claims),
          declared.name.value,
        ),
        lifetime: undefined,
      },
    }
  },
}

/** Whether `iss` can be read in each token, and is another one for each, after reporting. */
const canBeToldApart = (
  issuers: Declared<"any_of", typeof fields>["fields"]["issuers"]["value"],
  scope: Scope,
): boolean => {
  const seen = new Map<string, TokenIssuer>()
  let sound = true
  for (const { value: issuer, span } of issuers) {
    if (issuer.accessToken.format === "opaque") {
      const related = [{ span: issuer.name.span, message: "its access tokens are opaque unless it says otherwise" }]
      scope.report("AF1404", span, { issuer: issuer.name.value }, { related })
      sound = false
    }
    const url = issuer.fields.issuer.value
    const twin = seen.get(url)
    if (twin) {
      const related = [{ span: twin.fields.issuer.span, message: `${twin.name.value} is that issuer` }]
      scope.report("AF1405", span, { issuer: issuer.name.value, other: twin.name.value, url }, { related })
      sound = false
    } else seen.set(url, issuer)
  }
  return sound
}

/** Claims that every one of them has, of one type. What one may lack, all may. */
const common = ([first = new Map(), ...others]: readonly ClaimSet[], origin: string): ClaimSet => {
  const shared = [...first.values()].flatMap((claim: Claim): readonly Claim[] => {
    const twins = others.map((set) => set.get(claim.name))
    if (twins.some((twin) => twin?.type !== claim.type)) return []
    const always = claim.presence === "always" && twins.every((twin) => twin?.presence === "always")
    return [{ ...claim, origin, presence: always ? "always" : "sometimes" }]
  })
  return new Map(shared.map((claim) => [claim.name, claim]))
}

export const identifyAnyOf: StageConstruct<"identify.any_of", AnyOf, typeof stageFields, "Caller", "Principal"> = {
  verb: "identify",
  kind: "identify.any_of",
  doc: "Requires a JWT access token of one of several issuers, for this flow.",
  operand: { by: "declaration", of: "any_of" },
  fields: stageFields,
  consumes: ["Caller"],
  produces: "Principal",
  type: ({ operand: { value: callers }, fields: { scopes, audience } }, scope) => {
    const { flowUrl } = scope
    if (!canAskFor(scopes, scope) || flowUrl === undefined) return undefined
    const token = { ...callers.accessToken, audience: audience?.value ?? flowUrl.value }
    return { tag: "Principal", token, tokens: [token] }
  },
}
