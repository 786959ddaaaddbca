/**
 * A drawing in Graphviz's language.
 *
 * @module
 */
import type { Arrow, Box, FlowGraph } from "./model.ts"

export const renderDot = (flows: readonly FlowGraph[]): string =>
  `${[
    "digraph authflow {",
    '  graph [rankdir=TB, fontname="monospace", fontsize=12, nodesep=0.6]',
    '  node [shape=box, fontname="monospace", fontsize=11, margin="0.15,0.1"]',
    '  edge [fontname="monospace", fontsize=10]',
    ...flows.flatMap((flow) => cluster(flow).map((line) => `  ${line}`)),
    "}",
  ].join("\n")}\n`

const cluster = ({ id, name, url, steps, way, parties, sides }: FlowGraph): readonly string[] => [
  `subgraph cluster_${id} {`,
  "  margin=24",
  `  label=${quoted([`${name} at ${url}`], "n")}`,
  ...steps.map((box) => `  ${box.id} [label=${label(box, "n")}]`),
  ...parties.map((box) => `  ${box.id} [label=${label(box, "n")}, style=rounded]`),
  ...way.map((arrow) => `  ${arrow.from} -> ${arrow.to} [label=${label(arrow, "l")}]`),
  // Not to be ranked by: the steps stand one below the other, the parties beside them.
  ...sides.map(
    (arrow) => `  ${arrow.from} -> ${arrow.to} [label=${label(arrow, "l")}, style=dashed, constraint=false]`,
  ),
  "}",
]

/** How lines end: centred (`n`) or left (`l`). */
type Break = "n" | "l"

const label = ({ caption, lines }: Pick<Box | Arrow, "caption" | "lines">, end: Break): string =>
  quoted([caption, ...lines], end)

/** Of the escapes in a label only those of lines are meant; a backslash of the text is written as itself. */
const quoted = (lines: readonly string[], end: Break): string => {
  const escaped = lines.map((line) => line.replaceAll(/[\\"]/g, "\\$&").replaceAll(/\p{Cc}/gu, " "))
  return `"${escaped.join(`\\${end}`)}${end === "l" ? "\\l" : ""}"`
}
