/**
 * `inject bearer`: one bearer token for everybody, from a secret.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { required } from "./field.ts"
import { secret } from "./secret.ts"

const fields = {
  token: required(secret, {
    doc: "The token. It is sent as `Authorization: Bearer …`.",
    example: 'secret("upstream", key: "token")',
  }),
}

export const injectBearer: StageConstruct<
  "inject.bearer",
  string,
  typeof fields,
  "Principal" | "Anonymous",
  "Headers"
> = {
  verb: "inject",
  kind: "inject.bearer",
  doc: "Shows the upstream a bearer token from a secret, the same for every caller.",
  operand: { by: "kind", name: "bearer" },
  fields,
  consumes: ["Principal", "Anonymous"],
  produces: "Headers",
  type: ({ input }) => ({ tag: "Headers", principal: input, names: ["Authorization"] }),
}
