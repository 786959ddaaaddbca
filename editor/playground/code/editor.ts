/**
 * The editors: the one that is written in, and those that show what came of it.
 *
 * @module
 */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, toggleComment } from "@codemirror/commands"
import { json } from "@codemirror/lang-json"
import { yaml } from "@codemirror/lang-yaml"
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language"
import { lintKeymap } from "@codemirror/lint"
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search"
import { EditorState, type Extension } from "@codemirror/state"
import {
  type Command,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view"
import { highlighting } from "./highlight.ts"
import { look } from "./look.ts"

const named = (label: string): Extension =>
  EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" })

const writable = (onChange: (text: string) => void): readonly Extension[] => [
  history(),
  drawSelection(),
  bracketMatching(),
  closeBrackets(),
  EditorState.tabSize.of(2),
  indentUnit.of("  "),
  EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged) onChange(state.doc.toString())
  }),
]

/** Where an .authflow file is written. Tab is left alone: it goes on to what comes next in the page. */
export const sourceEditor = (
  parent: HTMLElement,
  text: string,
  onChange: (text: string) => void,
  commands: { readonly fix: Command; readonly format: Command; readonly share: Command },
  assistance: readonly Extension[],
): EditorView =>
  new EditorView({
    parent,
    doc: text,
    extensions: [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      foldGutter(),
      indentOnInput(),
      highlightSelectionMatches(),
      writable(onChange),
      highlighting(),
      EditorState.languageData.of(() => [{ commentTokens: { line: "//", block: { open: "/*", close: "*/" } } }]),
      ...assistance,
      keymap.of([
        { key: "Mod-.", run: commands.fix, preventDefault: true },
        { key: "Shift-Alt-f", run: commands.format, preventDefault: true },
        { key: "Mod-s", run: commands.share, preventDefault: true },
        { key: "Mod-/", run: toggleComment },
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...completionKeymap,
        ...lintKeymap,
      ]),
      look,
      named("Source, an .authflow file"),
    ],
  })

/** Where JSON is written. */
export const jsonEditor = (
  parent: HTMLElement,
  label: string,
  text: string,
  onChange: (text: string) => void,
): EditorView =>
  new EditorView({
    parent,
    doc: text,
    extensions: [
      writable(onChange),
      json(),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
      EditorView.lineWrapping,
      look,
      named(label),
    ],
  })

/** What a file compiled to; it can be searched, folded and copied from. */
export const output = (parent: HTMLElement, label: string, language: "yaml" | "json", text: string): EditorView =>
  new EditorView({
    parent,
    doc: text,
    extensions: [
      lineNumbers(),
      foldGutter(),
      drawSelection(),
      language === "yaml" ? yaml() : json(),
      EditorState.readOnly.of(true),
      keymap.of([...defaultKeymap, ...searchKeymap, ...foldKeymap]),
      look,
      named(label),
      EditorView.contentAttributes.of({ "aria-readonly": "true" }),
    ],
  })

/** Gives an editor another text and leaves what is the same, so that it stays where it is scrolled to. */
export const replaceText = (view: EditorView, text: string): void => {
  const old = view.state.doc.toString()
  if (old === text) return
  let from = 0
  const shorter = Math.min(old.length, text.length)
  while (from < shorter && old[from] === text[from]) from++
  let end = 0
  while (end < shorter - from && old[old.length - 1 - end] === text[text.length - 1 - end]) end++
  view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } })
}
