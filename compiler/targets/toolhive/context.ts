/**
 * What the lowerings of one program share: where to report, and how to point back at the source.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import type { Program } from "../../check/program.ts"
import type { Diagnostic } from "../../diagnostics/diagnostic.ts"
import { registry } from "../../diagnostics/registry/index.ts"
import { LOCAL } from "../../diagnostics/registry/toolhive.ts"
import { type Report, reporter } from "../../diagnostics/report.ts"
import { lineStarts, positionAt } from "../../source/lines.ts"
import type { Source } from "../../source/source.ts"
import { lowerPlan } from "../plan/index.ts"

export interface Context {
  readonly program: Program
  readonly report: Report
  readonly reported: readonly Diagnostic[]
  /** `from examples/thv-0050.authflow:37`, for comments. */
  readonly origin: (span: Span) => string
}

export const contextOf = (program: Program): Context => {
  const starts = new Map<string, readonly number[]>()
  const lineOf = ({ uri, text }: Source, offset: number): number => {
    const known = starts.get(uri) ?? lineStarts(text)
    starts.set(uri, known)
    return positionAt(known, offset).line
  }
  const { report, reported } = reporter(program.places)
  let runsHere: boolean | undefined
  const remedyOf = (remedy: string): string => {
    if (!remedy.includes(LOCAL)) return remedy
    // Our own runtime is a way out only when it refuses nothing else of the file.
    runsHere ??= lowerPlan(program).plan !== undefined
    return runsHere ? remedy : remedy.replace(` Or ${LOCAL}.`, "")
  }
  return {
    program,
    // Somebody who is refused wants the ways out at once, not another command.
    report: (code, span, args, details) =>
      report(code, span, args, { notes: [remedyOf(registry[code].remedy)], ...details }),
    reported,
    origin: (place) => {
      const { source, span } = program.places(place)
      return `from ${source.uri}:${lineOf(source, span.start)}`
    },
  }
}

/** A default's span is that of the construct it completes; what was said has a span of its own. */
export const isSaid = (value: Span, construct: Span): boolean =>
  value.start !== construct.start || value.end !== construct.end
