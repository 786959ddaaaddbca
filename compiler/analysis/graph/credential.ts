/**
 * What is worth knowing of a credential, in a few lines.
 *
 * @module
 */
import { type Credential, type CredentialOf, type CredentialTag, nameOf } from "../../catalogue/credential.ts"
import { formatDuration } from "../../catalogue/unit.ts"

/** Roles that are named; how many more there are is said. */
const ROLES = 6

type Lines<Tag extends CredentialTag> = (credential: CredentialOf<Tag>, read: readonly string[]) => readonly string[]

const lines: { readonly [Tag in CredentialTag]: Lines<Tag> } = {
  Caller: () => ["nobody is known yet"],
  Anonymous: () => ["nobody is asked who they are"],
  Principal: ({ token }, read) => [
    nameOf(token),
    ...(token.kind === "access_token" ? [`issuer ${token.issuer.url}`] : [token.issuer.url]),
    ...(token.audience === undefined ? [] : [`audience ${token.audience}`]),
    ...(read.length > 0 ? [`claims ${read.join(", ")}`] : []),
  ],
  AwsCredentials: ({ region, duration, roles: { rules, otherwise } }) => {
    const decisions = [...rules.map(({ then }) => then), otherwise]
    const roles = [...new Set(decisions.flatMap((each) => ("role" in each ? [each.role.value] : [])))]
    return [
      `${region}, for ${formatDuration(duration)}`,
      ...roles.slice(0, ROLES),
      ...(roles.length > ROLES ? [`and ${roles.length - ROLES} more roles`] : []),
      ...("deny" in otherwise ? ["nobody else"] : []),
    ]
  },
  SignedRequest: ({ service, region }) => [`signed for ${service} in ${region}`],
  Token: ({ kind, issuer, audience, header }) => [
    kind,
    `issuer ${issuer}`,
    ...(audience === undefined ? [] : [`audience ${audience}`]),
    `in the header ${header}`,
  ],
  Headers: ({ names }) => names.map((name) => `header ${name}`),
  Unauthenticated: () => ["no credential is shown"],
  Answer: ({ url }) => [url.value],
}

/** `read`: the claims that later stages read. */
export const credentialLines = (credential: Credential, read: readonly string[]): readonly string[] => {
  // The record is keyed by the credential's own tag, which the compiler cannot follow through the union.
  const of = lines[credential.tag] as (credential: Credential, read: readonly string[]) => readonly string[]
  return of(credential, read)
}
