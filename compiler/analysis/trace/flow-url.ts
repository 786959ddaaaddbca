/** Where a flow sends its requests to. */
import type { Flow } from "../../check/program.ts"

export const upstreamUrl = ({ url, stages }: Flow): string =>
  stages.find((stage) => stage.kind === "forward")?.operand.value ?? url.value
