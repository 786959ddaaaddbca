/**
 * What of exchanges ToolHive has no counterpart of: refused, never left out.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow, Stage } from "../../check/program.ts"
import type { Located } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { type Addition, nothing } from "./outgoing.ts"

/** A stage that none of ToolHive's types does. */
export const refuseExchange = (
  { kind, operand }: StageOf<"jwt_bearer" | "client_credentials">,
  { report }: Context,
): Addition => {
  report("AF1610", operand.span, { stage: kind })
  return nothing
}

/** Stages that make another token or credentials of what they are given. */
const EXCHANGES = ["aws.sts", "token_exchange", "obo", "xaa", "jwt_bearer", "client_credentials"]

/** One MCPExternalAuthConfig for each way to an upstream. What comes after the first exchange, after reporting it. */
export const refuseChains = ({ stages }: Flow, { report }: Context): readonly Stage[] => {
  const [, ...further] = stages.filter(({ kind }) => EXCHANGES.includes(kind))
  const [second] = further
  if (second) report("AF1612", second.operand.span, {})
  return further
}

/** Fields that were said and would be dropped. */
export const refuseFields = (
  fields: Readonly<Record<string, Located<unknown> | undefined>>,
  { report }: Context,
): void => {
  for (const [field, said] of Object.entries(fields)) if (said) report("AF1611", said.span, { field })
}
