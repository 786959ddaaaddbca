/**
 * The order in which a ToolHive proxy asks who may do what, which no field changes (PopulateMiddlewareConfigs in
 * pkg/runner/middleware.go), and what it has one place for.
 *
 * @module
 */
import { type StageKind, stages } from "../../catalogue/index.ts"
import type { Flow, Stage } from "../../check/program.ts"
import type { Context } from "./context.ts"

const ORDER: Partial<Record<StageKind, number>> = {
  "limit.tool_calls": 1,
  mutate: 2,
  validate: 3,
  "authorize.cedar": 4,
  "authorize.http": 4,
  "authorize.toolhive": 4,
}

/** Webhooks are lists. */
const SEVERAL: ReadonlySet<StageKind> = new Set(["mutate", "validate"])

const label = ({ kind }: Stage): string => {
  const { verb, operand } = stages[kind]
  return operand.by === "kind" ? `${verb} ${operand.name}` : verb
}

export const refusePolicyOrder = (flow: Flow, { report }: Context): void => {
  const ordered = flow.stages.flatMap((stage) => {
    const place = ORDER[stage.kind]
    return place === undefined ? [] : [{ stage, place }]
  })
  for (const [index, { stage, place }] of ordered.entries()) {
    const before = ordered.slice(0, index)
    const later = before.find((each) => each.place > place)
    const twin = before.find((each) => each.place === place)
    const said = (span: Stage["span"], message: string) => ({
      related: [{ span, message }],
    })
    if (later)
      report(
        "AF1330",
        stage.span,
        { stage: label(stage), earlier: label(later.stage) },
        said(later.stage.span, "written before it"),
      )
    else if (twin && !SEVERAL.has(stage.kind))
      report("AF1338", stage.span, { verb: stages[stage.kind].verb }, said(twin.stage.span, "the first one"))
  }
}
