/**
 * Colours by the TextMate grammar, the one that VS Code uses: a line is coloured again only when it or the state before it has
 * changed.
 *
 * @module
 */
import { type RangeSet, RangeSetBuilder, StateField, type Text } from "@codemirror/state"
import { Decoration, EditorView } from "@codemirror/view"
import { createHighlighterCoreSync, type LanguageRegistration } from "@shikijs/core"
import { createJavaScriptRegexEngine } from "@shikijs/engine-javascript"
import grammar from "../../../grammar/authflow.tmLanguage.json" with { type: "json" }

const NAME = "authflow"

const language = (): ReturnType<ReturnType<typeof createHighlighterCoreSync>["getLanguage"]> =>
  createHighlighterCoreSync({
    // The generator's rules are this shape; a JSON module has no more than the type of its text.
    langs: [{ ...grammar, name: NAME } as unknown as LanguageRegistration],
    themes: [],
    engine: createJavaScriptRegexEngine(),
  }).getLanguage(NAME)

type Grammar = ReturnType<typeof language>
type State = Parameters<Grammar["tokenizeLine"]>[1]

/** The class of a scope: the first that it begins with, the innermost scope first. */
const CLASSES: readonly (readonly [scope: string, name: string])[] = [
  ["comment.line.documentation", "doc"],
  ["comment", "comment"],
  ["invalid", "invalid"],
  ["constant.character.escape", "escape"],
  ["punctuation.definition.template-expression", "escape"],
  ["punctuation.definition.string", "string"],
  ["constant.numeric", "number"],
  ["keyword.other.unit", "number"],
  ["keyword.other.arn", "string-part"],
  ["constant.other", "string-part"],
  ["support.class.service", "string-part"],
  ["entity.name.type.resource", "string-part"],
  ["constant.language", "constant"],
  ["keyword.declaration", "keyword"],
  ["keyword.control.stage", "verb"],
  ["keyword.control", "keyword"],
  ["keyword.operator.word", "keyword"],
  ["support.function", "function"],
  ["support.type.property-name", "property"],
  ["support.type", "kind"],
  ["entity.name", "name"],
  ["variable.language", "constant"],
  ["variable.parameter", "property"],
  ["support.variable", "token"],
  ["string", "string"],
]

const classOf = (scopes: readonly string[]): string | undefined => {
  for (const scope of scopes.toReversed()) {
    const found = CLASSES.find(([prefix]) => scope === prefix || scope.startsWith(`${prefix}.`))
    if (found !== undefined) return found[1]
    // What stands in a hole or in CEL is no text, though there is a string around it.
    if (/^(?:variable|meta\.template|meta\.embedded|keyword|punctuation\.(?!definition))/.test(scope)) return undefined
  }
  return undefined
}

interface Line {
  readonly text: string
  readonly before: State
  readonly after: State
  readonly marks: readonly { readonly from: number; readonly to: number; readonly name: string }[]
}

interface Coloured {
  readonly lines: readonly Line[]
  readonly decorations: RangeSet<Decoration>
}

/** Characters of a line that is coloured; nobody reads a longer one. */
const LONGEST = 5000

const same = (a: State, b: State): boolean => a === b || (a !== null && b !== null && a.equals(b))

const decorations = new Map<string, Decoration>()
const decoration = (name: string): Decoration => {
  const known = decorations.get(name) ?? Decoration.mark({ class: `af-${name}` })
  decorations.set(name, known)
  return known
}

const colour = (grammar: Grammar, doc: Text, known: readonly Line[]): Coloured => {
  const builder = new RangeSetBuilder<Decoration>()
  const lines: Line[] = []
  const shift = known.length - doc.lines
  let before: State = null
  for (let at = 0; at < doc.lines; at++) {
    const { text, from } = doc.line(at + 1)
    const reusable = [known[at], known[at + shift]].find((line) => line?.text === text && same(line.before, before))
    const line: Line = reusable ?? tokenized(grammar, text, before)
    for (const mark of line.marks) builder.add(from + mark.from, from + mark.to, decoration(mark.name))
    lines.push(line)
    before = line.after
  }
  return { lines, decorations: builder.finish() }
}

const tokenized = (grammar: Grammar, text: string, before: State): Line => {
  if (text.length > LONGEST) return { text, before, after: before, marks: [] }
  // Without a limit of time: the first line has the grammar compiled, and would be cut off on a slow machine.
  const { tokens, ruleStack } = grammar.tokenizeLine(text, before, 0)
  const marks = tokens.flatMap(({ startIndex, endIndex, scopes }) => {
    const name = classOf(scopes)
    const to = Math.min(endIndex, text.length)
    return name === undefined || to <= startIndex ? [] : [{ from: startIndex, to, name }]
  })
  return { text, before, after: ruleStack, marks }
}

/** Made once: the grammar is compiled when it is first used. */
export const highlighting = () => {
  const grammar = language()
  return StateField.define<Coloured>({
    create: ({ doc }) => colour(grammar, doc, []),
    update: (value, { docChanged, newDoc }) => (docChanged ? colour(grammar, newDoc, value.lines) : value),
    provide: (field) => EditorView.decorations.from(field, (value) => value.decorations),
  })
}
