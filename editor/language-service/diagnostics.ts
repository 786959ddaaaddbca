/**
 * Diagnostics: what is wrong with a file, in each environment it has, as `authflow check` tells it.
 *
 * @module
 */
import { type Code, checkWorkspace, type Diagnostic } from "../../compiler/index.ts"
import { editorOptions, type Files } from "./files.ts"

/** Those of the file and of what it imports. */
export const diagnosticsFrom = (files: Files, uri: string): readonly Diagnostic[] =>
  checkWorkspace(files.workspace, [[uri]], (each) => {
    // Which parameters may go without a value is for the environments to say.
    const { missingParams: _, ...options } = editorOptions(files, each)
    return options
  }).diagnostics

/** Those of the file itself. */
export const diagnosticsOf = (files: Files, uri: string): readonly Diagnostic[] =>
  diagnosticsFrom(files, uri).filter((each) => each.uri === uri)

/** Where docs/ says what a code means and how to get rid of it. */
export const documentationOf = (code: Code): string => `diagnostics.md#${code.toLowerCase()}`
