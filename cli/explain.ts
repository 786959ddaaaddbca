/**
 * `authflow explain CODE`: what a diagnostic code means and how to get rid of it.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { codes, type Explanation, explain as explanationOf } from "../compiler/index.ts"
import { UsageFault } from "./exit-codes.ts"
import { colour, result } from "./terminal.ts"

const code = Argument.String("CODE").pipe(
  Argument.withDescription("As diagnostics show it: AF0101; letter case is free"),
)

export const explain = Command.make(
  "explain",
  { code },
  Effect.fnUntraced(function* (given) {
    const explanation = explanationOf(given.code)
    if (explanation === undefined) {
      return yield* new UsageFault({ message: `no diagnostic has the code ${given.code}; ${suggestion(given.code)}` })
    }
    yield* result(render(explanation, colour("stdout")))
  }),
).pipe(
  Command.withDescription("Explain a diagnostic code"),
  Command.withExamples([{ command: "authflow explain AF0301" }]),
)

/** The code whose number is nearest: codes of one area lie together, so it is the likeliest meant. */
const suggestion = (written: string): string => {
  const digits = written.match(/\d+/)?.[0]
  if (digits === undefined) return `codes look like ${codes[0]}`
  const wanted = Number(digits)
  const away = (known: string) => Math.abs(Number(known.slice(2)) - wanted)
  return `did you mean ${codes.reduce((best, known) => (away(known) < away(best) ? known : best))}?`
}

const render = ({ code, severity, title, explanation, remedy, example }: Explanation, color: boolean): string => {
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  const indented = (text: string) => text.trimEnd().replace(/^(?=.)/gm, "    ")
  const parts = [`${bold(`${code}: ${title}`)} (${severity})`, explanation, `${bold("What to do")}\n${remedy}`]
  if (example !== undefined) {
    if (example.target !== undefined) parts.push(`This comes up when compiling for the target ${example.target}.`)
    if (example.command !== undefined) parts.push(`This comes up with \`authflow ${example.command}\`.`)
    parts.push(`${bold("Wrong")}\n${indented(example.bad)}`, `${bold("Right")}\n${indented(example.good)}`)
  }
  return `${parts.join("\n\n")}\n`
}
