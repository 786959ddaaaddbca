/**
 * `forward URL`: sends the prepared request to the upstream. Where every flow ends.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { withDefault } from "./field.ts"
import { httpsUrl } from "./url.ts"
import { duration } from "./values.ts"

const fields = {
  timeout: withDefault(duration({ min: 1, max: 60 * 60 }), 60, {
    doc: "Time to the headers of the upstream's answer; an event stream may stay open longer.",
    example: "60s",
  }),
}

export const forward: StageConstruct<"forward", string, typeof fields, "SignedRequest", "Answer"> = {
  verb: "forward",
  kind: "forward",
  doc: "Sends the request to the upstream.",
  operand: { by: "value", type: httpsUrl },
  fields,
  consumes: "SignedRequest",
  produces: "Answer",
  type: ({ operand }) => ({ tag: "Answer", url: operand }),
}
