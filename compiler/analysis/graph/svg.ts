/**
 * A drawing as SVG. The steps stand one below the other with the credential beside each arrow; servers and providers stand to
 * their left. Text is monospaced, so that how much room it needs is known without a font.
 *
 * @module
 */
import { cells } from "../../diagnostics/cells.ts"
import type { Arrow, Box, FlowGraph } from "./model.ts"

/** Pixels. A column of monospaced text is 0.6 of its size in common fonts; a little more is reckoned with. */
const SIZE = 13
const COLUMN = 8.2
const LINE = 18
const PAD = 12
const MARGIN = 24
const GAP = 36

/** Columns at which a line of text is broken. */
const BREAK = 64

/** Columns of a token's name, and how many of them are its end. */
const SHORT = 34
const KEPT = 15

/** The least a box is wide. */
const NARROWEST = 150

/** Room from the arrow to its text, and between the lanes of logins. */
const BESIDE = 12
const LANE = 14

interface Placed {
  readonly box: Box
  readonly text: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Drawn {
  readonly marks: readonly string[]
  readonly width: number
  readonly height: number
}

export const renderSvg = (flows: readonly FlowGraph[]): string => {
  let top = MARGIN
  let width = 0
  const marks: string[] = []
  for (const flow of flows) {
    const drawn = draw(flow, top)
    marks.push(...drawn.marks)
    top += drawn.height + MARGIN * 2
    width = Math.max(width, drawn.width)
  }
  const height = Math.max(top - MARGIN, MARGIN * 2)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${SIZE}">`,
    STYLE,
    '<rect class="page" width="100%" height="100%"/>',
    ...marks,
    "</svg>",
  ].join("\n")}\n`
}

/** Colours for a light page and for a dark one; the drawing brings its own background, so that it is readable on any. */
const STYLE = `<style>
  .page { fill: #ffffff } text { fill: #1f2328; white-space: pre } .strong { font-weight: 700 } .quiet { fill: #59636e }
  .step { fill: #ddf4ff; stroke: #0969da } .party { fill: #f6f8fa; stroke: #818b98 }
  .way { stroke: #0969da; fill: none; stroke-width: 2 } .side { stroke: #818b98; fill: none; stroke-dasharray: 5 4 }
  .waytip { fill: #0969da } .sidetip { fill: #818b98 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .step { fill: #0c2d6b; stroke: #58a6ff } .party { fill: #161b22; stroke: #8b949e }
    .way { stroke: #58a6ff } .waytip { fill: #58a6ff } .side { stroke: #8b949e } .sidetip { fill: #8b949e }
  }
</style>`

const draw = (flow: FlowGraph, top: number): Drawn => {
  const { name, url, steps, way, parties, sides } = flow
  const title = [...wrapped(name), ...wrapped(url)]
  const wayText = way.map(({ caption, lines }) => [caption, ...lines].flatMap(wrapped))
  const stepText = steps.map(textOf)
  const stepWidth = Math.max(NARROWEST, ...stepText.flat().map(room)) + PAD * 2
  const wayWidth = Math.max(0, ...wayText.flat().map(room))
  const partyText = parties.map(textOf)
  const partyWidth = parties.length === 0 ? 0 : Math.max(NARROWEST, ...partyText.flat().map(room)) + PAD * 2
  const logins = sides.filter(({ to }) => parties.some(({ id }) => id === to))
  const tokens = sides.filter(({ to }) => steps.some(({ id }) => id === to))
  const sideWidth =
    parties.length === 0 ? 0 : Math.max(0, ...tokens.map(({ caption }) => room(shortened(caption)))) + BESIDE * 4
  const partyX = MARGIN + logins.length * LANE
  const stepX = partyX + partyWidth + sideWidth
  const middle = stepX + stepWidth / 2

  const marks: string[] = title.map((line, at) =>
    textAt(MARGIN, top + SIZE + at * LINE, line, line === title[0] ? "strong" : "quiet"),
  )
  let y = top + title.length * LINE + PAD * 2
  const first = y
  const placedSteps = steps.map((box, at): Placed => {
    const text = stepText[at] ?? []
    const shown = tokens.filter(({ to }) => to === box.id).length
    const height = Math.max(heightOf(text), (shown + 1) * (LINE + 2))
    const placed = { box, text, x: stepX, y, width: stepWidth, height }
    y += height + (at === steps.length - 1 ? 0 : Math.max(GAP, (wayText[at]?.length ?? 0) * LINE + PAD * 2))
    return placed
  })
  // Each party stands where its first token goes, below those before it; those with a login only come last.
  const wanted = (id: string): number =>
    placedSteps.find(({ box }) => tokens.some(({ from, to }) => from === id && to === box.id))?.y ?? y
  const order = parties
    .map((_, at) => at)
    .sort((a, b) => wanted(parties[a]?.id ?? "") - wanted(parties[b]?.id ?? "") || a - b)
  let free = first
  const placedParties = order.flatMap((at): readonly Placed[] => {
    const box = parties[at]
    if (box === undefined) return []
    const text = partyText[at] ?? []
    const height = heightOf(text)
    const shows = tokens.some(({ from }) => from === box.id)
    const placed = { box, text, x: partyX, y: shows ? Math.max(free, wanted(box.id)) : free, width: partyWidth, height }
    free = placed.y + height + GAP
    return [placed]
  })
  const all = new Map([...placedSteps, ...placedParties].map((placed) => [placed.box.id, placed]))

  for (const [at, arrow] of way.entries()) {
    const [from, to] = [all.get(arrow.from), all.get(arrow.to)]
    if (from === undefined || to === undefined) continue
    const [start, end] = [from.y + from.height, to.y]
    marks.push(
      line("way", [
        [middle, start],
        [middle, end - 8],
      ]),
      tip("waytip", middle, end, "down"),
    )
    const text = wayText[at] ?? []
    const begin = start + (end - start - text.length * LINE) / 2 + SIZE
    marks.push(
      ...text.map((each, row) => textAt(middle + BESIDE, begin + row * LINE, each, row === 0 ? "strong" : "quiet")),
    )
  }
  marks.push(...tokens.flatMap((arrow) => tokenArrow(arrow, tokens, all)))
  marks.push(...logins.flatMap((arrow, lane) => loginArrow(arrow, lane, all)))
  marks.push(
    ...[
      ...placedParties.map((placed) => box("party", placed)),
      ...placedSteps.map((placed) => box("step", placed)),
    ].flat(),
  )

  const bottom = Math.max(y, free - GAP)
  const right = Math.max(stepX + stepWidth, middle + BESIDE + wayWidth, MARGIN + Math.max(...title.map(room)))
  return { marks, width: right + MARGIN, height: bottom - top }
}

/** From a party's right side to a step's left one; several that end at one step do so one below the other. */
const tokenArrow = (arrow: Arrow, all: readonly Arrow[], placed: ReadonlyMap<string, Placed>): readonly string[] => {
  const [from, to] = [placed.get(arrow.from), placed.get(arrow.to)]
  if (from === undefined || to === undefined) return []
  const share = (box: Placed, arrows: readonly Arrow[]): number =>
    box.y + (box.height * (arrows.indexOf(arrow) + 1)) / (arrows.length + 1)
  const start = share(
    from,
    all.filter((each) => each.from === arrow.from),
  )
  const end = share(
    to,
    all.filter((each) => each.to === arrow.to),
  )
  const left = from.x + from.width
  const turn = left + BESIDE * 1.5
  return [
    line(
      "side",
      [
        [left, start],
        [turn, start],
        [turn, end],
        [to.x - 8, end],
      ],
      arrow.caption,
    ),
    tip("sidetip", to.x, end, "right"),
    textAt(turn + BESIDE / 2, end - 5, shortened(arrow.caption), "quiet"),
  ]
}

/** From a provider to a server, around on their left. */
const loginArrow = (arrow: Arrow, lane: number, placed: ReadonlyMap<string, Placed>): readonly string[] => {
  const [from, to] = [placed.get(arrow.from), placed.get(arrow.to)]
  if (from === undefined || to === undefined) return []
  const [start, end] = [from.y + from.height / 2, to.y + to.height / 2 + lane * 4]
  const x = from.x - LANE * (lane + 1)
  return [
    line(
      "side",
      [
        [from.x, start],
        [x, start],
        [x, end],
        [to.x - 8, end],
      ],
      arrow.caption,
    ),
    tip("sidetip", to.x, end, "right"),
  ]
}

const heightOf = (text: readonly string[]): number => text.length * LINE + PAD * 2 - (LINE - SIZE)

const textOf = ({ caption, lines }: Box): readonly string[] => [caption, ...lines].flatMap(wrapped)

const box = (kind: "step" | "party", { text, x, y, width, height }: Placed): readonly string[] => [
  `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6"/>`,
  ...text.map((each, at) => textAt(x + PAD, y + PAD + SIZE - 2 + at * LINE, each, at === 0 ? "strong" : "quiet")),
]

const line = (kind: string, points: readonly (readonly [number, number])[], title?: string): string => {
  const d = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join(" ")
  return `<path class="${kind}" d="${d}">${title === undefined ? "" : `<title>${escaped(title)}</title>`}</path>`
}

const tip = (kind: string, x: number, y: number, to: "down" | "right"): string => {
  const points = to === "down" ? [x, y, x - 5, y - 9, x + 5, y - 9] : [x, y, x - 9, y - 5, x - 9, y + 5]
  return `<polygon class="${kind}" points="${points.map(round).join(" ")}"/>`
}

const textAt = (x: number, y: number, text: string, kind: "strong" | "quiet"): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(text)}</text>`

/** Pixels that a line of text takes at most. */
const room = (text: string): number => cells(text).reduce((sum, { width }) => sum + width, 0) * COLUMN

/** A line in parts of at most BREAK columns. */
const wrapped = (text: string): readonly string[] => {
  const parts: string[] = []
  let part = ""
  let columns = 0
  for (const { shown, width } of cells(text)) {
    if (columns + width > BREAK) {
      parts.push(part)
      part = ""
      columns = 0
    }
    part += shown
    columns += width
  }
  return [...parts, part]
}

/** A token's name that fits beside its arrow; the kind of token, at its end, is kept. The whole name is the arrow's title. */
const shortened = (name: string): string => {
  const shown = cells(name).map((cell) => cell.shown)
  return shown.length <= SHORT ? name : `${shown.slice(0, SHORT - KEPT).join("")}…${shown.slice(-KEPT + 1).join("")}`
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const round = (value: number): number => Math.round(value * 10) / 10
