import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type FlowGraph, graphOf, renderers } from "../../compiler/analysis/graph/index.ts"
import { analyze, type Program } from "../../compiler/index.ts"
import { root } from "../architecture/source-files.ts"
import { wellTyped } from "./well-typed.ts"

const programOf = (text: string): Program => {
  const { program, diagnostics } = analyze({ uri: "test.authflow", text }, { missingParams: "sample" })
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
  return program
}

const example = (name: string): Program => programOf(readFileSync(join(root, "examples", `${name}.authflow`), "utf8"))

/** Everything that could be read as more than text. */
const HOSTILE = 'a"b\'c<d>&amp;`]})|#quot; --> end\\n\\"; %% 漢字 😀'

const hostile = (count: number): readonly FlowGraph[] => {
  const long = `${HOSTILE} ${"long".repeat(60)}`
  return Array.from({ length: count }, (_, index): FlowGraph => {
    const id = `flow${index}`
    const box = (name: string) => ({ id: `${id}_${name}`, caption: HOSTILE, lines: [long, HOSTILE, ""] })
    const arrow = (from: string, to: string) => ({
      from: `${id}_${from}`,
      to: `${id}_${to}`,
      caption: long,
      lines: [HOSTILE, long],
    })
    return {
      id,
      name: HOSTILE,
      url: long,
      steps: ["one", "two", "three"].map(box),
      way: [arrow("one", "two"), arrow("two", "three")],
      parties: ["server", "provider", "other"].map(box),
      sides: [arrow("server", "two"), arrow("provider", "two"), arrow("provider", "server"), arrow("other", "server")],
    }
  })
}

const drawings: readonly (readonly [string, readonly FlowGraph[]])[] = [
  ...["thv-0050", "thv-0050-groups", "external-oidc"].map((name) => [name, graphOf(example(name))] as const),
  ["hostile text", hostile(2)],
  ["nothing", []],
]

describe("the drawing of a flow", () => {
  const [flow] = graphOf(example("thv-0050-groups"))

  it("goes from the caller through the stages to the upstream, with the credential on each arrow", () => {
    expect(flow?.steps.map(({ caption }) => caption)).toEqual([
      "caller",
      "identify gate",
      "exchange aws.sts",
      "sign aws.sigv4",
      "forward",
    ])
    expect(flow?.way.map(({ caption }) => caption)).toEqual(["Caller", "Principal", "AwsCredentials", "SignedRequest"])
    expect(flow?.steps.at(-1)?.lines).toEqual(["https://aws-mcp.us-east-1.api.aws/mcp"])
  })

  it("says of a principal whose token it is, for whom, and which claims are read", () => {
    expect(flow?.way[1]?.lines).toEqual([
      "gate.access_token",
      "issuer https://auth.example.com",
      "audience https://mcp.example.com/aws",
      "claims groups, email",
    ])
  })

  it("names only the claims that are read, also where the token itself is passed on", () => {
    const [outside] = graphOf(example("external-oidc"))
    expect(outside?.way[1]?.lines.at(-1)).toBe("claims groups, email")
  })

  it("says of AWS credentials which roles there are, and that there is no other", () => {
    expect(flow?.way[2]?.lines).toEqual([
      "us-east-1, for 1h",
      "arn:aws:iam::123456789012:role/mcp-admin",
      "arn:aws:iam::123456789012:role/mcp-reader",
      "nobody else",
    ])
  })

  it("has the servers and providers at its side, with the tokens and logins they give", () => {
    expect(flow?.parties.map(({ caption }) => caption)).toEqual(["server gate", "provider corp"])
    expect(flow?.sides.map(({ from, to, caption }) => `${from} ${caption} ${to}`)).toEqual([
      "flow0_party_corp login flow0_party_gate",
      "flow0_party_gate gate.access_token flow0_stage0",
      "flow0_party_corp corp.id_token flow0_stage1",
    ])
  })

  it("is of one flow when one is asked for", () => {
    const program = example("thv-0050")
    expect(graphOf(program, "aws_mcp").map(({ name }) => name)).toEqual(["aws_mcp"])
    expect(graphOf(program, "other")).toEqual([])
  })

  it("is made of every generated well-typed program, its arrows between its boxes (60 programs)", () => {
    fc.assert(
      fc.property(wellTyped, (text) => {
        const program = programOf(text)
        const flows = graphOf(program)
        expect(flows.length).toBe(program.flows.length)
        for (const { steps, parties, way, sides } of flows) {
          const ids = [...steps, ...parties].map(({ id }) => id)
          expect(new Set(ids).size).toBe(ids.length)
          for (const { from, to } of [...way, ...sides]) expect(ids).toEqual(expect.arrayContaining([from, to]))
        }
        checkMermaid(renderers.mermaid(flows))
        checkDot(renderers.dot(flows))
        checkSvg(renderers.svg(flows))
      }),
      { numRuns: 60 },
    )
  })
})

/** The part of Mermaid's flowcharts that is used, line by line: nothing in a label that is not a letter, digit, blank or entity. */
const checkMermaid = (text: string): void => {
  const label = String.raw`"(?:[\p{L}\p{N} :/.,_=()+@-]|#\d+;|<br/>)*"`
  const id = "flow\\d+(?:_\\w+)?"
  const line = new RegExp(
    [
      "^flowchart TB",
      `^  subgraph ${id}\\[${label}\\]`,
      `^    ${id}(?:\\[${label}\\]|\\(\\[${label}\\]\\))`,
      `^    ${id} (?:-->|-\\.->)\\|${label}\\| ${id}`,
      "^  end",
    ]
      .map((each) => `${each}$`)
      .join("|"),
    "u",
  )
  expect(
    text
      .trimEnd()
      .split("\n")
      .filter((each) => !line.test(each)),
  ).toEqual([])
  const opened = text.match(/^ {2}subgraph /gm)?.length ?? 0
  expect(text.match(/^ {2}end$/gm)?.length ?? 0).toBe(opened)
}

/** Brackets balance outside of strings, strings end on their line, and a backslash in one escapes what may be escaped. */
const checkDot = (text: string): void => {
  const strings = text.match(/"(?:[^"\\\n]|\\["\\nl])*"/g) ?? []
  const rest = text.replaceAll(/"(?:[^"\\\n]|\\["\\nl])*"/g, "S")
  expect(rest).not.toMatch(/["\\]/)
  const line =
    /^(?:digraph authflow \{|\}| {2}(?:graph|node|edge) \[[\w=,. ]+\]| {2}subgraph cluster_\w+ \{| {2}\}| {4}(?:label=S|margin=\d+)| {4}\w+(?: -> \w+)? \[[\w=,. ]+\])$/
  expect(
    rest
      .trimEnd()
      .split("\n")
      .filter((each) => !line.test(each)),
  ).toEqual([])
  expect(strings.length).toBeGreaterThan(2)
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
}

/** The elements of an SVG, after seeing that it is well-formed XML of the few forms that are used. */
const elements = (svg: string): readonly Element[] => {
  const found: Element[] = []
  const open: string[] = []
  const markup = /<(\/?)(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
  let at = 0
  for (const match of svg.matchAll(markup)) {
    expect(match.index, `not XML: ${svg.slice(at, at + 80)}`).toBe(at)
    at += match[0].length
    const [, closing, name = "", written = "", empty, text] = match
    if (text !== undefined) {
      expect(text.replaceAll(/&(?:amp|lt|gt|quot);/g, "")).not.toMatch(/&/)
      const last = found.at(-1)
      if (last && open.length > 0) found[found.length - 1] = { ...last, text: last.text + text }
    } else if (closing !== "") expect(open.pop()).toBe(name)
    else {
      const attributes = Object.fromEntries(
        [...written.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      )
      found.push({ name, attributes, text: "" })
      if (empty === "") open.push(name)
    }
  }
  expect(at).toBe(svg.length)
  expect(open).toEqual([])
  return found
}

/** Columns as a browser would need them at the most: a wide character is at most two. */
const columns = (text: string): number =>
  [...text.replaceAll(/&\w+;/g, "x")].reduce(
    (sum, each) => sum + (/[\u1100-\uffff]|\p{Emoji_Presentation}/u.test(each) ? 2 : 1),
    0,
  )

const checkSvg = (svg: string): void => {
  const all = elements(svg)
  const number = ({ attributes }: Element, name: string): number => Number(attributes[name])
  const [page] = all
  const [width, height] = page ? [number(page, "width"), number(page, "height")] : [0, 0]
  const boxes = all
    .filter(({ name, attributes }) => name === "rect" && attributes["class"] !== "page")
    .map((each) => ({
      left: number(each, "x"),
      top: number(each, "y"),
      right: number(each, "x") + number(each, "width"),
      bottom: number(each, "y") + number(each, "height"),
    }))
  for (const [at, box] of boxes.entries()) {
    expect(box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height).toBe(true)
    const overlapping = boxes
      .slice(at + 1)
      .filter(
        (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
      )
    expect(overlapping).toEqual([])
  }
  for (const each of all.filter(({ name }) => name === "text")) {
    const [x, y] = [number(each, "x"), number(each, "y")]
    // 0.6 of the font's size of 13 is the advance of common monospaced fonts.
    const end = x + columns(each.text) * 7.8
    expect(end <= width && y <= height, each.text).toBe(true)
    const around = boxes.find((box) => x > box.left && x < box.right && y > box.top && y < box.bottom)
    if (around) expect(end <= around.right, each.text).toBe(true)
    else
      expect(boxes.filter((box) => x < box.right && end > box.left && y - 4 > box.top && y - 4 < box.bottom)).toEqual(
        [],
      )
  }
}

describe.each(drawings)("%s", (_, flows) => {
  it("is a Mermaid flowchart", () => checkMermaid(renderers.mermaid(flows)))

  it("is in Graphviz's language", () => {
    const text = renderers.dot(flows)
    checkDot(text)
    // Where Graphviz is installed, it has the last word.
    const { error, status, stderr } = spawnSync("dot", ["-Tplain"], { input: text, encoding: "utf8" })
    if (error === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  })

  it("is an SVG whose text stays in its boxes, whose boxes do not overlap, and that stays on the page", () => {
    checkSvg(renderers.svg(flows))
  })
})

it("draws SVG for a light page and for a dark one, without a script or anything from elsewhere", () => {
  const svg = renderers.svg(graphOf(example("thv-0050")))
  expect(svg).toContain("@media (prefers-color-scheme: dark)")
  expect(elements(svg).map(({ name }) => name)).not.toContain("script")
  expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/(?:href|src|url\()/)
})
