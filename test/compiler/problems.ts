/**
 * What the compiler says of a text, short enough to be compared: the code and the piece of the text it is about.
 */
import { type Analysis, analyze, type Diagnostic, type Options } from "../../compiler/index.ts"

export const analyzed = (text: string, options?: Options): Analysis => analyze({ uri: "test.authflow", text }, options)

/** `AF0201 crop` for each diagnostic, in the order of the text. */
export const problems = (text: string, options?: Options): readonly string[] =>
  analyzed(text, options).diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`)

/** The text after a diagnostic's fix, or as it was where there is none. */
export const fixed = (text: string, { fix }: Diagnostic): string =>
  (fix?.edits ?? [])
    .toSorted((a, b) => b.span.start - a.span.start)
    .reduce((changed, { span, text: added }) => changed.slice(0, span.start) + added + changed.slice(span.end), text)

/** Replaces exactly one occurrence; a test that changes nothing would show nothing. */
export const change = (text: string, from: string, to: string): string => {
  if (text.split(from).length !== 2)
    throw new Error(`${JSON.stringify(from)} occurs ${text.split(from).length - 1} times`)
  return text.replace(from, () => to)
}
