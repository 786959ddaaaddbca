/**
 * `limit tool_calls`: how often tools are called, as buckets that fill up again evenly (token buckets). All pods count together.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { type Fields, optional, required } from "./field.ts"
import { integer } from "./scalars.ts"
import { block, duration, map } from "./values.ts"

const MAX_INT32 = 2_147_483_647
const DAY = 24 * 60 * 60

const rate = block({
  calls: required(integer({ min: 1, max: MAX_INT32 }), {
    doc: "How many calls at once; the size of the bucket.",
    example: "100",
  }),
  per: required(duration({ min: 1, max: DAY }), {
    doc: "Time in which an empty bucket is full again.",
    example: "1m",
  }),
})

export type Rate = Fields<(typeof rate)["fields"]>

const buckets = {
  shared: optional(rate, {
    doc: "One bucket for all callers together.",
    example: "{ calls: 1000, per: 1m }",
  }),
  per_user: optional(rate, {
    doc: "A bucket for each caller, told apart by the `sub` of its token.",
    example: "{ calls: 60, per: 1m }",
  }),
}

const fields = {
  ...buckets,
  tools: optional(map(block(buckets), "a map of tools, such as `{ search: { per_user: { calls: 5, per: 1m } } }`"), {
    doc: "Limits of one tool, beside those above.",
    example: "{ search: { per_user: { calls: 5, per: 1m } } }",
  }),
}

export const limitToolCalls: StageConstruct<"limit.tool_calls", string, typeof fields, "Principal", "Principal"> = {
  verb: "limit",
  kind: "limit.tool_calls",
  doc: "Refuses a call of a tool with 429 when its bucket is empty. Other requests are not counted.",
  operand: { by: "kind", name: "tool_calls" },
  fields,
  consumes: ["Principal"],
  produces: "Principal",
  type: ({ operand, input, fields: { shared, per_user, tools } }, scope) => {
    const none = shared === undefined && per_user === undefined && (tools === undefined || tools.value.size === 0)
    if (none) scope.report("AF1311", operand.span, { what: "this stage" })
    const idle = [...(tools?.value ?? [])].filter(([, { value }]) => !value.shared && !value.per_user)
    for (const [tool, { span }] of idle) scope.report("AF1311", span, { what: `\`${tool}\`` })
    return none || idle.length > 0 ? undefined : input
  },
}
