/**
 * `identify anonymous`: nobody is asked who they are.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"

const fields = {}

export const identifyAnonymous: StageConstruct<"identify.anonymous", string, typeof fields, "Caller", "Anonymous"> = {
  verb: "identify",
  kind: "identify.anonymous",
  doc: "Lets everybody in, without a name and without a token. What a person's token is needed for cannot follow.",
  operand: { by: "kind", name: "anonymous" },
  fields,
  consumes: ["Caller"],
  produces: "Anonymous",
  type: () => ({ tag: "Anonymous" }),
}
