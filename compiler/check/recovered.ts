/**
 * What the parser put in where something was missing.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"

/** Whether recovery inserted it: it has no width. It was reported, and nothing that only follows from it is. */
export const isRecovered = ({ span }: { readonly span: Span }): boolean => span.start === span.end
