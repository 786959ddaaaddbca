/** The grammar of what a file takes from outside its flows: imports, params, constants, environments, engines. */
import type {
  Constant,
  Deployment,
  Environment,
  Expression,
  Import,
  ImportedName,
  Name,
  Param,
  Reference,
  Segment,
} from "./ast.ts"
import { endsEntry, is } from "./mending.ts"
import * as T from "./tokens.ts"
import { ValueParser } from "./values.ts"

export abstract class InputParser extends ValueParser {
  protected readonly import = this.RULE("import", (): Import => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const names: ImportedName[] = []
    this.ACTION(() => this.expectBrace())
    this.OPTION(() => {
      this.CONSUME(T.LCurly)
      this.startEntry(() => is(this.LA(1), T.Name), ["a name"])
      this.MANY({
        // A name may be missing, and a rule that may be empty says nothing about whether there is one more.
        GATE: () => is(this.LA(1), T.Name),
        DEF: () => {
          names.push(this.SUBRULE(this.importedName))
          this.endEntry(() => is(this.LA(1), T.Name), "entries")
          this.OPTION1(() => this.CONSUME(T.Separator))
          this.startEntry(() => is(this.LA(1), T.Name), ["a name"])
        },
      })
      this.CONSUME(T.RCurly)
    })
    this.ACTION(() => this.expect(T.From))
    this.OPTION2(() => this.CONSUME(T.From))
    const path = this.SUBRULE(this.path)
    return { kind: "Import", span: this.spanFrom(start), doc, names, path }
  })

  protected readonly importedName = this.RULE("importedName", (): ImportedName => {
    const start = this.start()
    const name = this.SUBRULE1(this.name)
    let alias: Name | undefined
    this.OPTION(() => {
      this.CONSUME(T.As)
      alias = this.SUBRULE2(this.name)
    })
    return { kind: "ImportedName", span: this.spanFrom(start), name, alias }
  })

  /** Known as it stands: which files belong together must not hang on a parameter. */
  protected readonly path = this.RULE("path", (): Segment => {
    this.ACTION(() => this.expectValue((token) => is(token, T.StringStart), "the path of a file, in quotes"))
    const start = this.start()
    const text = this.OPTION(() => this.SUBRULE(this.plainString))
    return this.ACTION(() => ({
      kind: "Segment",
      span: text === undefined ? this.here() : this.spanFrom(start),
      text: text ?? "",
      quoted: true,
    }))
  })

  protected readonly param = this.RULE("param", (): Param => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    let type: Reference | undefined
    let choices: Expression | undefined
    let value: Expression | undefined
    this.ACTION(() => {
      if (!endsEntry(this.LA(1)) && !is(this.LA(1), T.Equals, T.In)) this.expect(T.Colon)
    })
    const colon = this.OPTION1(() => this.CONSUME(T.Colon))
    this.OPTION2({
      GATE: () => colon !== undefined || (is(this.LA(1), T.Name) && !is(this.LA(1), T.In)),
      DEF: () => {
        type = this.SUBRULE(this.typeName)
      },
    })
    this.OPTION3(() => {
      this.CONSUME(T.In)
      choices = this.SUBRULE(this.operand)
    })
    this.ACTION(() => {
      if (!endsEntry(this.LA(1))) this.expect(T.Equals)
    })
    this.OPTION4(() => {
      this.CONSUME(T.Equals)
      value = this.SUBRULE(this.value)
    })
    return { kind: "Param", span: this.spanFrom(start), doc, name, type, choices, default: value }
  })

  protected readonly constant = this.RULE("constant", (): Constant => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    this.ACTION(() => this.expect(T.Equals))
    this.OPTION(() => this.CONSUME(T.Equals))
    const value = this.SUBRULE(this.value)
    return { kind: "Constant", span: this.spanFrom(start), doc, name, value }
  })

  protected readonly environment = this.RULE("environment", (): Environment => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const name = this.SUBRULE(this.name)
    const body = this.SUBRULE(this.body)
    return { kind: "Environment", span: this.spanFrom(start), doc, name, body }
  })

  protected readonly deployment = this.RULE("deployment", (): Deployment => {
    const { start, doc } = this.begin()
    this.CONSUME(T.Name)
    const engine = this.SUBRULE(this.name)
    const body = this.SUBRULE(this.body)
    return { kind: "Deployment", span: this.spanFrom(start), doc, engine, body }
  })
}
