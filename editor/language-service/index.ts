/**
 * What an editor asks of .authflow files, as pure functions of the files and a place: for the language server, and for pages in a
 * browser. Nothing here knows of a protocol or of Node.
 *
 * @module
 */
export { type CodeAction, codeActions } from "./code-actions.ts"
export { type CodeLens, codeLenses, soundAnalysis, testResults } from "./code-lenses.ts"
export { type Completion, completion, withoutPlaces } from "./completion/index.ts"
export { type Definition, definition } from "./definition.ts"
export { diagnosticsFrom, diagnosticsOf, documentationOf } from "./diagnostics.ts"
export { type DocumentLink, documentLinks } from "./document-links.ts"
export { analysisOf, editorOptions, type Files, type Location } from "./files.ts"
export { type Fold, folding } from "./folding.ts"
export { formatting } from "./formatting.ts"
export { type Hover, hover } from "./hover/index.ts"
export { type InlayHint, inlayHints } from "./inlay-hints.ts"
export type { Occurrence, Target } from "./names.ts"
export { highlights, references } from "./references.ts"
export { prepareRename, type Renaming, rename } from "./rename.ts"
export { selectionRanges } from "./selection.ts"
export { type SemanticToken, semanticTokens, tokenModifiers, tokenTypes } from "./semantic-tokens.ts"
export { type DocumentSymbol, documentSymbols, type WorkspaceSymbol, workspaceSymbols } from "./symbols.ts"
