/**
 * `exchange aws.sts`: STS AssumeRoleWithWebIdentity. AWS is shown a token and gives temporary credentials of one role.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { optional, required, withDefault } from "./field.ts"
import { awsRegion, block, choice, claimName, duration, httpsUrl, roleRules, tokenName } from "./values.ts"

const fields = {
  subject: required(tokenName, {
    doc: "The token AWS is shown. AWS verifies it against its issuer, which the account has as an IAM OpenID Connect provider.",
    example: "corp.id_token",
  }),
  region: required(awsRegion, { doc: "Region of the STS endpoint.", example: '"us-east-1"' }),
  role: required(roleRules, {
    doc: "The role to assume, by the caller's claims. The first rule that applies decides; `else` when none does.",
    example: 'match claims.groups { contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin" else => deny }',
  }),
  session: required(
    block({
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
    }),
    { doc: "The role session.", example: "{ name: claims.sub, duration: 1h }" },
  ),
  endpoint: optional(httpsUrl, {
    doc: "STS endpoint to use instead of the region's own, such as a VPC endpoint.",
    example: '"https://sts.us-east-1.amazonaws.com"',
  }),
}

export const awsSts: StageConstruct<"aws.sts", string, typeof fields, "Principal", "AwsCredentials"> = {
  verb: "exchange",
  kind: "aws.sts",
  doc: "Exchanges a token for temporary AWS credentials of a role (STS AssumeRoleWithWebIdentity).",
  operand: { by: "kind", name: "aws.sts" },
  fields,
  consumes: "Principal",
  produces: "AwsCredentials",
  type: () => undefined,
}
