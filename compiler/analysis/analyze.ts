/**
 * From text to checked program, in one pure call that the command line, the language server and the playground share.
 *
 * @module
 */
import type { Source } from "../source/source.ts"
import { type Analysis, createWorkspace, type Options } from "./workspace.ts"

/**
 * Parses, binds and checks. Never throws, whatever the text. `read` answers with the text of a file that is imported; without
 * it there is none.
 */
export const analyze = (source: Source, options: Options = {}, read?: (uri: string) => string | undefined): Analysis =>
  createWorkspace(read).analyzeSource(source, options)
