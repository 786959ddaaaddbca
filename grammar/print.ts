/**
 * The one true style.
 *
 * What it looks like depends on the tree, on where comments stand and on blank lines between groups (one is kept), and on
 * nothing else of the source. Two spaces of indent, 120 columns. In a group, which is what no blank line parts, the `=` of
 * fields, the values of entries, the `=>` of arms and the parts of params stand below each other.
 *
 * @module
 */
import type {
  Argument,
  Arm,
  Block,
  Clause,
  Comment,
  Entry,
  Expression,
  Field,
  File,
  Flow,
  Import,
  ImportedName,
  Item,
  Match,
  Param,
  Stage,
  Test,
} from "./ast.ts"
import { docComment, lastLine, spaces, widest } from "./columns.ts"
import { Comments } from "./comments.ts"
import { Lines } from "./lines.ts"
import { canBreak, needsLines, oneLine, writeKey, writeReference } from "./one-line.ts"
import { parse } from "./parse.ts"
import type { SyntaxProblem } from "./problem.ts"
import type { Node } from "./visit.ts"

export interface Formatted {
  readonly text: string
  readonly problems: readonly SyntaxProblem[]
}

const WIDTH = 120
const INDENT = 2
/** A stage with more fields than this is not for one line, even if it fits. */
const FIELDS_ON_A_LINE = 3

/** `text` in the one true style, or unchanged with its problems where it has some. */
export const format = (text: string): Formatted => {
  const { file, problems } = parse(text)
  return { text: problems.length > 0 ? text : print(file), problems }
}

/**
 * The one true text of a tree without `Missing` nodes. A tree that was made and not parsed may have any spans, as long as its
 * `comments` are empty; its `doc`s are printed.
 */
export const print = (file: File): string => new Printer(file).file(file)

/** Items of which one may follow the other without a blank line between. */
const standTogether = (one: Item, other: Item): boolean =>
  one.kind === "Import"
    ? other.kind === "Import"
    : (one.kind === "Param" || one.kind === "Constant") && (other.kind === "Param" || other.kind === "Constant")

interface ParamColumns {
  readonly type: number
  readonly default: number
}

class Printer {
  readonly #lines: Lines
  readonly #comments: Comments

  constructor(file: File) {
    this.#lines = new Lines(file.lineStarts)
    this.#comments = new Comments(file, this.#lines)
  }

  file(file: File): string {
    const lines: string[] = []
    let last: Item | undefined
    for (const group of this.#groups(file.items, (item) => item.kind !== "Param" && item.kind !== "Constant")) {
      const columns = this.#paramColumns(group.filter((item) => item.kind === "Param"))
      const constants = widest(group.flatMap((item) => (item.kind === "Constant" ? [item.name.text] : [])))
      for (const item of group) {
        const apart = last !== undefined && !standTogether(last, item)
        const text = this.#item(item, columns, constants)
        this.#put(lines, item, last, text, 0, apart)
        last = item
      }
    }
    this.#putDangling(lines, file, last, 0)
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`
  }

  // --- items -------------------------------------------------------------------------------------------------------

  /** Where the types and the defaults of a group of params start. */
  #paramColumns(group: readonly Param[]): ParamColumns {
    const typed = group.filter((param) => param.type !== undefined)
    const type = widest(typed.map((param) => `param ${param.name.text}: `))
    const heads = group.filter((param) => param.default !== undefined).map((param) => this.#paramHead(param, type))
    return { type, default: widest(heads.filter((head) => !head.includes("\n"))) + 1 }
  }

  #paramHead({ name, type, choices }: Param, column: number): string {
    let text = `param ${name.text}`
    if (type !== undefined) text = `${text}: `.padEnd(column) + writeReference(type)
    if (choices === undefined) return text
    text = `${text} in `
    return text + this.#value(choices, 0, text.length)
  }

  #param(param: Param, columns: ParamColumns): string {
    let text = this.#paramHead(param, columns.type)
    if (param.default === undefined) return text
    text = `${text.includes("\n") ? `${text} ` : text.padEnd(columns.default)}= `
    return text + this.#value(param.default, 0, lastLine(text).length)
  }

  /** `constants` is the width of the longest name of the group's constants. */
  #item(item: Item, columns: ParamColumns, constants: number): string {
    switch (item.kind) {
      case "Import":
        return this.#import(item)
      case "Param":
        return this.#param(item, columns)
      case "Constant": {
        const head = `const ${item.name.text.padEnd(constants)} = `
        return head + this.#value(item.value, 0, head.length)
      }
      case "Environment":
        return `env ${item.name.text} ${this.#block(item.body, 0)}`
      case "Declaration":
        return `${item.keyword.text} ${item.name.text} = ${writeReference(item.type)} ${this.#block(item.body, 0)}`
      case "Deployment":
        return `deploy ${item.engine.text} ${this.#block(item.body, 0)}`
      case "Flow":
        return this.#flow(item)
      case "Test":
        return this.#test(item)
    }
  }

  #import(item: Import): string {
    const names = item.names.map(({ name, alias }) => name.text + (alias === undefined ? "" : ` as ${alias.text}`))
    const from = ` from ${writeKey(item.path)}`
    const flat = names.length === 0 ? "import {}" : `import { ${names.join(", ")} }`
    if (!this.#comments.within(item.span) && flat.length + from.length <= WIDTH) return flat + from
    const lines = this.#open(item)
    let last: ImportedName | undefined
    for (const [index, name] of item.names.entries()) {
      this.#put(lines, name, last, `${names[index]},`, INDENT)
      last = name
    }
    this.#putDangling(lines, item, last, INDENT)
    return `import ${this.#closed(lines, 0)}${from}`
  }

  #flow(item: Flow): string {
    const head = `flow ${item.name.text} at `
    const url = this.#value(item.url, 0, head.length)
    const lines = this.#open(item)
    let last: Stage | undefined
    for (const stage of item.stages) {
      this.#put(lines, stage, last, this.#stage(stage), INDENT)
      last = stage
    }
    this.#putDangling(lines, item, last, INDENT)
    return `${head}${url} ${this.#closed(lines, 0)}`
  }

  #test(test: Test): string {
    const lines = this.#open(test)
    let last: Clause | undefined
    for (const group of this.#groups(test.clauses, (clause) => this.#clause(clause, 0).includes("\n"))) {
      const targets = group.flatMap((clause) => (clause.kind === "Expectation" ? [oneLine(clause.target)] : []))
      for (const clause of group) {
        this.#put(lines, clause, last, this.#clause(clause, widest(targets)), INDENT)
        last = clause
      }
    }
    this.#putDangling(lines, test, last, INDENT)
    return `test ${writeKey(test.title)} ${this.#closed(lines, 0)}`
  }

  /** `width` is that of the longest target of the clause's group: what is expected stands below each other. */
  #clause(clause: Clause, width: number): string {
    const head =
      clause.kind === "Given"
        ? `given ${clause.subject.text} `
        : `expect ${oneLine(clause.target).padEnd(width)} ${clause.operator} `
    return head + this.#value(clause.value, INDENT, INDENT + head.length)
  }

  #stage(stage: Stage): string {
    const head = `${stage.verb.text} `
    const text = head + this.#value(stage.operand, INDENT, INDENT + head.length)
    if (stage.body === undefined) return text
    const { fields } = stage.body
    const flat = fields.length <= FIELDS_ON_A_LINE && this.#isFlat(stage.body) ? oneLine(stage.body) : undefined
    if (flat !== undefined && INDENT + lastLine(text).length + 1 + flat.length <= WIDTH) return `${text} ${flat}`
    return `${text} ${this.#block(stage.body, INDENT)}`
  }

  #block(block: Block, indent: number): string {
    const lines = this.#open(block)
    this.#pairs(lines, block.fields, indent + INDENT, " = ", (field: Field) => field.name.text)
    this.#putDangling(lines, block, block.fields.at(-1), indent + INDENT)
    return this.#closed(lines, indent)
  }

  // --- values ------------------------------------------------------------------------------------------------------

  /** `column` is where the value starts, `indent` what its further lines are indented by, `after` what follows it. */
  #value(value: Expression, indent: number, column: number, after = 0): string {
    if (this.#isFlat(value)) {
      const flat = oneLine(value)
      if (column + flat.length + after <= WIDTH) return flat
    }
    switch (value.kind) {
      case "ListLiteral": {
        const lines = this.#open(value, "[")
        let last: Expression | undefined
        for (const item of value.items) {
          const inner = indent + INDENT
          this.#put(lines, item, last, `${this.#value(item, inner, inner, 1)},`, inner)
          last = item
        }
        this.#putDangling(lines, value, last, indent + INDENT)
        return this.#closed(lines, indent, "]")
      }
      case "MapLiteral": {
        const lines = this.#open(value)
        this.#pairs(lines, value.entries, indent + INDENT, ": ", (entry: Entry) => writeKey(entry.key))
        this.#putDangling(lines, value, value.entries.at(-1), indent + INDENT)
        return this.#closed(lines, indent)
      }
      case "Call": {
        const lines = this.#open(value, "(")
        let last: Argument | undefined
        for (const argument of value.args) {
          const name = argument.name === undefined ? "" : `${argument.name.text}: `
          const inner = indent + INDENT
          const text = name + this.#value(argument.value, inner, inner + name.length, 1)
          this.#put(lines, argument, last, `${text},`, inner)
          last = argument
        }
        this.#putDangling(lines, value, last, indent + INDENT)
        return value.callee.text + this.#closed(lines, indent, ")")
      }
      case "Match":
        return this.#match(value, indent, column)
      default:
        return oneLine(value)
    }
  }

  #match(match: Match, indent: number, column: number): string {
    const lines = this.#open(match)
    const inner = indent + INDENT
    let last: Arm | undefined
    for (const group of this.#groups(match.arms, (arm) => !this.#isFlat(arm.result))) {
      const heads = new Map(group.map((arm) => [arm, this.#armHead(arm, inner)]))
      const short = group.filter((arm) => !this.#breaksBeforeArrow(arm, heads.get(arm) ?? "", inner))
      const width = widest(short.map((arm) => heads.get(arm) ?? ""))
      for (const arm of group) {
        const head = heads.get(arm) ?? ""
        const arrow = short.includes(arm)
          ? `${head.padEnd(width)} => `
          : `${head}\n${spaces(inner + Math.max(width, INDENT - 1))} => `
        this.#put(lines, arm, last, arrow + this.#value(arm.result, inner, inner + lastLine(arrow).length), inner)
        last = arm
      }
    }
    this.#putDangling(lines, match, last, inner)
    const head = "match "
    const scrutinee =
      match.scrutinee === undefined ? "" : `${this.#value(match.scrutinee, indent, column + head.length, 2)} `
    return head + scrutinee + this.#closed(lines, indent)
  }

  #armHead(arm: Arm, indent: number): string {
    const operator = arm.operator.text
    if (arm.operand === undefined) return operator
    return `${operator} ${this.#value(arm.operand, indent, indent + operator.length + 1)}`
  }

  /** An arm too long for its line gives the arrow a line of its own, below the other arrows. */
  #breaksBeforeArrow({ result }: Arm, head: string, indent: number): boolean {
    if (head.includes("\n")) return true
    const first = this.#isFlat(result) && !canBreak(result) ? oneLine(result) : "match claims {"
    return indent + head.length + " => ".length + first.length > WIDTH
  }

  /** Whether a node can stand on one line: it holds neither comments nor arms. */
  #isFlat(node: Expression | Block): boolean {
    return !this.#comments.within(node.span) && !needsLines(node)
  }

  // --- lines -------------------------------------------------------------------------------------------------------

  /** Fields or entries, one a line, values below each other. */
  #pairs<Pair extends Field | Entry>(
    lines: string[],
    pairs: readonly Pair[],
    indent: number,
    sign: " = " | ": ",
    key: (pair: Pair) => string,
  ): void {
    let last: Pair | undefined
    const isLong = (pair: Pair): boolean => {
      const column = indent + key(pair).length + sign.length
      return !this.#isFlat(pair.value) || (canBreak(pair.value) && column + oneLine(pair.value).length > WIDTH)
    }
    for (const group of this.#groups(pairs, isLong)) {
      const width = widest(group.map(key))
      for (const pair of group) {
        const name = key(pair)
        const head = sign === " = " ? `${name.padEnd(width)} = ` : `${name}: ${spaces(width - name.length)}`
        this.#put(lines, pair, last, head + this.#value(pair.value, indent, indent + head.length), indent)
        last = pair
      }
    }
  }

  /** What is aligned together: a blank line parts groups, and so does a unit of more than one line, behind itself. */
  #groups<Unit extends Node>(units: readonly Unit[], isLong: (unit: Unit) => boolean): readonly (readonly Unit[])[] {
    const groups: Unit[][] = []
    let last: Unit | undefined
    for (const unit of units) {
      const group = groups.at(-1)
      const parted = last === undefined || isLong(last) || this.#blanksBefore(unit, last).includes(true)
      if (group === undefined || parted) groups.push([unit])
      else group.push(unit)
      last = unit
    }
    return groups
  }

  /** For each comment that leads `unit`, and for `unit` itself: whether the source has a blank line before it. */
  #blanksBefore(unit: Node, last: Node | undefined): readonly boolean[] {
    const start = this.#lines.lineAt(unit.span.start)
    let line = last === undefined ? Number.POSITIVE_INFINITY : this.#endLine(last)
    const blanks: boolean[] = []
    for (const { span } of this.#comments.of(unit).leading) {
      // A comment that was moved before the unit from inside it counts as standing where the unit starts.
      blanks.push(Math.min(this.#lines.lineAt(span.start), start) > line + 1)
      line = Math.min(this.#lines.lineAt(span.end), start)
    }
    blanks.push(start > line + 1)
    return blanks
  }

  /** The line that a unit and the comments behind it end on. */
  #endLine(unit: Node): number {
    return this.#lines.lineAt(this.#comments.of(unit).trailing.at(-1)?.span.end ?? unit.span.end)
  }

  /** Adds a unit with its comments. `apart` puts a blank line before even where the source has none. */
  #put(lines: string[], unit: Node, last: Node | undefined, text: string, indent: number, apart = false): void {
    const { leading, trailing } = this.#comments.of(unit)
    const blanks = this.#blanksBefore(unit, last)
    const printed = leading.map((comment) => comment.text)
    const doc = "doc" in unit ? unit.doc : undefined
    // The doc of a tree that was made stands in no comment.
    if (doc !== undefined && !leading.some(({ style }) => style === "doc")) {
      printed.push(docComment(doc, indent))
    }
    printed.push([text, ...trailing.map((comment) => comment.text)].join(" "))
    for (const [index, part] of printed.entries()) {
      if (blanks[index] === true || (apart && index === 0)) lines.push("")
      lines.push(spaces(indent) + part)
    }
  }

  #putDangling(lines: string[], container: Node, last: Node | undefined, indent: number): void {
    let line = last === undefined ? undefined : this.#endLine(last)
    for (const { span, text } of this.#comments.of(container).dangling) {
      if (line !== undefined && this.#lines.lineAt(span.start) > line + 1) lines.push("")
      lines.push(spaces(indent) + text)
      line = this.#lines.lineAt(span.end)
    }
  }

  /** The opening bracket and the comments behind it: the first of a node's lines. */
  #open(node: Node, bracket: "{" | "[" | "(" = "{"): string[] {
    return [[bracket, ...this.#comments.of(node).opening.map((comment: Comment) => comment.text)].join(" ")]
  }

  #closed(lines: readonly string[], indent: number, bracket: "}" | "]" | ")" = "}"): string {
    const only = lines.length === 1 ? lines[0] : undefined
    if (only?.length === 1) return only + bracket
    return `${lines.join("\n")}\n${spaces(indent)}${bracket}`
  }
}
