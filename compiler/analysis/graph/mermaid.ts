/**
 * A drawing as a Mermaid flowchart.
 *
 * @module
 */
import type { Arrow, Box, FlowGraph } from "./model.ts"

export const renderMermaid = (flows: readonly FlowGraph[]): string =>
  `${["flowchart TB", ...flows.flatMap((flow) => subgraph(flow).map((line) => `  ${line}`))].join("\n")}\n`

const subgraph = ({ id, name, url, steps, way, parties, sides }: FlowGraph): readonly string[] => [
  `subgraph ${id}["${text(`${name} at ${url}`)}"]`,
  ...steps.map((box) => `  ${box.id}["${label(box)}"]`),
  ...parties.map((box) => `  ${box.id}(["${label(box)}"])`),
  ...way.map((arrow) => `  ${arrow.from} -->|"${label(arrow)}"| ${arrow.to}`),
  ...sides.map((arrow) => `  ${arrow.from} -.->|"${label(arrow)}"| ${arrow.to}`),
  "end",
]

const label = ({ caption, lines }: Pick<Box | Arrow, "caption" | "lines">): string =>
  [caption, ...lines].map(text).join("<br/>")

/** In quotes, everything that Mermaid or the HTML it makes would read as more than text is an entity: `#quot;`, `#35;`. */
const text = (plain: string): string =>
  plain.replaceAll(/[^\p{L}\p{N} :/.,_=()+@-]/gu, (character) => `#${character.codePointAt(0)};`)
