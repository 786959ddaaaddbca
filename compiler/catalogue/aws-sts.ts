/**
 * `exchange aws.sts`: STS AssumeRoleWithWebIdentity. AWS is shown a token and gives temporary credentials of one role.
 *
 * @module
 */

import { roleRules } from "../check/role-rules.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { awsRegion, parseRoleArn, partitionOf, policyArn } from "./aws.ts"
import type { StageConstruct } from "./construct.ts"
import { callerOf, nameOf, type Principal, rootOf, type TokenType } from "./credential.ts"
import { subjectName, takesWhatWasMade } from "./exchanged.ts"
import { type Fields, optional, required, withDefault } from "./field.ts"
import type { RoleRules } from "./role-rules.ts"
import { claimName } from "./token.ts"
import { httpsUrl } from "./url.ts"
import { block, choice, duration, list, text } from "./values.ts"

const session = {
  name: required(claimName, {
    doc: "The claim that names the role session, as CloudTrail shows it. 2 to 64 letters, digits and `_+=,.@-`.",
    example: "claims.email",
  }),
  on_invalid: optional(choice(["reject", "sanitize"]), {
    doc: "When a caller's value breaks those bounds. `reject`: refuse with 403. `sanitize`: replace, cut, add a digest.",
    example: "reject",
  }),
  duration: withDefault(duration({ min: 15 * 60, max: 12 * 60 * 60 }), 60 * 60, {
    doc: "How long the credentials live. The role's own maximum may be lower.",
    example: "1h",
  }),
}

const fields = {
  subject: required(subjectName, {
    doc: "The token AWS is shown. AWS verifies it against its issuer, which the account has as an IAM OpenID Connect provider.",
    example: "corp.id_token",
  }),
  region: required(awsRegion, { doc: "Region of the STS endpoint.", example: '"us-east-1"' }),
  role: required(roleRules, {
    doc: "The role to assume, by the caller's claims. The first rule that applies decides; `else` when none does.",
    example: 'match claims.groups { contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin" else => deny }',
  }),
  session: required(block(session), { doc: "The role session.", example: "{ name: claims.sub, duration: 1h }" }),
  policy: optional(text, {
    doc: "A session policy, as IAM's JSON: the credentials can do what the role and it both allow.",
    example: '"{ \\"Version\\": \\"2012-10-17\\", \\"Statement\\": [] }"',
  }),
  policy_arns: withDefault(list(policyArn, { max: 10 }), [], {
    doc: "Managed policies that are session policies too, ten at most.",
    example: '["arn:aws:iam::aws:policy/ReadOnlyAccess"]',
  }),
  endpoint: optional(httpsUrl, {
    doc: "STS endpoint to use instead of the region's own, such as a VPC endpoint.",
    example: '"https://sts.us-east-1.amazonaws.com"',
  }),
}

export const awsSts: StageConstruct<"aws.sts", string, typeof fields, "Principal" | "Token", "AwsCredentials"> = {
  verb: "exchange",
  kind: "aws.sts",
  doc: "Exchanges a token for temporary AWS credentials of a role (STS AssumeRoleWithWebIdentity).",
  operand: { by: "kind", name: "aws.sts" },
  fields,
  consumes: ["Principal", "Token"],
  produces: "AwsCredentials",
  type: ({ fields: { subject, region, role, session, policy }, input, operand }, scope) => {
    const caller = callerOf(input)
    // Each of these is told apart from the others: all are reported, one may be what the other needs.
    const sound = [
      verifiable(subject, scope),
      takesWhatWasMade(input, [subject], operand.span, scope),
      sameOrigin(subject, role.value, caller, scope),
      inPartition(role.value, region, scope),
      namesSession(session.value, caller, scope),
      isPolicy(policy, scope),
    ]
    if (sound.includes(false)) return undefined
    return {
      tag: "AwsCredentials",
      principal: caller,
      region: region.value,
      roles: role.value,
      duration: session.value.duration.value,
    }
  },
}

/** IAM: JSON with statements. AWS counts it packed, so that 2048 characters are the most that may ever pass. */
const isPolicy = (policy: Located<string> | undefined, scope: Scope): boolean => {
  if (policy === undefined) return true
  const wrong = policy.value.length > 2048 ? `it has ${policy.value.length} characters, of 2048` : faultOf(policy.value)
  if (wrong !== undefined) scope.report("AF1605", policy.span, { why: wrong })
  return wrong === undefined
}

const faultOf = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && "Statement" in value ? undefined : "it has no `Statement`"
  } catch {
    return "it is no JSON"
  }
}

/** AWS verifies the token's signature and its audience. */
const verifiable = ({ value: token, span }: Located<TokenType>, scope: Scope): boolean => {
  const related = [{ span: token.issuer.name.span, message: "declared here" }]
  const args = { token: nameOf(token), provider: token.issuer.name.value }
  if (token.issuer.kind === "token_endpoint" && token.format === "opaque")
    scope.report("AF1603", span, { stage: "aws.sts" }, { related })
  else if (token.format === "opaque") scope.report("AF0504", span, args, { related })
  else if (token.audience === undefined) scope.report("AF0506", span, args, { related })
  else if (token.issuer.kind === "auth_server" && !isPublic(token.issuer.url))
    scope.report("AF1502", span, { token: nameOf(token), issuer: token.issuer.url }, { related })
  else return true
  return false
}

/** Names that only a network of one's own resolves (RFC 6761, RFC 6762, RFC 8375, and what Kubernetes and clouds use). */
const PRIVATE = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa|svc|test|invalid)$/

/** AWS fetches the issuer's metadata and keys from outside. */
const isPublic = (issuer: string): boolean => {
  const host = /^https:\/\/(\[[^\]]*\]|[^/:?#]+)/.exec(issuer)?.[1]?.toLowerCase() ?? ""
  return host.includes(".") && !/^[\d.]+$/.test(host) && !PRIVATE.test(host)
}

/** The claims that choose the role and the token that AWS is shown are to be of one issuer: else AWS vouches for another. */
const sameOrigin = (subject: Located<TokenType>, rules: RoleRules, { token }: Principal, scope: Scope): boolean => {
  // An exchanged token is of whom it was exchanged for: that issuer's word is behind it.
  const issuer = rootOf(subject.value)?.issuer.name.value
  if (issuer === token.issuer.name.value) return true
  const read = rules.rules.flatMap(({ when }) => (when.op === "cel" ? when.claims : [when.claim]))
  const foreign = read.find(({ origin }) => origin !== issuer)
  if (foreign)
    scope.report(
      "AF0505",
      subject.span,
      { token: nameOf(subject.value), claim: foreign.name, origin: foreign.origin },
      { related: [{ span: rules.span, message: `the role is chosen by what ${foreign.origin} says` }] },
    )
  return foreign === undefined
}

const inPartition = (rules: RoleRules, region: Located<string>, scope: Scope): boolean => {
  const partition = partitionOf(region.value)
  const roles = [...rules.rules.map(({ then }) => then), rules.otherwise].flatMap((each) =>
    "role" in each ? [each.role] : [],
  )
  const foreign = roles.filter(({ value }) => parseRoleArn(value)?.partition !== partition)
  for (const { value, span } of foreign)
    scope.report(
      "AF0611",
      span,
      { found: parseRoleArn(value)?.partition ?? "", region: region.value, partition },
      { related: [{ span: region.span, message: `this region is in ${partition}` }] },
    )
  return foreign.length === 0
}

/** STS: 2 to 64 of `[\w+=,.@-]`. Only `sub` of our own server is known to be that; others may hold anything. */
const namesSession = ({ name, on_invalid }: Fields<typeof session>, { token }: Principal, scope: Scope): boolean => {
  const { name: claim, type } = name.value
  const safe = claim === "sub" && token.issuer.kind === "auth_server"
  if (type !== "string") scope.report("AF0513", name.span, { claim, type })
  else if (!safe && on_invalid === undefined) {
    const { end } = name.span
    const edits = [{ span: { start: end, end }, text: ", on_invalid: reject" }]
    scope.report("AF0514", name.span, { claim }, { fix: { title: "Refuse callers whose value does not fit", edits } })
  } else return true
  return false
}
