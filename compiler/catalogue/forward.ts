/**
 * `forward URL`: sends the prepared request to the upstream. Where every flow ends.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import type { Token } from "./credential.ts"
import { withDefault } from "./field.ts"
import { httpsUrl } from "./url.ts"
import { duration } from "./values.ts"

const fields = {
  timeout: withDefault(duration({ min: 1, max: 60 * 60 }), 60, {
    doc: "Time to the headers of the upstream's answer; an event stream may stay open longer.",
    example: "60s",
  }),
}

/** Warns of a token that names a host it is for (RFC 8707 section 2), and goes to another one. */
const checkAudience = ({ audience }: Token, { value, span }: Located<string>, scope: Scope): void => {
  if (!audience?.startsWith("https://")) return
  const { host } = new URL(value)
  const named = URL.parse(audience)?.host
  if (named !== undefined && named !== host) scope.report("AF1211", span, { host, audience })
}

export const forward: StageConstruct<
  "forward",
  string,
  typeof fields,
  "SignedRequest" | "Token" | "Headers" | "Unauthenticated",
  "Answer"
> = {
  verb: "forward",
  kind: "forward",
  doc: "Sends the request to the upstream.",
  operand: { by: "value", type: httpsUrl },
  fields,
  consumes: ["SignedRequest", "Token", "Headers", "Unauthenticated"],
  produces: "Answer",
  type: ({ operand, input }, scope) => {
    if (input.tag === "Token") checkAudience(input, operand, scope)
    return { tag: "Answer", url: operand }
  },
}
