/**
 * `inject none`: the upstream takes everybody, and is shown nothing.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"

const fields = {}

export const injectNone: StageConstruct<
  "inject.none",
  string,
  typeof fields,
  "Principal" | "Anonymous",
  "Unauthenticated"
> = {
  verb: "inject",
  kind: "inject.none",
  doc: "Shows the upstream no credential at all, for one that asks for none. The caller's own token stays here.",
  operand: { by: "kind", name: "none" },
  fields,
  consumes: ["Principal", "Anonymous"],
  produces: "Unauthenticated",
  type: ({ input }) => ({ tag: "Unauthenticated", principal: input }),
}
