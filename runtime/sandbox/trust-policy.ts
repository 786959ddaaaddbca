/**
 * The AWS side of a plan: IAM OpenID Connect providers, roles, and the trust policies that let the plan's tokens assume them.
 *
 * @module
 */
import type { AwsSts, Flow, Plan } from "../plan.ts"
import { subjectToken } from "./subject-token.ts"
import { madeBy } from "./token-endpoint/service.ts"

/** An IAM OpenID Connect provider: an issuer the account trusts, and the audiences ("client ids") it is trusted for. */
export interface IamOidcProvider {
  readonly arn: string
  readonly issuer: string
  readonly clientIds: readonly string[]
}

/** One statement of a role's trust policy, as IAM writes it. */
export interface TrustStatement {
  readonly Effect: "Allow"
  readonly Principal: { readonly Federated: string }
  readonly Action: "sts:AssumeRoleWithWebIdentity"
  readonly Condition: { readonly StringEquals: Readonly<Record<string, string | readonly string[]>> }
}

export interface TrustPolicy {
  readonly Version: "2012-10-17"
  readonly Statement: readonly TrustStatement[]
}

/** A role that the plan may assume. */
export interface IamRole {
  readonly arn: string
  readonly trustPolicy: TrustPolicy
  /** Seconds. IAM's default is 3600; a plan that asks for more needs it raised on the role. */
  readonly maxSessionDuration: number
}

export interface IamAccount {
  readonly oidcProviders: readonly IamOidcProvider[]
  readonly roles: readonly IamRole[]
}

/** What IAM calls the issuer: its URL without the scheme. It prefixes the condition keys. */
export const issuerKey = (issuer: string): string => issuer.replace(/^https?:\/\//, "")

/**
 * The IAM configuration a plan needs and nothing more: each role trusts exactly the issuers and audiences of the tokens that
 * the flows choosing it show. A subject token whose audience is not known (the ID token of our own server, which each client
 * gets for itself) gives no statement, so that STS refuses it rather than trusting every audience.
 */
export const iamAccount = (plan: Plan): IamAccount => {
  const uses = plan.flows.flatMap((flow) =>
    flow.stages.filter((stage) => stage.kind === "aws.sts").flatMap((sts) => use(plan, flow, sts)),
  )
  const roles = distinct(uses.flatMap(({ roles }) => roles))
  return {
    oidcProviders: distinct(
      roles.flatMap((arn) => usesOf(uses, arn).map(({ issuer }) => `${prefix(arn)} ${issuer}`)),
    ).map((key) => {
      const [arnPrefix = "", issuer = ""] = key.split(" ")
      const audiences = uses.filter((use) => use.issuer === issuer).map(({ audience }) => audience)
      return { arn: federated(arnPrefix, issuer), issuer, clientIds: distinct(audiences) }
    }),
    roles: roles.map((arn) => ({
      arn,
      trustPolicy: { Version: "2012-10-17", Statement: statements(arn, usesOf(uses, arn)) },
      maxSessionDuration: Math.max(3600, ...usesOf(uses, arn).map(({ duration }) => duration)),
    })),
  }
}

interface Use {
  readonly roles: readonly string[]
  readonly issuer: string
  readonly audience: string
  readonly duration: number
}

const use = (plan: Plan, flow: Flow, sts: AwsSts): readonly Use[] => {
  const before = flow.stages[flow.stages.indexOf(sts) - 1]
  const token = sts.subject === "exchanged" ? before && madeBy(before) : subjectToken(plan, flow, sts.subject)
  if (token?.audience === undefined) return []
  const decisions = [...sts.role.rules.map(({ then }) => then), sts.role.otherwise]
  const roles = decisions.flatMap((decision) => ("role" in decision ? [decision.role] : []))
  return [{ roles, issuer: token.issuer, audience: token.audience, duration: sts.session.duration }]
}

const usesOf = (uses: readonly Use[], role: string): readonly Use[] => uses.filter(({ roles }) => roles.includes(role))

const statements = (role: string, uses: readonly Use[]): readonly TrustStatement[] =>
  distinct(uses.map(({ issuer }) => issuer)).map((issuer) => {
    const audiences = distinct(uses.filter((use) => use.issuer === issuer).map(({ audience }) => audience))
    const [only] = audiences
    return {
      Effect: "Allow",
      Principal: { Federated: federated(prefix(role), issuer) },
      Action: "sts:AssumeRoleWithWebIdentity",
      // Values of one key are alternatives.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
      Condition: {
        StringEquals: {
          [`${issuerKey(issuer)}:aud`]: audiences.length === 1 && only !== undefined ? only : audiences,
        },
      },
    }
  })

/** `arn:aws:iam::123456789012` of a role's ARN. */
const prefix = (roleArn: string): string => roleArn.split(":").slice(0, 5).join(":")

const federated = (arnPrefix: string, issuer: string): string => `${arnPrefix}:oidc-provider/${issuerKey(issuer)}`

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)]
