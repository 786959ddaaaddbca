/**
 * `authflow graph`: flows as drawings. A module of its own, so that `authflow check` can leave it unloaded.
 *
 * @module
 */
import { renderDot } from "./dot.ts"
import { renderMermaid } from "./mermaid.ts"
import type { FlowGraph } from "./model.ts"
import { renderSvg } from "./svg.ts"

/** The languages a drawing can be written in. */
export const renderers = { mermaid: renderMermaid, dot: renderDot, svg: renderSvg } as const satisfies Readonly<
  Record<string, (flows: readonly FlowGraph[]) => string>
>
export type GraphFormat = keyof typeof renderers
export { type Arrow, type Box, type FlowGraph, graphOf } from "./model.ts"
