/**
 * `inject header`: one header for everybody, its value from a secret: an API key.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { required } from "./field.ts"
import { headerName } from "./header-name.ts"
import { secret } from "./secret.ts"

const fields = {
  name: required(headerName, { doc: "The header.", example: '"X-Api-Key"' }),
  value: required(secret, {
    doc: "Its whole value, as it is sent.",
    example: 'secret("upstream", key: "api-key")',
  }),
}

export const injectHeader: StageConstruct<
  "inject.header",
  string,
  typeof fields,
  "Principal" | "Anonymous",
  "Headers"
> = {
  verb: "inject",
  kind: "inject.header",
  doc: "Shows the upstream a header with a value from a secret, the same for every caller.",
  operand: { by: "kind", name: "header" },
  fields,
  consumes: ["Principal", "Anonymous"],
  produces: "Headers",
  type: ({ fields: { name }, input }) => ({ tag: "Headers", principal: input, names: [name.value] }),
}
