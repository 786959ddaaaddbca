/**
 * Tokens to tree.
 *
 * The actions build the tree directly, with no concrete tree between: every place where something can be missing says what
 * stands there instead (`Missing`, an empty `Name`), reports it once, and goes on (`mending.ts`). No rule fails, then, and
 * none is given up half done; chevrotain's own recovery stays on as a net beneath.
 *
 * Lookahead is one token, and a gate where shape decides.
 *
 * @module
 */
import type {
  Block,
  Clause,
  Declaration,
  Expectation,
  Flow,
  Given,
  Item,
  Missing,
  Segment,
  Stage,
  Test,
} from "./ast.ts"
import { InputParser } from "./inputs.ts"
import { endsEntry, is, joins, nameOf, type ParseInput } from "./mending.ts"
import { spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

const beginnings: readonly string[] = T.itemKeywords.map((keyword) => `\`${keyword}\``)

const CLAUSES: readonly string[] = ["`given`", "`expect`"]

export class AuthflowParser extends InputParser {
  constructor(options: { readonly validate: boolean }) {
    super(options)
    this.performSelfAnalysis()
  }

  parse(input: ParseInput): readonly Item[] {
    return this.read(input, () => this.file()) ?? []
  }

  // --- items -------------------------------------------------------------------------------------------------------

  readonly file = this.RULE("file", (): readonly Item[] => {
    const items: Item[] = []
    this.startEntry(
      () => this.#startsItem(),
      beginnings,
      () => this.#reportStart(),
    )
    this.MANY(() => {
      items.push(this.SUBRULE(this.item))
      this.endEntry(() => this.#startsItem(), "items")
      this.OPTION(() => this.CONSUME(T.LineEnd))
      this.startEntry(
        () => this.#startsItem(),
        beginnings,
        () => this.#reportStart(),
      )
    })
    return items
  })

  private readonly item = this.RULE("item", (): Item => {
    this.ACTION(() => this.#itemKeyword())
    return this.OR([
      { GATE: () => this.#itemShape() === "param", ALT: () => this.SUBRULE(this.param) },
      { GATE: () => this.#itemShape() === "import", ALT: () => this.SUBRULE(this.import) },
      { GATE: () => this.#itemShape() === "constant", ALT: () => this.SUBRULE(this.constant) },
      { GATE: () => this.#itemShape() === "environment", ALT: () => this.SUBRULE(this.environment) },
      { GATE: () => this.#itemShape() === "deployment", ALT: () => this.SUBRULE(this.deployment) },
      { GATE: () => this.#itemShape() === "flow", ALT: () => this.SUBRULE(this.flow) },
      { GATE: () => this.#itemShape() === "test", ALT: () => this.SUBRULE(this.test) },
      { ALT: () => this.SUBRULE(this.declaration) },
    ])
  })

  private readonly declaration = this.RULE("declaration", (): Declaration => {
    const { start, doc } = this.begin()
    const keyword = nameOf(this.CONSUME(T.Name))
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.expect(T.Equals))
    this.OPTION(() => this.CONSUME(T.Equals))
    const type = this.SUBRULE(this.typeName)
    const body = this.SUBRULE(this.body)
    return { kind: "Declaration", span: this.spanFrom(start), doc, keyword, name, type, body }
  })

  private readonly flow = this.RULE("flow", (): Flow => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.expect(T.At))
    this.OPTION1(() => this.CONSUME(T.At))
    const url = this.SUBRULE(this.operand)
    const stages: Stage[] = []
    this.ACTION(() => this.expectBrace())
    this.OPTION2(() => {
      this.CONSUME(T.LCurly)
      this.ACTION(() => this.startAnew())
      this.startEntry(() => this.#startsStage(), ["a stage"])
      this.MANY(() => {
        stages.push(this.SUBRULE(this.stage))
        this.endEntry(() => this.#startsStage(), "entries")
        this.OPTION3(() => this.CONSUME(T.Separator))
        this.startEntry(() => this.#startsStage(), ["a stage"])
      })
      this.CONSUME(T.RCurly)
    })
    return { kind: "Flow", span: this.spanFrom(start), doc, name, url, stages }
  })

  private readonly stage = this.RULE("stage", (): Stage => {
    this.ACTION(() => this.skipDoubledWord())
    const { start, doc } = this.begin()
    const verb = this.SUBRULE(this.name)
    const operand = this.SUBRULE(this.operand)
    let body: Block | undefined
    this.ACTION(() => {
      if (!endsEntry(this.LA(1))) this.expectBrace()
    })
    this.OPTION(() => {
      body = this.SUBRULE(this.block)
    })
    return { kind: "Stage", span: this.spanFrom(start), doc, verb, operand, body }
  })

  private readonly test = this.RULE("test", (): Test => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const title = this.SUBRULE(this.title)
    const clauses: Clause[] = []
    this.ACTION(() => this.expectBrace())
    this.OPTION(() => {
      this.CONSUME(T.LCurly)
      this.ACTION(() => this.startAnew())
      this.startEntry(() => this.#startsClause(), CLAUSES)
      this.MANY(() => {
        clauses.push(this.SUBRULE(this.clause))
        this.endEntry(() => this.#startsClause(), "entries")
        this.OPTION1(() => this.CONSUME(T.Separator))
        this.startEntry(() => this.#startsClause(), CLAUSES)
      })
      this.CONSUME(T.RCurly)
    })
    return { kind: "Test", span: this.spanFrom(start), doc, title, clauses }
  })

  /** What a test shows: known as it stands, since it is what a test is called by. */
  private readonly title = this.RULE("title", (): Segment => {
    this.ACTION(() => this.expectValue((token) => is(token, T.StringStart), "a string that says what the test shows"))
    const start = this.start()
    const text = this.OPTION(() => this.SUBRULE(this.plainString))
    return this.ACTION(() => ({
      kind: "Segment",
      span: text === undefined ? this.here() : this.spanFrom(start),
      text: text ?? "",
      quoted: true,
    }))
  })

  private readonly clause = this.RULE(
    "clause",
    (): Clause => this.OR([{ ALT: () => this.SUBRULE(this.given) }, { ALT: () => this.SUBRULE(this.expectation) }]),
  )

  private readonly given = this.RULE("given", (): Given => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Given)
    const subject = this.SUBRULE(this.name)
    const value = this.SUBRULE(this.value)
    return { kind: "Given", span: this.spanFrom(start), doc, subject, value }
  })

  private readonly expectation = this.RULE("expectation", (): Expectation => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Expect)
    this.ACTION(() => this.expectValue((token) => is(token, T.Name), "what is expected, such as `flow.role`"))
    const target = this.OR([
      { ALT: () => this.SUBRULE(this.reference) },
      { ALT: (): Missing => this.missing(undefined) },
    ])
    this.ACTION(() => this.#expectComparison())
    const sign = this.OPTION(() => this.CONSUME(T.Comparison))
    const value = this.SUBRULE(this.value)
    const operator = sign !== undefined && is(sign, T.NotEqualTo) ? "!=" : "=="
    return { kind: "Expectation", span: this.spanFrom(start), doc, target, operator, value }
  })

  /** `keyword …`, or an unknown word that is used like one. */
  #startsItem(): boolean {
    const first = this.LA(1)
    if (!is(first, T.Name) || T.reservedKeywords.includes(first.image)) return false
    if (T.itemKeywords.includes(first.image)) return true
    return is(this.LA(2), T.Name) && is(this.LA(3), T.Equals, T.At, T.Colon)
  }

  #itemShape(): "import" | "param" | "constant" | "environment" | "deployment" | "flow" | "test" | "declaration" {
    const first = this.LA(1)
    if (is(first, T.Import)) return "import"
    if (is(first, T.Param)) return "param"
    if (is(first, T.Constant)) return "constant"
    if (is(first, T.Environment)) return "environment"
    if (is(first, T.Deploy)) return "deployment"
    if (is(first, T.Test)) return "test"
    if (is(first, T.Flow)) return "flow"
    if (is(first, T.DeclarationKeyword)) return "declaration"
    return is(this.LA(3), T.At) ? "flow" : is(this.LA(3), T.Colon) ? "param" : "declaration"
  }

  #startsStage(): boolean {
    return is(this.LA(1), T.Name) && !joins(this.LA(2))
  }

  #startsClause(): boolean {
    return is(this.LA(1), T.Given, T.Expect)
  }

  /** `=` and `:` are taken for the `==` that is meant. */
  #expectComparison(): void {
    const token = this.LA(1)
    if (is(token, T.Comparison)) return
    this.unexpected(["`==`", "`!=`"])
    if (joins(token)) this.SKIP_TOKEN()
  }

  #reportStart(): void {
    const first = this.LA(1)
    if (is(first, T.Name) && T.reservedKeywords.includes(first.image)) {
      // Each of these would have been a whole item, so each is a mistake of its own.
      this.startAnew()
      this.add({ kind: "ReservedKeyword", span: spanOf(first), found: first.image })
    } else this.unexpected(beginnings)
  }

  /** Reports an item keyword that is none, and one that stands there twice. */
  #itemKeyword(): void {
    const [first, second, third] = [this.LA(1), this.LA(2), this.LA(3)]
    if (first.image === second.image && is(third, T.Name) && !is(third, T.At)) {
      this.report(spanOf(second), ["a name"], `\`${second.image}\``)
      this.SKIP_TOKEN()
    }
    if (!T.itemKeywords.includes(first.image)) {
      const span = spanOf(first)
      this.add({ kind: "UnknownKeyword", span, found: first.image, expected: T.itemKeywords })
    }
  }
}

let parser: AuthflowParser | undefined

/** Made on first use. */
export const sharedParser = (): AuthflowParser => {
  parser ??= new AuthflowParser({ validate: false })
  return parser
}
