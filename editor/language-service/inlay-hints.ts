/**
 * Inlay hints: the credential that each stage makes, at its end.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { analysisOf, type Files } from "./files.ts"
import { describeCredential } from "./hover/describe.ts"

export interface InlayHint {
  readonly offset: number
  /** `→ AwsCredentials` */
  readonly label: string
  /** Markdown; `undefined` where a mistake leaves no more to be known than the kind. */
  readonly doc: string | undefined
}

/** Those of the stages that end within the span. The last stage sends the request, and what it makes goes nowhere. */
export const inlayHints = (files: Files, uri: string, { start, end }: Span): readonly InlayHint[] =>
  (analysisOf(files, uri)?.known?.flows ?? []).flatMap(({ stages }) =>
    stages.flatMap(({ stage, after, output }): readonly InlayHint[] => {
      const offset = stage.span.end
      if (after === undefined || after === "Answer" || offset < start || offset > end) return []
      return [{ offset, label: `→ ${after}`, doc: output && describeCredential(output) }]
    }),
  )
