/**
 * `authorize http`: which calls a caller may make, as a policy decision point says that is asked over HTTP.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { required, withDefault } from "./field.ts"
import { flag } from "./scalars.ts"
import { baseUrl } from "./url.ts"
import { choice, duration, list } from "./values.ts"

const fields = {
  url: required(baseUrl, {
    doc: "Where the policy decision point is; `/decision` is put behind it.",
    example: '"https://policy.example.com"',
  }),
  timeout: withDefault(duration({ min: 1, max: 300 }), 30, {
    doc: "Time to its answer.",
    example: "5s",
  }),
  claims: required(choice(["standard", "mpe"]), {
    doc: "How it is told of the caller's claims: `standard` as `roles` and `groups`, `mpe` as `mroles`, `mgroups`, `mclearance` and `mannotations`.",
    example: "standard",
  }),
  told: withDefault(list(choice(["arguments", "operation"])), [], {
    doc: "What else it is told: the `arguments` of the tool or prompt, and which `operation` it is on what.",
    example: "[operation]",
  }),
  verify: withDefault(flag, true, {
    doc: "Whether its certificate is verified. Without that, whoever answers says who gets in.",
    example: "true",
  }),
}

export const authorizeHttp: StageConstruct<"authorize.http", string, typeof fields, "Principal", "Principal"> = {
  verb: "authorize",
  kind: "authorize.http",
  doc: "Refuses calls that a policy decision point does not permit.",
  operand: { by: "kind", name: "http" },
  fields,
  consumes: ["Principal"],
  produces: "Principal",
  type: ({ input, fields: { verify } }, scope) => {
    if (!verify.value)
      scope.report("AF1310", verify.span, {
        what: "the policy decision point",
      })
    return input
  },
}
