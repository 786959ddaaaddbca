/**
 * Tokens to tree.
 *
 * The actions build the tree directly, with no concrete tree between. Chevrotain's own recovery gives up the rule it is in,
 * and a rule that is given up has no node; here every place where something can be missing says what stands there instead
 * (`Missing`, an empty `Name`), reports it once, and goes on. `layout.ts` has seen to it that brackets balance and that
 * lines end in tokens, so that what can't be understood is passed over up to the end of its entry and no further. No rule
 * fails, then; chevrotain's recovery stays on as a net beneath.
 *
 * Lookahead is one token, and a gate where shape decides.
 *
 * @module
 */
import { EmbeddedActionsParser, EOF, type IToken, type TokenType, tokenMatcher } from "chevrotain"
import type {
  Argument,
  Arm,
  Block,
  Declaration,
  Entry,
  Expression,
  Field,
  Flow,
  Item,
  ListLiteral,
  MapLiteral,
  Match,
  Missing,
  Name,
  Param,
  Reference,
  Segment,
  Span,
  Stage,
  StringTemplate,
  TemplateHole,
  TemplateText,
} from "./ast.ts"
import { isCloser, isOpener } from "./layout.ts"
import { readEscape, readIndex, readNumber } from "./literal.ts"
import type { ProblemLog } from "./log.ts"
import { spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

/** What a parse needs beside the tokens. */
export interface ParseInput {
  readonly tokens: IToken[]
  readonly docs: ReadonlyMap<number, string>
  readonly log: ProblemLog
  readonly end: number
}

const is = (token: IToken, ...types: readonly TokenType[]): boolean => types.some((type) => tokenMatcher(token, type))

/** Where an entry ends, however little of it was understood. */
const endsEntry = (token: IToken): boolean => is(token, T.Separator, EOF) || isCloser(token)

/** Whether an operand can start here: a value without braces. */
const startsOperand = (token: IToken): boolean =>
  is(token, T.Name, T.StringStart, T.NumberLike, T.LSquare, T.ForeignString)

const startsValue = (token: IToken): boolean => startsOperand(token) || is(token, T.LCurly)

/** Whether `token` is the bracket of an index: it touches what it indexes. With a space between, it starts a list. */
const indexes = (token: IToken, indexed: IToken): boolean =>
  is(token, T.LSquare) && token.startOffset === indexed.startOffset + indexed.image.length

/** Signs that are taken for one another between a name and its value. */
const joins = (token: IToken): boolean => is(token, T.Equals, T.Colon, T.Arrow)

export class AuthflowParser extends EmbeddedActionsParser {
  #docs: ReadonlyMap<number, string> = new Map()
  #log: ProblemLog | undefined
  #end = 0
  /** Something in this entry has been reported: what else is wrong with it most likely follows from that. */
  #reported = false

  constructor({ validate }: { readonly validate: boolean }) {
    super(T.vocabulary, { recoveryEnabled: true, maxLookahead: 1, skipValidations: !validate })
    this.performSelfAnalysis()
  }

  parse({ tokens, docs, log, end }: ParseInput): readonly Item[] {
    this.input = tokens
    this.#docs = docs
    this.#log = log
    this.#end = end
    this.#reported = false
    const items = this.file()
    for (const error of this.errors) {
      const span = error.token.tokenType === EOF ? { start: end, end } : spanOf(error.token)
      log.add({ kind: "UnexpectedToken", span, expected: [], found: this.#found(error.token) })
    }
    this.input = []
    return items ?? []
  }

  // --- items -------------------------------------------------------------------------------------------------------

  readonly file = this.RULE("file", (): readonly Item[] => {
    const items: Item[] = []
    this.#startEntry(() => this.#startsItem(), ["`param`", "`provider`", "`server`", "`flow`"])
    this.MANY(() => {
      items.push(this.SUBRULE(this.item))
      this.#endEntry(() => this.#startsItem(), "items")
      this.OPTION(() => this.CONSUME(T.LineEnd))
      this.#startEntry(() => this.#startsItem(), ["`param`", "`provider`", "`server`", "`flow`"])
    })
    return items
  })

  private readonly item = this.RULE("item", (): Item => {
    this.ACTION(() => this.#itemKeyword())
    return this.OR([
      { GATE: () => this.#itemShape() === "param", ALT: () => this.SUBRULE(this.param) },
      { GATE: () => this.#itemShape() === "flow", ALT: () => this.SUBRULE(this.flow) },
      { ALT: () => this.SUBRULE(this.declaration) },
    ])
  })

  private readonly param = this.RULE("param", (): Param => {
    const { start, doc } = this.#begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    let type: Reference | undefined
    let value: Expression | undefined
    this.ACTION(() => {
      if (!endsEntry(this.LA(1)) && !is(this.LA(1), T.Equals)) this.#expect(T.Colon)
    })
    const colon = this.OPTION1(() => this.CONSUME(T.Colon))
    this.OPTION2({
      GATE: () => colon !== undefined || is(this.LA(1), T.Name),
      DEF: () => {
        type = this.SUBRULE(this.typeName)
      },
    })
    this.ACTION(() => {
      if (!endsEntry(this.LA(1))) this.#expect(T.Equals)
    })
    this.OPTION3(() => {
      this.CONSUME(T.Equals)
      value = this.SUBRULE(this.value)
    })
    return { kind: "Param", span: this.#spanFrom(start), doc, name, type, default: value }
  })

  private readonly declaration = this.RULE("declaration", (): Declaration => {
    const { start, doc } = this.#begin()
    const keyword = this.#nameOf(this.CONSUME(T.Name))
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.#expect(T.Equals))
    this.OPTION(() => this.CONSUME(T.Equals))
    const type = this.SUBRULE(this.typeName)
    const body = this.SUBRULE(this.body)
    return { kind: "Declaration", span: this.#spanFrom(start), doc, keyword, name, type, body }
  })

  private readonly flow = this.RULE("flow", (): Flow => {
    const { start, doc } = this.#begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.#expect(T.At))
    this.OPTION1(() => this.CONSUME(T.At))
    const url = this.SUBRULE(this.operand)
    const stages: Stage[] = []
    this.ACTION(() => this.#expectBrace())
    this.OPTION2(() => {
      this.CONSUME(T.LCurly)
      this.ACTION(() => {
        this.#reported = false
      })
      this.#startEntry(() => this.#startsStage(), ["a stage"])
      this.MANY(() => {
        stages.push(this.SUBRULE(this.stage))
        this.#endEntry(() => this.#startsStage(), "entries")
        this.OPTION3(() => this.CONSUME(T.Separator))
        this.#startEntry(() => this.#startsStage(), ["a stage"])
      })
      this.CONSUME(T.RCurly)
    })
    return { kind: "Flow", span: this.#spanFrom(start), doc, name, url, stages }
  })

  private readonly stage = this.RULE("stage", (): Stage => {
    this.ACTION(() => this.#skipDoubledWord())
    const { start, doc } = this.#begin()
    const verb = this.SUBRULE(this.name)
    const operand = this.SUBRULE(this.operand)
    let body: Block | undefined
    this.ACTION(() => {
      if (!endsEntry(this.LA(1))) this.#expectBrace()
    })
    this.OPTION(() => {
      body = this.SUBRULE(this.block)
    })
    return { kind: "Stage", span: this.#spanFrom(start), doc, verb, operand, body }
  })

  // --- blocks and fields -------------------------------------------------------------------------------------------

  /** A block that has to be there. */
  private readonly body = this.RULE("body", (): Block => {
    this.ACTION(() => this.#expectBrace())
    const block = this.OPTION(() => this.SUBRULE(this.block))
    return block ?? { kind: "Block", span: this.#here(), fields: [] }
  })

  private readonly block = this.RULE("block", (): Block => {
    const start = this.#start()
    const fields: Field[] = []
    this.CONSUME(T.LCurly)
    this.#startEntry(() => is(this.LA(1), T.Name), ["a field name"])
    this.MANY(() => {
      fields.push(this.SUBRULE(this.field))
      this.#endEntry(() => this.#startsPair(), "entries")
      this.OPTION(() => this.CONSUME(T.Separator))
      this.#startEntry(() => is(this.LA(1), T.Name), ["a field name"])
    })
    this.CONSUME(T.RCurly)
    return { kind: "Block", span: this.#spanFrom(start), fields }
  })

  private readonly field = this.RULE("field", (): Field => {
    const { start, doc } = this.#begin()
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.#expect(T.Equals))
    this.OPTION(() => this.CONSUME(T.Equals))
    const value = this.SUBRULE(this.value)
    return { kind: "Field", span: this.#spanFrom(start), doc, name, value }
  })

  // --- values ------------------------------------------------------------------------------------------------------

  private readonly value = this.RULE("value", (): Expression => {
    this.ACTION(() => this.#expectValue(startsValue, "a value"))
    return this.OR([
      { GATE: () => this.#startsMatch(), ALT: () => this.SUBRULE(this.match) },
      { ALT: () => this.SUBRULE(this.map) },
      { ALT: () => this.SUBRULE(this.primary) },
      { ALT: () => this.#missing(undefined) },
    ])
  })

  /** A value without braces of its own, where a block may follow. */
  private readonly operand = this.RULE("operand", (): Expression => {
    this.ACTION(() => this.#expectValue(startsOperand, "a name or a string"))
    return this.OR([{ ALT: () => this.SUBRULE(this.primary) }, { ALT: () => this.#missing(undefined) }])
  })

  private readonly primary = this.RULE(
    "primary",
    (): Expression =>
      this.OR([
        { ALT: () => this.SUBRULE(this.template) },
        { ALT: () => this.#number(this.CONSUME(T.NumberLike)) },
        { GATE: () => is(this.LA(2), T.LParen), ALT: () => this.SUBRULE(this.call) },
        { ALT: () => this.SUBRULE(this.reference) },
        { ALT: () => this.SUBRULE(this.list) },
        { ALT: () => this.#missing(this.CONSUME(T.ForeignString)) },
      ]),
  )

  private readonly template = this.RULE("template", (): StringTemplate => {
    const start = this.#start()
    const parts: (TemplateText | TemplateHole)[] = []
    this.CONSUME(T.StringStart)
    this.MANY(() => {
      this.OR([
        { ALT: () => this.#text(parts, this.CONSUME(T.Text)) },
        { ALT: () => this.#text(parts, this.CONSUME(T.Escape)) },
        { ALT: () => parts.push(this.SUBRULE(this.hole)) },
      ])
    })
    this.CONSUME(T.StringEnd)
    return { kind: "StringTemplate", span: this.#spanFrom(start), parts }
  })

  private readonly hole = this.RULE("hole", (): TemplateHole => {
    const start = this.#start()
    this.CONSUME(T.HoleOpen)
    this.ACTION(() => this.#expectValue((token) => is(token, T.Name), "a name"))
    const expression = this.OR([
      { ALT: () => this.SUBRULE(this.reference) },
      { ALT: (): Missing => this.#missing(undefined) },
    ])
    this.ACTION(() => {
      if (!is(this.LA(1), T.HoleClose)) this.#unexpected(["`}`"])
      while (!is(this.LA(1), T.HoleClose, EOF)) this.SKIP_TOKEN()
    })
    this.CONSUME(T.HoleClose)
    return { kind: "TemplateHole", span: this.#spanFrom(start), expression }
  })

  /** `corp`, `corp.id_token`, `claims["cognito:groups"]`; Missing when it ends in a dot. */
  private readonly reference = this.RULE("reference", (): Reference | Missing => {
    const start = this.#start()
    const path: Segment[] = [this.#segment(this.CONSUME1(T.Name))]
    let complete = true
    this.MANY({
      GATE: () => complete && (!is(this.LA(1), T.LSquare) || this.#startsIndex()),
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              this.CONSUME(T.Dot)
              this.ACTION(() => {
                complete = this.#expectName()
              })
              this.OPTION(() => path.push(this.#segment(this.CONSUME2(T.Name))))
            },
          },
          { ALT: () => path.push(this.SUBRULE(this.index)) },
          {
            ALT: () => {
              const token = this.CONSUME(T.HoleIndex)
              path.push({ kind: "Segment", span: spanOf(token), text: readIndex(token.image), quoted: true })
            },
          },
        ])
      },
    })
    const span = this.#spanFrom(start)
    return complete ? { kind: "Reference", span, path } : { kind: "Missing", span }
  })

  private readonly index = this.RULE("index", (): Segment => {
    const start = this.#start()
    this.CONSUME(T.LSquare)
    const text = this.SUBRULE(this.plainString)
    this.ACTION(() => {
      if (!is(this.LA(1), T.RSquare)) this.#unexpected(["`]`"])
      this.#skipTo((token) => is(token, T.RSquare))
    })
    this.CONSUME(T.RSquare)
    return { kind: "Segment", span: this.#spanFrom(start), text, quoted: true }
  })

  /** A string that has to be known as it stands: a key. */
  private readonly plainString = this.RULE("plainString", (): string => {
    const template = this.SUBRULE(this.template)
    return this.ACTION(() => {
      const hole = template.parts.find((part) => part.kind === "TemplateHole")
      if (hole !== undefined) this.#report(hole.span, ["a string without `${`"], "`${`")
      return template.parts.map((part) => (part.kind === "TemplateText" ? part.value : "")).join("")
    })
  })

  /** A type's name, which has no index and no missing part that could be anything but a name. */
  private readonly typeName = this.RULE("typeName", (): Reference => {
    this.ACTION(() => this.#expectValue((token) => is(token, T.Name), "a type"))
    const reference = this.OPTION(() => this.SUBRULE(this.reference))
    return this.ACTION((): Reference => {
      if (reference?.kind === "Reference") return reference
      const span = reference?.span ?? this.#here()
      return { kind: "Reference", span, path: [{ kind: "Segment", span, text: "", quoted: false }] }
    })
  })

  private readonly call = this.RULE("call", (): Expression => {
    const start = this.#start()
    const callee = this.#nameOf(this.CONSUME(T.Name))
    const args: Argument[] = []
    this.CONSUME(T.LParen)
    this.#startEntry(() => startsValue(this.LA(1)), ["a value"])
    this.MANY(() => {
      args.push(this.SUBRULE(this.argument))
      this.#endEntry(() => startsValue(this.LA(1)), "entries")
      this.OPTION(() => this.CONSUME(T.Comma))
      this.#startEntry(() => startsValue(this.LA(1)), ["a value"])
    })
    this.CONSUME(T.RParen)
    return { kind: "Call", span: this.#spanFrom(start), callee, args }
  })

  private readonly argument = this.RULE("argument", (): Argument => {
    const start = this.#start()
    const name = this.OPTION({
      GATE: () => is(this.LA(1), T.Name) && joins(this.LA(2)),
      DEF: () => {
        const name = this.SUBRULE(this.name)
        this.ACTION(() => this.#expect(T.Colon))
        this.OPTION1(() => this.CONSUME(T.Colon))
        return name
      },
    })
    const value = this.SUBRULE(this.value)
    return { kind: "Argument", span: this.#spanFrom(start), name, value }
  })

  private readonly list = this.RULE("list", (): ListLiteral => {
    const start = this.#start()
    const items: Expression[] = []
    this.CONSUME(T.LSquare)
    this.#startEntry(() => startsValue(this.LA(1)), ["a value"])
    this.MANY(() => {
      items.push(this.SUBRULE(this.value))
      this.#endEntry(() => startsValue(this.LA(1)), "entries")
      this.OPTION(() => this.CONSUME(T.Comma))
      this.#startEntry(() => startsValue(this.LA(1)), ["a value"])
    })
    this.CONSUME(T.RSquare)
    return { kind: "ListLiteral", span: this.#spanFrom(start), items }
  })

  private readonly map = this.RULE("map", (): MapLiteral => {
    const start = this.#start()
    const entries: Entry[] = []
    this.CONSUME(T.LCurly)
    this.#startEntry(() => is(this.LA(1), T.Name, T.StringStart), ["a key"])
    this.MANY(() => {
      entries.push(this.SUBRULE(this.entry))
      this.#endEntry(() => this.#startsPair() || is(this.LA(1), T.StringStart), "entries")
      this.OPTION(() => this.CONSUME(T.Separator))
      this.#startEntry(() => is(this.LA(1), T.Name, T.StringStart), ["a key"])
    })
    this.CONSUME(T.RCurly)
    return { kind: "MapLiteral", span: this.#spanFrom(start), entries }
  })

  private readonly entry = this.RULE("entry", (): Entry => {
    const start = this.#start()
    const key = this.OR([
      { ALT: (): Segment => this.#segment(this.CONSUME(T.Name)) },
      {
        ALT: (): Segment => {
          const text = this.SUBRULE(this.plainString)
          return { kind: "Segment", span: this.#spanFrom(start), text, quoted: true }
        },
      },
    ])
    this.ACTION(() => this.#expect(T.Colon))
    this.OPTION(() => this.CONSUME(T.Colon))
    const value = this.SUBRULE(this.value)
    return { kind: "Entry", span: this.#spanFrom(start), key, value }
  })

  private readonly match = this.RULE("match", (): Match => {
    this.ACTION(() => this.#skipDoubledWord())
    const start = this.#start()
    this.CONSUME(T.Match)
    let scrutinee: Expression | undefined
    const arms: Arm[] = []
    this.OPTION1({
      GATE: () => !is(this.LA(1), T.LCurly),
      DEF: () => {
        scrutinee = this.SUBRULE(this.operand)
      },
    })
    this.ACTION(() => this.#expectBrace())
    this.OPTION2(() => {
      this.CONSUME(T.LCurly)
      this.#startEntry(() => is(this.LA(1), T.Name), ["a condition"])
      this.MANY(() => {
        arms.push(this.SUBRULE(this.arm))
        this.#endEntry(() => is(this.LA(1), T.Name) && !endsEntry(this.LA(2)), "entries")
        this.OPTION3(() => this.CONSUME(T.Separator))
        this.#startEntry(() => is(this.LA(1), T.Name), ["a condition"])
      })
      this.CONSUME(T.RCurly)
    })
    return { kind: "Match", span: this.#spanFrom(start), scrutinee, arms }
  })

  private readonly arm = this.RULE("arm", (): Arm => {
    this.ACTION(() => this.#skipDoubledWord())
    const start = this.#start()
    const isElse = is(this.LA(1), T.Else)
    const operator = this.SUBRULE(this.name)
    const operand = this.OPTION1({
      GATE: () => !isElse && !joins(this.LA(1)) && !endsEntry(this.LA(1)),
      DEF: () => this.SUBRULE(this.operand),
    })
    this.ACTION(() => this.#expect(T.Arrow))
    this.OPTION2(() => this.CONSUME(T.Arrow))
    const result = this.SUBRULE(this.value)
    return { kind: "Arm", span: this.#spanFrom(start), operator, operand, result }
  })

  private readonly name = this.RULE("name", (): Name => {
    this.ACTION(() => this.#expectName())
    const token = this.OPTION(() => this.CONSUME(T.Name))
    return this.ACTION(() =>
      token === undefined ? { kind: "Name", span: this.#here(), text: "" } : this.#nameOf(token),
    )
  })

  // --- shapes ------------------------------------------------------------------------------------------------------

  /** `keyword …`, or an unknown word that is used like one. */
  #startsItem(): boolean {
    const first = this.LA(1)
    if (!is(first, T.Name) || T.reservedKeywords.includes(first.image)) return false
    if (T.itemKeywords.includes(first.image)) return true
    return is(this.LA(2), T.Name) && is(this.LA(3), T.Equals, T.At, T.Colon)
  }

  #itemShape(): "param" | "flow" | "declaration" {
    const first = this.LA(1)
    if (is(first, T.Param)) return "param"
    if (is(first, T.Flow)) return "flow"
    if (is(first, T.DeclarationKeyword)) return "declaration"
    return is(this.LA(3), T.At) ? "flow" : is(this.LA(3), T.Colon) ? "param" : "declaration"
  }

  #startsStage(): boolean {
    return is(this.LA(1), T.Name) && !joins(this.LA(2))
  }

  #startsPair(): boolean {
    return is(this.LA(1), T.Name) && joins(this.LA(2))
  }

  /** `match` is a name where no `{` or operand follows. */
  #startsMatch(): boolean {
    const next = this.LA(2)
    return is(this.LA(1), T.Match) && (is(next, T.LCurly) || (startsOperand(next) && !indexes(next, this.LA(1))))
  }

  #startsIndex(): boolean {
    return indexes(this.LA(1), this.LA(0)) && is(this.LA(2), T.StringStart)
  }

  // --- mending -----------------------------------------------------------------------------------------------------

  /** Passes over what no entry starts with, up to the next that does or the end of them all. */
  #startEntry(starts: () => boolean, expected: readonly string[]): void {
    if (this.RECORDING_PHASE) return
    this.#reported = false
    while (!starts() && !isCloser(this.LA(1)) && !is(this.LA(1), EOF)) {
      this.#reportStart(expected)
      if (is(this.LA(1), T.Separator)) this.SKIP_TOKEN()
      else this.#skipTo((token) => is(token, T.Separator))
      if (is(this.LA(1), T.LineEnd)) this.SKIP_TOKEN()
    }
    this.#reported = false
  }

  #reportStart(expected: readonly string[]): void {
    const first = this.LA(1)
    const isItem = expected.includes("`param`")
    if (isItem && is(first, T.Name) && T.reservedKeywords.includes(first.image)) {
      // Each of these would have been a whole item, so each is a mistake of its own.
      this.#log?.add({ kind: "ReservedKeyword", span: spanOf(first), found: first.image })
      this.#reported = true
    } else this.#unexpected(expected)
  }

  /** Passes over what is left of an entry: a second one without a separator between is kept, all else reported. */
  #endEntry(starts: () => boolean, between: "items" | "entries"): void {
    if (this.RECORDING_PHASE) return
    const token = this.LA(1)
    const ended = between === "items" ? is(token, T.LineEnd, EOF) : endsEntry(token)
    if (ended) return
    if (starts()) {
      if (!this.#reported) this.#log?.add({ kind: "MissingSeparator", span: spanOf(token), between })
      return
    }
    this.#unexpected(["end of line"])
    this.#skipTo((next) => (between === "items" ? is(next, T.LineEnd) : is(next, T.Separator)))
  }

  /** Makes the next token one of `type` if a word too many stands before it; else reports that it is missing. */
  #expect(type: TokenType): void {
    const token = this.LA(1)
    if (is(token, type)) {
      const [second, third] = [this.LA(2), this.LA(3)]
      if (second.tokenType !== token.tokenType || !startsOperand(third) || indexes(third, second)) return
      this.SKIP_TOKEN()
      this.#unexpected(["a value"])
      return
    }
    this.#unexpected([type.LABEL ?? type.name])
    if (!isOpener(token) && !endsEntry(token) && is(this.LA(2), type)) this.SKIP_TOKEN()
    // `issuer: "x"` is as good as `issuer = "x"` from here on.
    else if (joins(token) && joins({ ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 })) {
      this.SKIP_TOKEN()
    }
  }

  /** Makes the next token start a value if something that doesn't stands before it; else reports that it is missing. */
  #expectValue(starts: (token: IToken) => boolean, wanted: string): void {
    const token = this.LA(1)
    if (starts(token)) return
    this.#unexpected([wanted])
    if (!isOpener(token) && !endsEntry(token) && !is(token, T.HoleClose) && starts(this.LA(2))) this.SKIP_TOKEN()
  }

  /** Whether a name comes next, after stepping over a word too many. */
  #expectName(): boolean {
    const token = this.LA(1)
    if (is(token, T.Name)) return true
    this.#unexpected(["a name"])
    if (isOpener(token) || endsEntry(token) || !is(this.LA(2), T.Name)) return false
    this.SKIP_TOKEN()
    return true
  }

  /** Passes over what stands between a head and its `{`. */
  #expectBrace(): void {
    if (is(this.LA(1), T.LCurly)) return
    this.#unexpected(["`{`"])
    this.#skipTo((token) => is(token, T.LCurly, T.Separator))
  }

  /** `match match x {`: the first is one too many, since a value follows the second. */
  #skipDoubledWord(): void {
    const [first, second, third] = [this.LA(1), this.LA(2), this.LA(3)]
    if (first.image !== second.image || !startsOperand(third) || indexes(third, second)) return
    this.#report(spanOf(second), ["a value"], `\`${second.image}\``)
    this.SKIP_TOKEN()
  }

  /** Reports an item keyword that is none, and one that stands there twice. */
  #itemKeyword(): void {
    const [first, second, third] = [this.LA(1), this.LA(2), this.LA(3)]
    if (first.image === second.image && is(third, T.Name) && !is(third, T.At)) {
      this.#report(spanOf(second), ["a name"], `\`${second.image}\``)
      this.SKIP_TOKEN()
    }
    if (!T.itemKeywords.includes(first.image)) {
      const span = spanOf(first)
      this.#log?.add({ kind: "UnknownKeyword", span, found: first.image, expected: T.itemKeywords })
      this.#reported = true
    }
  }

  /** Skips to a token `stop` holds of, or the end of the entries around; brackets are skipped whole. */
  #skipTo(stop: (token: IToken) => boolean): void {
    let depth = 0
    for (let token = this.LA(1); !is(token, EOF); token = this.LA(1)) {
      if (depth === 0 && (stop(token) || isCloser(token))) return
      if (isOpener(token)) depth++
      else if (isCloser(token)) depth--
      if (this.SKIP_TOKEN() === token) return
    }
  }

  #unexpected(expected: readonly string[]): void {
    const token = this.LA(1)
    const at = this.#position()
    const ended = is(token, T.LineEnd, EOF)
    this.#report(ended ? { start: at, end: at } : spanOf(token), expected, this.#found(token))
  }

  #report(span: Span, expected: readonly string[], found: string): void {
    if (!this.#reported) this.#log?.add({ kind: "UnexpectedToken", span, expected, found })
    this.#reported = true
  }

  #found(token: IToken): string {
    if (is(token, EOF)) return "end of file"
    if (is(token, T.LineEnd)) return "end of line"
    if (is(token, T.StringStart)) return "a string"
    return `\`${token.image === "" ? (T.insertedImage(token.tokenType) ?? "") : token.image}\``
  }

  // --- nodes -------------------------------------------------------------------------------------------------------

  /** Where the last token ended. */
  #position(): number {
    const last = this.LA(0)
    return is(last, EOF) ? 0 : last.startOffset + last.image.length
  }

  #start(): number {
    const next = this.LA(1)
    return is(next, EOF) ? this.#end : next.startOffset
  }

  #begin(): { readonly start: number; readonly doc: string | undefined } {
    const start = this.#start()
    return { start, doc: this.#docs.get(start) }
  }

  #here(): Span {
    const at = this.#position()
    return { start: at, end: at }
  }

  #spanFrom(start: number): Span {
    const end = this.#position()
    return { start: Math.min(start, end), end }
  }

  #nameOf(token: IToken): Name {
    return { kind: "Name", span: spanOf(token), text: token.image }
  }

  #segment(token: IToken): Segment {
    return { kind: "Segment", span: spanOf(token), text: token.image, quoted: false }
  }

  #missing(token: IToken | undefined): Missing {
    return { kind: "Missing", span: token === undefined ? this.#here() : spanOf(token) }
  }

  #text(parts: (TemplateText | TemplateHole)[], token: IToken): void {
    const value = is(token, T.Escape) ? (readEscape(token.image) ?? token.image) : token.image
    const { start, end } = spanOf(token)
    const last = parts.at(-1)
    if (last?.kind !== "TemplateText") parts.push({ kind: "TemplateText", span: { start, end }, value })
    else {
      const span = { start: last.span.start, end }
      parts[parts.length - 1] = { kind: "TemplateText", span, value: last.value + value }
    }
  }

  #number(token: IToken): Expression {
    const span = spanOf(token)
    const text = token.image
    const reading = readNumber(text)
    switch (reading.kind) {
      case "integer":
        return { kind: "NumberLiteral", span, value: reading.value, text }
      case "duration":
        return { kind: "DurationLiteral", span, seconds: reading.seconds, text }
      case "size":
        return { kind: "SizeLiteral", span, bytes: reading.bytes, text }
      case "bad":
      case "out-of-range":
        return { kind: "Missing", span }
    }
  }
}

let parser: AuthflowParser | undefined

/** Made on first use. */
export const sharedParser = (): AuthflowParser => {
  parser ??= new AuthflowParser({ validate: false })
  return parser
}
