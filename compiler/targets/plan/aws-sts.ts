/** Lowers `exchange aws.sts`. */
import type { AwsSts, Condition as PlanCondition, RoleDecision as PlanDecision } from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Condition, RoleDecision } from "../../catalogue/role-rules.ts"
import { values } from "../../source/source.ts"
import { subjectOf } from "./exchange.ts"

export const lowerAwsSts = ({
  fields: { subject, region, role, session, policy, policy_arns, endpoint },
}: StageOf<"aws.sts">): AwsSts => ({
  kind: "aws.sts",
  subject: subjectOf(subject.value),
  region: region.value,
  ...(policy && { policy: policy.value }),
  ...(policy_arns.value.length > 0 && { policyArns: values(policy_arns) }),
  ...(endpoint && { endpoint: endpoint.value }),
  role: {
    rules: role.value.rules.map(({ when, then }) => ({ when: condition(when), then: decision(then) })),
    otherwise: decision(role.value.otherwise),
  },
  session: {
    nameClaim: session.value.name.value.name,
    onInvalid: session.value.on_invalid?.value ?? "reject",
    duration: session.value.duration.value,
  },
})

const condition = (when: Condition): PlanCondition => {
  if (when.op === "cel") return { op: "cel", expression: when.expression.value }
  if ("value" in when) return { op: when.op, claim: when.claim.name, value: when.value.value }
  const [first, ...others] = when.values
  return { op: when.op, claim: when.claim.name, values: [first.value, ...others.map(({ value }) => value)] }
}

const decision = (then: RoleDecision): PlanDecision =>
  "role" in then ? { role: then.role.value } : { deny: then.deny.value }
