/**
 * docs/diagnostics.md: every code, with what it looks like.
 *
 * @module
 */
import { analyze, type Code, codes, type Diagnostic, explain, renderTerminal, targets } from "../../compiler/index.ts"
import { importManifests } from "../../compiler/targets/toolhive/import/index.ts"
import { difference } from "./difference.ts"
import { anchor, code as codeSpan, fenced, page, table } from "./markdown.ts"

const WIDTH = 100

/** Control characters and what no terminal shows, so that the page can be read and reviewed. */
const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, (character) =>
    character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )

/** The diagnostic that the code's own example gives. */
const shown = (code: Code): string | undefined => {
  const { example } = explain(code) ?? {}
  if (example === undefined) return undefined
  if (example.command === "import") {
    const { diagnostics, sources } = importManifests([{ path: "example.yaml", text: example.bad }])
    const found = diagnostics.find((each) => each.code === code)
    return found && renderTerminal([found], sources, { color: false, width: WIDTH })
  }
  const source = { uri: "example.authflow", text: example.bad }
  const { program, diagnostics } = analyze(source, { params: example.params ?? {} })
  const lowered: readonly Diagnostic[] =
    program && example.target ? targets[example.target].lower(program).diagnostics : []
  const found = [...diagnostics, ...lowered].find((each) => each.code === code)
  return found && renderTerminal([found], [source], { color: false, width: WIDTH })
}

const entry = (code: Code): string => {
  const { title, severity, explanation, remedy, example } = explain(code) ?? {
    ...{ title: code, severity: "error", explanation: "", remedy: "", example: undefined },
  }
  const frame = shown(code)
  const command = example?.command === undefined ? "" : `, from ${codeSpan(`authflow ${example.command}`)}`
  const target = example?.target === undefined ? command : `, when compiling for the target ${codeSpan(example.target)}`
  return [
    `${anchor(code.toLowerCase())}\n### ${code}: ${title}`,
    `*${severity === "warning" ? "Warning" : "Error"}${target}.* ${explanation}`,
    `**What to do:** ${remedy}`,
    ...(frame === undefined ? [] : [fenced("text", visible(frame))]),
    ...(example === undefined
      ? []
      : ["From wrong to right:", fenced("diff", visible(difference(example.bad, example.good)))]),
  ].join("\n\n")
}

export const diagnosticsPage = (): string =>
  page(
    "# Diagnostics",
    "An error stops the compilation. A warning is for what works but will surprise. `authflow explain CODE` shows the same with " +
      "the whole of the example.",
    table(
      ["code", "", "what it is"],
      codes.map((code) => {
        const { title = "", severity = "error" } = explain(code) ?? {}
        return [`[${code}](#${code.toLowerCase()})`, severity, title]
      }),
    ),
    ...codes.map(entry),
  )
