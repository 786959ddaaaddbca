/**
 * Delegate clients and trusted issuers as `delegateClients` and `trustedIssuers` of the embedded authorization server
 * (docs/arch/17-token-exchange-delegation.md of ToolHive).
 *
 * @module
 */
import type { AuthServer } from "../../catalogue/auth-server.ts"
import type { TrustedIssuer } from "../../catalogue/delegation.ts"
import { type Located, values } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { goDuration } from "./go-duration.ts"
import { field, type Mapping, mapping } from "./manifest.ts"
import { secretRef } from "./secret-ref.ts"

/** Seconds; ToolHive's CRD has no field for it. */
const LIFETIME = 15 * 60
const MAX_DELEGATES = 10
const MAX_ISSUERS = 20

export const refuseDelegation = ({ fields }: AuthServer, { report }: Context): void => {
  const { delegates, trust, tokens } = fields
  const { delegated } = tokens.value
  const used = delegates.value.size > 0 || trust.value.size > 0
  if (used && delegated.value !== LIFETIME) report("AF1562", delegated.span, {})
  const counts = [
    { what: "delegate clients", field: delegates, max: MAX_DELEGATES },
    { what: "trusted issuers", field: trust, max: MAX_ISSUERS },
  ]
  for (const { what, field, max } of counts) {
    const count = field.value.size
    if (count > max) report("AF1564", field.span, { what, count, max })
  }
  for (const [issuer, { value }] of trust.value) if (value.id_jag) report("AF1563", value.id_jag.span, { issuer })
}

const said = (list: Located<readonly Located<string>[]> | undefined) => (list === undefined ? undefined : values(list))

export const delegateClients = ({ fields: { delegates } }: AuthServer): readonly Mapping[] | undefined =>
  delegates.value.size === 0
    ? undefined
    : [...delegates.value].map(
        ([
          id,
          {
            value: { secret, scopes, audiences },
          },
        ]) =>
          mapping(
            field("clientId", id),
            field("clientSecretRef", secretRef(secret.value)),
            field("scopes", values(scopes)),
            field("audiences", values(audiences)),
          ),
      )

export const trustedIssuers = ({ fields: { trust } }: AuthServer): readonly Mapping[] | undefined =>
  trust.value.size === 0 ? undefined : [...trust.value].map(([issuer, { value }]) => trustedIssuer(issuer, value))

const trustedIssuer = (issuer: string, trusted: TrustedIssuer): Mapping => {
  const { jwks, private_network, audience, delegates, actor_claim, actors, actor_matches, may_act, assertions } =
    trusted
  return mapping(
    field("issuerUrl", issuer),
    field("jwksUrl", jwks?.value),
    field("allowPrivateIPs", private_network.value || undefined),
    field("expectedAudience", audience?.value),
    field("allowedDelegateClients", said(delegates)),
    field("actorClaim", actor_claim?.value),
    field("allowedActors", said(actors)),
    field("actorMatcher", actor_matches?.value),
    field("allowMayAct", may_act.value || undefined),
    field(
      "jwtBearerGrant",
      assertions &&
        mapping(
          field("maxAssertionAge", goDuration(assertions.value.max_age.value)),
          field("acceptedAudiences", said(assertions.value.audiences)),
          field(
            "subjectBindings",
            [...assertions.value.subjects.value].map(([subject, resources]) =>
              mapping(field("subject", subject), field("allowedResources", values(resources))),
            ),
          ),
        ),
    ),
  )
}
