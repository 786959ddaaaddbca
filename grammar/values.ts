/** The grammar of blocks, fields and values. */
import { EOF, type IToken } from "chevrotain"
import type {
  Argument,
  Arm,
  Block,
  Entry,
  Expression,
  Field,
  ListLiteral,
  MapLiteral,
  Match,
  Missing,
  Name,
  Reference,
  Segment,
  StringTemplate,
  TemplateHole,
  TemplateText,
} from "./ast.ts"
import { readEscape, readIndex, readNumber } from "./literal.ts"
import { endsEntry, indexes, is, joins, MendingParser, nameOf, startsOperand, startsValue } from "./mending.ts"
import { spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

const segmentOf = (token: IToken): Segment => ({
  kind: "Segment",
  span: spanOf(token),
  text: token.image,
  quoted: false,
})

/** Adds the text of `token` to a string's parts. */
const addText = (parts: (TemplateText | TemplateHole)[], token: IToken): void => {
  const value = is(token, T.Escape) ? (readEscape(token.image) ?? token.image) : token.image
  const { start, end } = spanOf(token)
  const last = parts.at(-1)
  const before = last?.kind === "TemplateText" ? last : undefined
  const added = is(token, T.Escape)
    ? [{ offset: before?.value.length ?? 0, length: value.length, span: { start, end } }]
    : []
  const escapes = [...(before?.escapes ?? []), ...added]
  const part: TemplateText = {
    kind: "TemplateText",
    span: { start: before?.span.start ?? start, end },
    value: `${before?.value ?? ""}${value}`,
    ...(escapes.length > 0 && { escapes }),
  }
  if (before === undefined) parts.push(part)
  else parts[parts.length - 1] = part
}

const numberOf = (token: IToken): Expression => {
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

export abstract class ValueParser extends MendingParser {
  /** A block that has to be there. */
  protected readonly body = this.RULE("body", (): Block => {
    this.ACTION(() => this.expectBrace())
    const block = this.OPTION(() => this.SUBRULE(this.block))
    return block ?? { kind: "Block", span: this.here(), fields: [] }
  })

  protected readonly block = this.RULE("block", (): Block => {
    const start = this.start()
    const fields: Field[] = []
    this.CONSUME(T.LCurly)
    this.startEntry(() => is(this.LA(1), T.Name), ["a field name"])
    this.MANY(() => {
      fields.push(this.SUBRULE(this.field))
      this.endEntry(() => this.startsPair(), "entries")
      this.OPTION(() => this.CONSUME(T.Separator))
      this.startEntry(() => is(this.LA(1), T.Name), ["a field name"])
    })
    this.CONSUME(T.RCurly)
    return { kind: "Block", span: this.spanFrom(start), fields }
  })

  protected readonly field = this.RULE("field", (): Field => {
    const { start, doc } = this.begin()
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.expect(T.Equals))
    this.OPTION(() => this.CONSUME(T.Equals))
    const value = this.SUBRULE(this.value)
    return { kind: "Field", span: this.spanFrom(start), doc, name, value }
  })

  // --- values ------------------------------------------------------------------------------------------------------

  protected readonly value = this.RULE("value", (): Expression => {
    this.ACTION(() => this.expectValue(startsValue, "a value"))
    return this.OR([
      { GATE: () => this.startsMatch(), ALT: () => this.SUBRULE(this.match) },
      { ALT: () => this.SUBRULE(this.map) },
      { ALT: () => this.SUBRULE(this.primary) },
      { ALT: () => this.missing(undefined) },
    ])
  })

  /** A value without braces of its own, where a block may follow. */
  protected readonly operand = this.RULE("operand", (): Expression => {
    this.ACTION(() => this.expectValue(startsOperand, "a name or a string"))
    return this.OR([{ ALT: () => this.SUBRULE(this.primary) }, { ALT: () => this.missing(undefined) }])
  })

  protected readonly primary = this.RULE(
    "primary",
    (): Expression =>
      this.OR([
        { ALT: () => this.SUBRULE(this.template) },
        { ALT: () => numberOf(this.CONSUME(T.NumberLike)) },
        { GATE: () => is(this.LA(2), T.LParen), ALT: () => this.SUBRULE(this.call) },
        { ALT: () => this.SUBRULE(this.reference) },
        { ALT: () => this.SUBRULE(this.list) },
        { ALT: () => this.missing(this.CONSUME(T.ForeignString)) },
      ]),
  )

  protected readonly template = this.RULE("template", (): StringTemplate => {
    const start = this.start()
    const parts: (TemplateText | TemplateHole)[] = []
    this.CONSUME(T.StringStart)
    this.MANY(() => {
      this.OR([
        { ALT: () => addText(parts, this.CONSUME(T.Text)) },
        { ALT: () => addText(parts, this.CONSUME(T.Escape)) },
        { ALT: () => parts.push(this.SUBRULE(this.hole)) },
      ])
    })
    this.CONSUME(T.StringEnd)
    return { kind: "StringTemplate", span: this.spanFrom(start), parts }
  })

  protected readonly hole = this.RULE("hole", (): TemplateHole => {
    const start = this.start()
    this.CONSUME(T.HoleOpen)
    this.ACTION(() => this.expectValue((token) => is(token, T.Name), "a name"))
    const expression = this.OR([
      { ALT: () => this.SUBRULE(this.reference) },
      { ALT: (): Missing => this.missing(undefined) },
    ])
    this.ACTION(() => {
      if (!is(this.LA(1), T.HoleClose)) this.unexpected(["`}`"])
      while (!is(this.LA(1), T.HoleClose, EOF)) this.SKIP_TOKEN()
    })
    this.CONSUME(T.HoleClose)
    return { kind: "TemplateHole", span: this.spanFrom(start), expression }
  })

  /** `corp`, `corp.id_token`, `claims["cognito:groups"]`; Missing when it ends in a dot. */
  protected readonly reference = this.RULE("reference", (): Reference | Missing => {
    const start = this.start()
    const path: Segment[] = [segmentOf(this.CONSUME1(T.Name))]
    let complete = true
    this.MANY({
      GATE: () => complete && (!is(this.LA(1), T.LSquare) || this.startsIndex()),
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              this.CONSUME(T.Dot)
              this.ACTION(() => {
                complete = this.expectName()
              })
              this.OPTION(() => path.push(segmentOf(this.CONSUME2(T.Name))))
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
    const span = this.spanFrom(start)
    return complete ? { kind: "Reference", span, path } : { kind: "Missing", span }
  })

  protected readonly index = this.RULE("index", (): Segment => {
    const start = this.start()
    this.CONSUME(T.LSquare)
    const text = this.SUBRULE(this.plainString)
    this.ACTION(() => {
      if (!is(this.LA(1), T.RSquare)) this.unexpected(["`]`"])
      this.skipTo((token) => is(token, T.RSquare))
    })
    this.CONSUME(T.RSquare)
    return { kind: "Segment", span: this.spanFrom(start), text, quoted: true }
  })

  /** A string that has to be known as it stands: a key. */
  protected readonly plainString = this.RULE("plainString", (): string => {
    const template = this.SUBRULE(this.template)
    return this.ACTION(() => {
      const hole = template.parts.find((part) => part.kind === "TemplateHole")
      if (hole !== undefined) this.report(hole.span, ["a string without `${`"], "`${`")
      return template.parts.map((part) => (part.kind === "TemplateText" ? part.value : "")).join("")
    })
  })

  /** A type's name, which has no index and no missing part that could be anything but a name. */
  protected readonly typeName = this.RULE("typeName", (): Reference => {
    this.ACTION(() => this.expectValue((token) => is(token, T.Name), "a type"))
    const reference = this.OPTION(() => this.SUBRULE(this.reference))
    return this.ACTION((): Reference => {
      if (reference?.kind === "Reference") return reference
      const span = reference?.span ?? this.here()
      return { kind: "Reference", span, path: [{ kind: "Segment", span, text: "", quoted: false }] }
    })
  })

  protected readonly call = this.RULE("call", (): Expression => {
    const start = this.start()
    const callee = nameOf(this.CONSUME(T.Name))
    const args: Argument[] = []
    this.CONSUME(T.LParen)
    this.startEntry(() => startsValue(this.LA(1)), ["a value"])
    this.MANY(() => {
      args.push(this.SUBRULE(this.argument))
      this.endEntry(() => startsValue(this.LA(1)), "entries")
      this.OPTION(() => this.CONSUME(T.Comma))
      this.startEntry(() => startsValue(this.LA(1)), ["a value"])
    })
    this.CONSUME(T.RParen)
    return { kind: "Call", span: this.spanFrom(start), callee, args }
  })

  protected readonly argument = this.RULE("argument", (): Argument => {
    const start = this.start()
    const name = this.OPTION({
      GATE: () => is(this.LA(1), T.Name) && joins(this.LA(2)),
      DEF: () => {
        const name = this.SUBRULE(this.name)
        this.ACTION(() => this.expect(T.Colon))
        this.OPTION1(() => this.CONSUME(T.Colon))
        return name
      },
    })
    const value = this.SUBRULE(this.value)
    return { kind: "Argument", span: this.spanFrom(start), name, value }
  })

  protected readonly list = this.RULE("list", (): ListLiteral => {
    const start = this.start()
    const items: Expression[] = []
    this.CONSUME(T.LSquare)
    this.startEntry(() => startsValue(this.LA(1)), ["a value"])
    this.MANY(() => {
      items.push(this.SUBRULE(this.value))
      this.endEntry(() => startsValue(this.LA(1)), "entries")
      this.OPTION(() => this.CONSUME(T.Comma))
      this.startEntry(() => startsValue(this.LA(1)), ["a value"])
    })
    this.CONSUME(T.RSquare)
    return { kind: "ListLiteral", span: this.spanFrom(start), items }
  })

  protected readonly map = this.RULE("map", (): MapLiteral => {
    const start = this.start()
    const entries: Entry[] = []
    this.CONSUME(T.LCurly)
    this.startEntry(() => is(this.LA(1), T.Name, T.StringStart), ["a key"])
    this.MANY(() => {
      entries.push(this.SUBRULE(this.entry))
      this.endEntry(() => this.startsPair() || is(this.LA(1), T.StringStart), "entries")
      this.OPTION(() => this.CONSUME(T.Separator))
      this.startEntry(() => is(this.LA(1), T.Name, T.StringStart), ["a key"])
    })
    this.CONSUME(T.RCurly)
    return { kind: "MapLiteral", span: this.spanFrom(start), entries }
  })

  protected readonly entry = this.RULE("entry", (): Entry => {
    const start = this.start()
    const key = this.OR([
      { ALT: (): Segment => segmentOf(this.CONSUME(T.Name)) },
      {
        ALT: (): Segment => {
          const text = this.SUBRULE(this.plainString)
          return { kind: "Segment", span: this.spanFrom(start), text, quoted: true }
        },
      },
    ])
    this.ACTION(() => this.expect(T.Colon))
    this.OPTION(() => this.CONSUME(T.Colon))
    const value = this.SUBRULE(this.value)
    return { kind: "Entry", span: this.spanFrom(start), key, value }
  })

  protected readonly match = this.RULE("match", (): Match => {
    this.ACTION(() => this.skipDoubledWord())
    const start = this.start()
    this.CONSUME(T.Match)
    let scrutinee: Expression | undefined
    const arms: Arm[] = []
    this.OPTION1({
      GATE: () => !is(this.LA(1), T.LCurly),
      DEF: () => {
        scrutinee = this.SUBRULE(this.operand)
      },
    })
    this.ACTION(() => this.expectBrace())
    this.OPTION2(() => {
      this.CONSUME(T.LCurly)
      this.startEntry(() => is(this.LA(1), T.Name), ["a condition"])
      this.MANY(() => {
        arms.push(this.SUBRULE(this.arm))
        this.endEntry(() => is(this.LA(1), T.Name) && !endsEntry(this.LA(2)), "entries")
        this.OPTION3(() => this.CONSUME(T.Separator))
        this.startEntry(() => is(this.LA(1), T.Name), ["a condition"])
      })
      this.CONSUME(T.RCurly)
    })
    return { kind: "Match", span: this.spanFrom(start), scrutinee, arms }
  })

  protected readonly arm = this.RULE("arm", (): Arm => {
    this.ACTION(() => this.skipDoubledWord())
    const start = this.start()
    const isElse = is(this.LA(1), T.Else)
    const operator = this.SUBRULE(this.name)
    const operand = this.OPTION1({
      GATE: () => !isElse && !joins(this.LA(1)) && !endsEntry(this.LA(1)),
      DEF: () => this.SUBRULE(this.operand),
    })
    this.ACTION(() => this.expect(T.Arrow))
    this.OPTION2(() => this.CONSUME(T.Arrow))
    const result = this.SUBRULE(this.value)
    return { kind: "Arm", span: this.spanFrom(start), operator, operand, result }
  })

  protected readonly name = this.RULE("name", (): Name => {
    this.ACTION(() => this.expectName())
    const token = this.OPTION(() => this.CONSUME(T.Name))
    return this.ACTION(() => (token === undefined ? { kind: "Name", span: this.here(), text: "" } : nameOf(token)))
  })

  protected startsPair(): boolean {
    return is(this.LA(1), T.Name) && joins(this.LA(2))
  }

  /** `match` is a name where no `{` or operand follows. */
  protected startsMatch(): boolean {
    const next = this.LA(2)
    return is(this.LA(1), T.Match) && (is(next, T.LCurly) || (startsOperand(next) && !indexes(next, this.LA(1))))
  }

  protected startsIndex(): boolean {
    return indexes(this.LA(1), this.LA(0)) && is(this.LA(2), T.StringStart)
  }
}
