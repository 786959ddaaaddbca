/**
 * What the editors look like: the page's own colours, so that they are light or dark as it is.
 *
 * @module
 */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

export const look = [
  EditorView.theme({
    "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "var(--code-size)" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
    ".cm-content": { padding: "12px 0", caretColor: "var(--accent)" },
    ".cm-line": { padding: "0 16px 0 6px" },
    ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
    ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--faint)", border: "none", paddingLeft: "6px" },
    ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
    ".cm-activeLine": { backgroundColor: "var(--line-active)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
      backgroundColor: "var(--selection) !important",
    },
    ".cm-matchingBracket": { backgroundColor: "transparent" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--accent)" },
    ".cm-foldPlaceholder": { backgroundColor: "var(--wash)", border: "1px solid var(--rule)", color: "var(--quiet)" },
    ".cm-tooltip": {
      backgroundColor: "var(--raised)",
      border: "1px solid var(--rule)",
      borderRadius: "8px",
      boxShadow: "var(--shadow)",
      color: "var(--ink)",
      maxWidth: "min(40rem, 92vw)",
    },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": {
      backgroundColor: "var(--accent-fill)",
      color: "var(--on-accent)",
    },
    ".cm-completionDetail": { color: "inherit", opacity: "0.85", fontStyle: "normal", marginLeft: "1.5em" },
    ".cm-completionInfo": { padding: "8px 12px", fontFamily: "var(--sans)" },
    ".cm-diagnostic": { padding: "8px 12px", borderLeft: "3px solid var(--error)", fontFamily: "var(--sans)" },
    ".cm-diagnostic-warning": { borderLeftColor: "var(--warning)" },
    ".cm-diagnostic-info": { borderLeftColor: "var(--accent)" },
    ".cm-diagnosticAction": {
      backgroundColor: "var(--accent-fill)",
      color: "var(--on-accent)",
      borderRadius: "6px",
      padding: "3px 10px",
      margin: "6px 8px 0 0",
      fontFamily: "var(--sans)",
      cursor: "pointer",
    },
    ".cm-diagnosticSource": { opacity: "1", color: "var(--quiet)", fontSize: "12px" },
    ".cm-lintRange": { backgroundImage: "none !important", paddingBottom: "0" },
    ".cm-lintRange-error": { textDecoration: "underline wavy var(--error) 1.5px", textUnderlineOffset: "3px" },
    ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warning) 1.5px", textUnderlineOffset: "3px" },
    ".cm-lintRange-info": { textDecoration: "underline dotted var(--accent) 1.5px", textUnderlineOffset: "3px" },
    ".cm-lintRange-active": { backgroundColor: "var(--wash)" },
    ".cm-panels": { backgroundColor: "var(--wash)", color: "var(--ink)", borderColor: "var(--rule)" },
    ".cm-textfield, .cm-button": {
      backgroundImage: "none",
      backgroundColor: "var(--paper)",
      color: "var(--ink)",
      border: "1px solid var(--rule)",
      borderRadius: "6px",
    },
    ".cm-searchMatch": { backgroundColor: "var(--match)" },
  }),
  // YAML and JSON, in the same colours.
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], class: "af-property" },
      { tag: [tags.string, tags.special(tags.string)], class: "af-string" },
      { tag: [tags.number], class: "af-number" },
      { tag: [tags.bool, tags.null, tags.atom], class: "af-constant" },
      { tag: [tags.comment], class: "af-comment" },
      { tag: [tags.keyword, tags.meta], class: "af-keyword" },
    ]),
  ),
]
