import type { Span } from "./ast.ts"
import type { Lines } from "./lines.ts"
import type { SyntaxProblem } from "./problem.ts"

/** More are of no use to anyone, and a file of random bytes has one a character. */
const LIMIT = 100

/** The problems found so far. One mistake is one problem: the first that is reported for a line speaks for the line. */
export class ProblemLog {
  readonly #lines: Lines
  readonly #problems: SyntaxProblem[] = []
  readonly #troubled = new Set<number>()
  #full = false

  constructor(lines: Lines) {
    this.#lines = lines
  }

  /** Reports a problem, unless an earlier phase, or an earlier token of the same line, has had one. */
  add(problem: SyntaxProblem): void {
    const line = this.#lines.lineAt(problem.span.start)
    if (this.#full || this.#troubled.has(line)) return
    if (this.#problems.length === LIMIT) {
      this.#full = true
      this.#problems.push({ kind: "TooManyProblems", span: problem.span, limit: LIMIT })
      return
    }
    this.#troubled.add(line)
    this.#problems.push(problem)
  }

  /** Says that what follows on the line of `span` is the fault of a problem reported elsewhere. */
  excuse(span: Span): void {
    this.#troubled.add(this.#lines.lineAt(span.start))
  }

  /** In source order, the note that there are more last. */
  list(): readonly SyntaxProblem[] {
    const found = this.#problems.filter((problem) => problem.kind !== "TooManyProblems")
    const rest = this.#problems.filter((problem) => problem.kind === "TooManyProblems")
    return [...found.sort((a, b) => a.span.start - b.span.start), ...rest]
  }
}
