import type { File } from "./ast.ts"
import { layOut } from "./layout.ts"
import { Lines } from "./lines.ts"
import { ProblemLog } from "./log.ts"
import { sharedParser } from "./parser.ts"
import type { SyntaxProblem } from "./problem.ts"
import { scan } from "./scan.ts"

export interface Parsed {
  readonly file: File
  readonly problems: readonly SyntaxProblem[]
}

/** Code units: some ten thousand lines. What is shorter answers within a second or two, whatever is in it. */
export const MAX_FILE_LENGTH = 512 * 1024

/** What decoding leaves where bytes are not UTF-8, a lone surrogate, or NUL. */
const notText = /\0|\ufffd|\p{Surrogate}/u

/**
 * Reads `text`. Always answers with a tree, however broken the text; what is wrong with it stands in `problems`, in source
 * order. Never throws.
 */
export const parse = (text: string): Parsed => {
  const span = { start: 0, end: text.length }
  if (text.length > MAX_FILE_LENGTH) {
    const file: File = { kind: "File", span, items: [], comments: [], lineStarts: [0] }
    const start = { start: 0, end: 0 }
    return { file, problems: [{ kind: "FileTooLarge", span: start, length: text.length, limit: MAX_FILE_LENGTH }] }
  }
  const lines = Lines.of(text)
  const binary = notText.exec(text)
  if (binary !== null) {
    const file: File = { kind: "File", span, items: [], comments: [], lineStarts: lines.starts }
    const at = { start: binary.index, end: binary.index + 1 }
    return { file, problems: [{ kind: "NotText", span: at, codePoint: text.charCodeAt(binary.index) }] }
  }
  const log = new ProblemLog(lines)
  // A byte order mark is space here, so that offsets stay those of `text`.
  const { tokens, comments, docs } = scan(text.replace(/^\ufeff/, " "), lines, log)
  const laidOut = layOut(tokens, lines, log)
  const items = laidOut === undefined ? [] : sharedParser().parse({ tokens: laidOut, docs, log, end: text.length })
  return { file: { kind: "File", span, items, comments, lineStarts: lines.starts }, problems: log.list() }
}
