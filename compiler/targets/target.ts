/**
 * A target: something a checked program lowers to.
 *
 * @module
 */
import type { StageKind, StageOf } from "../catalogue/index.ts"
import type { Flow, Program } from "../check/program.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"

/** A file to write; `path` is relative to the output directory. */
export interface Artifact {
  readonly path: string
  readonly text: string
}

/** No artifact when a diagnostic is an error. */
export interface Lowered {
  readonly artifacts: readonly Artifact[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface Target {
  /** As the command line says it. */
  readonly name: string
  readonly title: string
  readonly lower: (program: Program) => Lowered
}

/**
 * One lowering for each stage kind of the catalogue: a target that lacks one does not type-check. `Context` is what the
 * target's own lowerings need beside the stage, `Result` what each makes.
 */
export type StageLowerings<Context, Result> = {
  readonly [K in StageKind]: (stage: StageOf<K>, flow: Flow, context: Context) => Result
}

/** Lowers a stage by the lowering of its own kind. */
export const lowerStage = <Context, Result>(
  lowerings: StageLowerings<Context, Result>,
  stage: Flow["stages"][number],
  flow: Flow,
  context: Context,
): Result => {
  // The record is keyed by the stage's own kind, which the compiler cannot follow through the union.
  const lower = lowerings[stage.kind] as (stage: Flow["stages"][number], flow: Flow, context: Context) => Result
  return lower(stage, flow, context)
}
