/** Lowers delegate clients and trusted issuers. */
import type { AuthServer as PlanAuthServer, TrustedIssuer as PlanTrustedIssuer } from "../../../runtime/plan.ts"
import type { AuthServer } from "../../catalogue/auth-server.ts"
import type { TrustedIssuer } from "../../catalogue/delegation.ts"
import { type Located, values } from "../../source/source.ts"

export const lowerDelegation = ({
  delegates,
  trust,
}: AuthServer["fields"]): Pick<PlanAuthServer, "delegates" | "trustedIssuers"> => ({
  ...(delegates.value.size > 0 && {
    delegates: [...delegates.value].map(
      ([
        id,
        {
          value: { secret, scopes, audiences },
        },
      ]) => ({
        id,
        secret: secret.value,
        scopes: some(scopes),
        audiences: some(audiences),
      }),
    ),
  }),
  ...(trust.value.size > 0 && {
    trustedIssuers: [...trust.value].map(([issuer, { value }]) => lowerIssuer(issuer, value)),
  }),
})

const lowerIssuer = (issuer: string, trusted: TrustedIssuer): PlanTrustedIssuer => {
  const { jwks, private_network, audience, delegates, actor_claim, actors, actor_matches, may_act } = trusted
  const { assertions, id_jag } = trusted
  return {
    issuer,
    ...(jwks && { jwks: jwks.value }),
    privateNetwork: private_network.value,
    ...(audience &&
      delegates && {
        delegation: {
          audience: audience.value,
          delegates: some(delegates),
          actorClaim: actor_claim?.value ?? "azp",
          actors: actors ? values(actors) : [],
          ...(actor_matches && { actorMatches: actor_matches.value }),
          mayAct: may_act.value,
        },
      }),
    ...(assertions && {
      assertions: {
        maxAge: assertions.value.max_age.value,
        audiences: assertions.value.audiences ? values(assertions.value.audiences) : [],
        subjects: some({
          value: [...assertions.value.subjects.value].map(([subject, resources]) => ({
            value: { subject, resources: some(resources) },
          })),
        }),
      },
    }),
    ...(id_jag && { idJag: { clients: some(id_jag.value.clients), maxAge: id_jag.value.max_age.value } }),
  }
}

/** The checks have seen to it that there is one. */
const some = <T>({ value }: { readonly value: readonly Pick<Located<T>, "value">[] }): readonly [T, ...T[]] => {
  const [first, ...others] = value.map((each) => each.value)
  if (first === undefined) throw new Error("an empty list was checked to have an item")
  return [first, ...others]
}
