/**
 * The compiler: pure functions from text to checked program to target. No input or output, nothing only Node has.
 *
 * @module
 */

export { type Formatted, format } from "../grammar/index.ts"
export { analyze } from "./analysis/analyze.ts"
export { checkWorkspace, type Found } from "./analysis/check-workspace.ts"
export { type FormattedSource, formatSource } from "./analysis/format.ts"
export { type Analysis, createWorkspace, type Options, type Workspace } from "./analysis/workspace.ts"
export * as catalogue from "./catalogue/index.ts"
export type { Known, KnownFlow, KnownStage } from "./check/known.ts"
export type { Flow, Param, Program, Stage } from "./check/program.ts"
export type { Diagnostic, Edit, Fix, Related, Severity } from "./diagnostics/diagnostic.ts"
export { type Explanation, explain } from "./diagnostics/explain.ts"
export { type JsonDiagnostic, renderJson } from "./diagnostics/json.ts"
export { type Code, codes, registry } from "./diagnostics/registry/index.ts"
export { diagnose } from "./diagnostics/report.ts"
export { renderSarif, type SarifOptions } from "./diagnostics/sarif.ts"
export { renderTerminal, type TerminalOptions } from "./diagnostics/terminal.ts"
export type { Located, Source } from "./source/source.ts"
export { type TargetName, targets } from "./targets/index.ts"
export type { Artifact, Lowered, Target } from "./targets/target.ts"
