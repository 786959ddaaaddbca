/**
 * `limit tool_calls` as rateLimiting (pkg/ratelimit): buckets in the Redis of the session storage.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Rate } from "../../catalogue/limit-tool-calls.ts"
import type { Flow } from "../../check/program.ts"
import type { Located } from "../../source/source.ts"
import type { Carrier } from "./carrier.ts"
import type { Context } from "./context.ts"
import { goDuration } from "./go-duration.ts"
import { field, mapping } from "./manifest.ts"
import { type Addition, nothing } from "./outgoing.ts"

const bucket = (rate: Located<Rate> | undefined) =>
  rate && mapping(field("maxTokens", rate.value.calls.value), field("refillPeriod", goDuration(rate.value.per.value)))

export const rateLimits = (
  stage: StageOf<"limit.tool_calls">,
  flow: Flow,
  { kind }: Carrier,
  { report, origin }: Context,
): Addition => {
  if (kind === "MCPRemoteProxy") {
    const why = "it counts nothing, and what the flow shows its upstream is had there alone"
    report("AF1331", stage.operand.span, {
      stage: "limit tool_calls",
      kind,
      why,
    })
  }
  if (flow.deployed.toolhive?.fields.session_storage === undefined) report("AF1333", stage.operand.span, {})
  const { shared, per_user, tools } = stage.fields
  const perTool = [...(tools?.value ?? [])].map(([name, { value }]) =>
    mapping(field("name", name), field("shared", bucket(value.shared)), field("perUser", bucket(value.per_user))),
  )
  const limits = field(
    "rateLimiting",
    mapping(
      field("shared", bucket(shared), shared && origin(shared.span)),
      field("perUser", bucket(per_user), per_user && origin(per_user.span)),
      field("tools", perTool.length > 0 ? perTool : undefined, tools && origin(tools.span)),
    ),
    `${origin(stage.span)}; calls of tools only, and let through while Redis is out of reach`,
  )
  return {
    ...nothing,
    incoming: kind === "VirtualMCPServer" ? field("config", { fields: limits }) : limits,
  }
}
