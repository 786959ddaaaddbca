/**
 * `exchange aws.sts`.
 *
 * @module
 */
import { Schema } from "effect"
import { RoleRules } from "../role-rules.ts"
import { Url } from "../values.ts"
import { Subject } from "./exchange.ts"

/** STS AssumeRoleWithWebIdentity. */
export const AwsSts = Schema.Struct({
  kind: Schema.Literal("aws.sts"),
  /** The token AWS is shown. */
  subject: Subject,
  region: Schema.NonEmptyString,
  /** Overrides the regional endpoint; AWS_ENDPOINT_URL_STS does so too. */
  endpoint: Schema.optionalKey(Url),
  role: RoleRules,
  /** Session policies: what the role may do is cut down to what these allow too. */
  policy: Schema.optionalKey(Schema.NonEmptyString),
  policyArns: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  session: Schema.Struct({
    /** The claim of the caller's principal that names the role session. */
    nameClaim: Schema.NonEmptyString,
    /** `reject`: refuse the request (403) when the value breaks STS's bounds. `sanitize`: replace and cut, made unique by a digest. */
    onInvalid: Schema.Literals(["reject", "sanitize"]),
    duration: Schema.Int.check(Schema.isBetween({ minimum: 900, maximum: 43200 })),
  }),
})
export type AwsSts = typeof AwsSts.Type
