/**
 * `exchange obo`: refused. ToolHive's resource definition has the type, and a build without the vendor's enterprise handler
 * marks each object of it invalid, with the reason EnterpriseRequired (OBOHandler in
 * cmd/thv-operator/pkg/controllerutil/tokenexchange.go). Nothing of a handler that is not public can be verified here.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Context } from "./context.ts"
import { type Addition, nothing } from "./outgoing.ts"

export const refuseObo = ({ operand }: StageOf<"obo">, { report }: Context): Addition => {
  report("AF0854", operand.span, {})
  return nothing
}
