/**
 * The syntax tree of an .authflow file. It says what was written and where, not what it means: names are unresolved, a
 * stage's verb and kind are just words, so that a new construct needs no new syntax.
 *
 * Every node carries a span. A `Missing` node stands where the parser expected something and recovered; later phases report
 * nothing that only follows from it.
 *
 * @module
 */

/** Half-open range of UTF-16 code units in the source text: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A name as written. An empty `text` with a zero-width span stands for one that recovery inserted. */
export interface Name {
  readonly kind: "Name"
  readonly span: Span
  readonly text: string
}

/**
 * `// …`, `/* … *\/` or `/// …` (doc comment: belongs to the item, stage or field that follows). `text` as written, without
 * white space at its end; line ends in it are `\n`.
 */
export interface Comment {
  readonly span: Span
  readonly style: "line" | "block" | "doc"
  readonly text: string
}

export interface File {
  readonly kind: "File"
  readonly span: Span
  readonly items: readonly Item[]
  /** All comments in source order; the printer puts them back by position. */
  readonly comments: readonly Comment[]
  /** Offset of each line's first code unit; the first is 0. */
  readonly lineStarts: readonly number[]
}

export type Item = Import | Param | Constant | Environment | Declaration | Deployment | Flow | Test

/** `import { corp, gate as front } from "./identity.authflow"` */
export interface Import {
  readonly kind: "Import"
  readonly span: Span
  readonly doc: string | undefined
  readonly names: readonly ImportedName[]
  /** Relative to the file it stands in. An empty `text` with a zero-width span stands where it is missing. */
  readonly path: Segment
}

/** `gate as front`: `name` there, `alias` here. */
export interface ImportedName {
  readonly kind: "ImportedName"
  readonly span: Span
  readonly name: Name
  readonly alias: Name | undefined
}

/** `const tools = "https://tools.${domain}"` */
export interface Constant {
  readonly kind: "Constant"
  readonly span: Span
  readonly doc: string | undefined
  readonly name: Name
  readonly value: Expression
}

/** `env prod { domain = "corp.example" }`: values of params */
export interface Environment {
  readonly kind: "Environment"
  readonly span: Span
  readonly doc: string | undefined
  readonly name: Name
  readonly body: Block
}

/** `param domain: hostname = "example.com"`, `param tier: string in ["gold", "silver"] = "silver"` */
export interface Param {
  readonly kind: "Param"
  readonly span: Span
  readonly doc: string | undefined
  readonly name: Name
  readonly type: Reference | undefined
  /** The values it takes, where they are listed. */
  readonly choices: Expression | undefined
  readonly default: Expression | undefined
}

/** `provider corp = oidc { … }`, `server gate = auth_server { … }`: `keyword name = type { … }` */
export interface Declaration {
  readonly kind: "Declaration"
  readonly span: Span
  readonly doc: string | undefined
  readonly keyword: Name
  readonly name: Name
  readonly type: Reference
  readonly body: Block
}

/**
 * `deploy toolhive { namespace = "mcp" }`: what one engine is told of all flows of the file. Within a flow, what it is told of
 * that flow alone has the shape of a stage, and is one in this tree.
 */
export interface Deployment {
  readonly kind: "Deployment"
  readonly span: Span
  readonly doc: string | undefined
  readonly engine: Name
  readonly body: Block
}

/** `flow aws_mcp at "https://…" { stage… }` */
export interface Flow {
  readonly kind: "Flow"
  readonly span: Span
  readonly doc: string | undefined
  readonly name: Name
  readonly url: Expression
  /** Stages in the order a request takes. */
  readonly stages: readonly Stage[]
}

/** `identify gate { … }`, `exchange aws.sts { … }`, `forward "https://…"`: `verb operand { … }` */
export interface Stage {
  readonly kind: "Stage"
  readonly span: Span
  readonly doc: string | undefined
  readonly verb: Name
  readonly operand: Expression
  readonly body: Block | undefined
}

/** `test "a reader never gets the admin role" { given claims { … }  expect aws_mcp.role == "arn:…" }` */
export interface Test {
  readonly kind: "Test"
  readonly span: Span
  readonly doc: string | undefined
  /** What the test shows, in words. An empty `text` with a zero-width span stands where it is missing. */
  readonly title: Segment
  /** In the order written. */
  readonly clauses: readonly Clause[]
}

export type Clause = Given | Expectation

/** `given claims { groups: ["readers"] }`: `given subject value` */
export interface Given {
  readonly kind: "Given"
  readonly span: Span
  readonly doc: string | undefined
  readonly subject: Name
  readonly value: Expression
}

/** `expect aws_mcp.role == "arn:…"` */
export interface Expectation {
  readonly kind: "Expectation"
  readonly span: Span
  readonly doc: string | undefined
  readonly target: Reference | Missing
  readonly operator: "==" | "!="
  readonly value: Expression
}

/** `{ name = value … }`, newline- or comma-separated. */
export interface Block {
  readonly kind: "Block"
  readonly span: Span
  readonly fields: readonly Field[]
}

export interface Field {
  readonly kind: "Field"
  readonly span: Span
  readonly doc: string | undefined
  readonly name: Name
  readonly value: Expression
}

export type Expression =
  | StringTemplate
  | NumberLiteral
  | DurationLiteral
  | SizeLiteral
  | Reference
  | Call
  | ListLiteral
  | MapLiteral
  | Match
  | Missing

/** `"https://idp.${domain}"`. A plain string has one text part, an empty one none. */
export interface StringTemplate {
  readonly kind: "StringTemplate"
  readonly span: Span
  readonly parts: readonly (TemplateText | TemplateHole)[]
}

/** `value`: escapes resolved. */
export interface TemplateText {
  readonly kind: "TemplateText"
  readonly span: Span
  readonly value: string
  /** In the order of the text; absent where there are none. */
  readonly escapes?: readonly Escape[]
}

/** Where a text is written otherwise than it reads: `offset` and `length` in the value, `span` in the source. */
export interface Escape {
  readonly offset: number
  readonly length: number
  readonly span: Span
}

/** `${domain}`; the span covers the braces. */
export interface TemplateHole {
  readonly kind: "TemplateHole"
  readonly span: Span
  readonly expression: Reference | Missing
}

/** Integer, may be negative. `text` as written. */
export interface NumberLiteral {
  readonly kind: "NumberLiteral"
  readonly span: Span
  readonly value: number
  readonly text: string
}

/** `90s`, `1h30m`, `7d`. `seconds` may be fractional (`500ms`). */
export interface DurationLiteral {
  readonly kind: "DurationLiteral"
  readonly span: Span
  readonly seconds: number
  readonly text: string
}

/** `8MiB`, `10KB`. */
export interface SizeLiteral {
  readonly kind: "SizeLiteral"
  readonly span: Span
  readonly bytes: number
  readonly text: string
}

/** `dynamic`, `corp.id_token`, `claims.groups`, `claims["cognito:groups"]`, `true`, `on`. */
export interface Reference {
  readonly kind: "Reference"
  readonly span: Span
  /** At least one; a bracketed segment has `quoted` true. */
  readonly path: readonly Segment[]
}

/** An empty unquoted `text` with a zero-width span stands where a declaration's type is missing. */
export interface Segment {
  readonly kind: "Segment"
  readonly span: Span
  readonly text: string
  readonly quoted: boolean
}

/** `secret("corp-idp", key: "client-secret")`, `deny("reason")` */
export interface Call {
  readonly kind: "Call"
  readonly span: Span
  readonly callee: Name
  readonly args: readonly Argument[]
}

export interface Argument {
  readonly kind: "Argument"
  readonly span: Span
  readonly name: Name | undefined
  readonly value: Expression
}

export interface ListLiteral {
  readonly kind: "ListLiteral"
  readonly span: Span
  readonly items: readonly Expression[]
}

/** `{ name: claims.email, duration: 1h }` */
export interface MapLiteral {
  readonly kind: "MapLiteral"
  readonly span: Span
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly kind: "Entry"
  readonly span: Span
  /** `quoted` when the key was written as a string. */
  readonly key: Segment
  readonly value: Expression
}

/** `match claims.groups { contains "admins" => "arn:…"  when "cel" => …  else => deny }` */
export interface Match {
  readonly kind: "Match"
  readonly span: Span
  readonly scrutinee: Expression | undefined
  readonly arms: readonly Arm[]
}

/** `contains "admins" => …`; `else` has no operand. */
export interface Arm {
  readonly kind: "Arm"
  readonly span: Span
  readonly operator: Name
  readonly operand: Expression | undefined
  readonly result: Expression
}

/** Where something should stand and the parser recovered. */
export interface Missing {
  readonly kind: "Missing"
  readonly span: Span
}
