import type { File } from "./ast.ts"
import { parse } from "./parse.ts"
import type { SyntaxProblem } from "./problem.ts"

export interface Formatted {
  readonly text: string
  readonly problems: readonly SyntaxProblem[]
}

/** The one true text of a tree. */
export const print = (file: File): string => (file.items.length === 0 ? "" : "\n")

/** `text` in the one true style, or unchanged with its problems where it has some. */
export const format = (text: string): Formatted => {
  const { file, problems } = parse(text)
  return { text: problems.length > 0 ? text : print(file), problems }
}
