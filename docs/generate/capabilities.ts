/**
 * docs/capabilities.md: construct and field by target.
 *
 * @module
 */
import { type Code, explain, type TargetName, targets } from "../../compiler/index.ts"
import { constructs } from "./constructs.ts"
import { fieldsOf } from "./fields.ts"
import { code, page, table } from "./markdown.ts"
import { matrix, type Seen } from "./matrix.ts"
import { targetNames } from "./sample.ts"
import { keyOf } from "./variants.ts"

/** What a target does with what it accepts: our own runtime runs it, the others are given it in their own words. */
const does = (name: TargetName): string => (name === "plan" ? "runs" : "lowered")

const link = (code: Code): string => `[${code}](diagnostics.md#${code.toLowerCase()})`

/** A construct is there or is refused; a field may also have said all it has to say to the checker. */
const answer = (name: TargetName, { accepted, effective, refused }: Seen, field: boolean): string => {
  const codes = [...refused].sort().map(link).join(", ")
  if (!accepted) return codes === "" ? "not shown by any example" : `refused: ${codes}`
  const done = effective || !field ? does(name) : "checked"
  return codes === "" ? done : `${done}; some uses refused: ${codes}`
}

export const capabilitiesPage = (): string => {
  const found = matrix()
  const used = new Set([...found.values()].flatMap((row) => targetNames.flatMap((name) => [...row[name].refused])))
  const cells = (key: string, field: boolean): readonly string[] => {
    const row = found.get(key)
    return row ? targetNames.map((name) => answer(name, row[name], field)) : []
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
          ["the construct itself", ...cells(keyOf(kind, []), false)],
          ...fieldsOf(fields).map(({ path }) => [code(path.join(".")), ...cells(keyOf(kind, path), true)]),
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
