/**
 * docs/capabilities.md: construct and field by target.
 *
 * @module
 */
import { type Code, explain, type TargetName, targets } from "../../compiler/index.ts"
import { constructs } from "./constructs.ts"
import { fieldsOf } from "./fields.ts"
import { code, page, table } from "./markdown.ts"
import { type Matrix, matrix, type Seen } from "./matrix.ts"
import { targetNames } from "./sample.ts"
import { keyOf } from "./variants.ts"

/** What a target does with what it accepts: our own runtime runs it, the others are given it in their own words. */
const does = (name: TargetName): string => (name === "plan" ? "runs" : "lowered")

/** A test sees to it that there is none. */
const UNKNOWN = "not shown by any example"

const link = (code: Code): string => `[${code}](diagnostics.md#${code.toLowerCase()})`

const links = ({ refused }: Seen): string => [...refused].sort().map(link).join(", ")

/** What engines are told is each for one of them: nothing of it changes what is made for the others. */
const isPassedOver = (kind: string, name: TargetName, found: Matrix): boolean => {
  const construct = constructs.find((each) => each.kind === kind)
  if (construct?.group !== "deployment") return false
  return fieldsOf(construct.fields).every(({ path }) => found.get(keyOf(kind, path))?.[name].effective !== true)
}

/** What is said of a construct: it is there or it is refused. */
const ofConstruct = (name: TargetName, seen: Seen): string => answer(name, { ...seen, effective: true }, undefined)

/** What is said of a field: it may also have said all it has to say to the checker, or go down with what it is in. */
const answer = (name: TargetName, seen: Seen, outer: Seen | undefined): string => {
  const { accepted, effective } = seen
  const codes = links(seen)
  if (outer !== undefined && !outer.accepted) return outer.refused.size > 0 ? `refused: ${links(outer)}` : UNKNOWN
  if (!accepted) return codes === "" ? UNKNOWN : `refused: ${codes}`
  const done = effective ? does(name) : "checked"
  return codes === "" ? done : `${done}; some uses refused: ${codes}`
}

export const capabilitiesPage = (): string => {
  const found = matrix()
  const used = new Set([...found.values()].flatMap((row) => targetNames.flatMap((name) => [...row[name].refused])))
  const cells = (kind: string, path: readonly string[]): readonly string[] => {
    const row = found.get(keyOf(kind, path))
    if (row === undefined) return []
    // The construct, then the block in it, and so on: what is refused takes all that is in it along.
    const around = path.map((_, depth) => found.get(keyOf(kind, path.slice(0, depth))))
    return targetNames.map((name) => {
      if (isPassedOver(kind, name, found)) return "passed over"
      return path.length === 0
        ? ofConstruct(name, row[name])
        : answer(name, row[name], (around.find((each) => each?.[name].accepted === false) ?? around[0])?.[name])
    })
  }
  return page(
    "# What runs where",
    "One row for each construct and field of the catalogue, one column for each target. Nobody keeps this table: it is made by " +
      "compiling the examples, those of every diagnostic among them, and variants of them that differ in one field, for each " +
      "target.",
    [
      "- **runs**: authflow's own runtime does it.",
      "- **lowered**: it is said to the engine in the engine's words.",
      "- **checked**: nothing of it is passed on. It tells the checker something, or the target does by itself what it says and " +
        "anything else is refused.",
      "- **passed over**: it is told to another engine only.",
      "- **some uses refused**: it depends on the value, or on what else the file says; the code says when.",
      "- **refused**: no use of it compiles for this target.",
    ].join("\n"),
    "The targets are",
    table(
      ["target", "what it is"],
      targetNames.map((name) => [code(name), targets[name].title]),
    ),
    ...constructs.flatMap(({ kind, heading, fields }) => [
      `## [${code(heading)}](stages.md#${kind})`,
      table(
        ["", ...targetNames.map(code)],
        [
          ["the construct itself", ...cells(kind, [])],
          ...fieldsOf(fields).map(({ path }) => [code(path.join(".")), ...cells(kind, path)]),
        ],
      ),
    ]),
    "## The codes above",
    table(
      ["code", "what it is"],
      [...used].sort().map((each) => [link(each), explain(each)?.title ?? ""]),
    ),
  )
}
