/**
 * fast-check arbitraries for whole programs, as syntax trees. They are what the grammar allows and no more: names are not
 * bound, types don't fit. All spans are empty: print a tree and parse it to have places.
 *
 * @module
 */
import fc from "fast-check"
import type {
  Argument,
  Arm,
  Block,
  Call,
  Clause,
  Constant,
  Declaration,
  Deployment,
  DurationLiteral,
  Entry,
  Environment,
  Expression,
  Field,
  File,
  Flow,
  Import,
  ImportedName,
  ListLiteral,
  MapLiteral,
  Match,
  Name,
  NumberLiteral,
  Param,
  Reference,
  Segment,
  SizeLiteral,
  Span,
  Stage,
  StringTemplate,
  TemplateHole,
  TemplateText,
  Test,
} from "../../grammar/ast.ts"
import { keywords, reservedKeywords } from "../../grammar/tokens.ts"

const span: Span = { start: 0, end: 0 }

/** Words of the language are names too, and where a parser goes wrong first. */
const word: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,11}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...keywords, ...reservedKeywords, "claims", "identify", "secret", "true", "deny"),
  },
)

export const name: fc.Arbitrary<Name> = word.map((text) => ({ kind: "Name", span, text }))

const plain: fc.Arbitrary<Segment> = word.map((text) => ({ kind: "Segment", span, text, quoted: false }))

/** Any text, with what needs an escape in it more often than chance would have it. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc
    .array(
      fc.constantFrom('"', "\\", "$", "{", "}", "${", "\n", "\r", "\t", "//", "/*", "]", "\u202e", "\ufffd", "é", "a"),
      {
        maxLength: 6,
      },
    )
    .map((parts) => parts.join("")),
)

const quoted: fc.Arbitrary<Segment> = text.map((text) => ({ kind: "Segment", span, text, quoted: true }))

export const reference: fc.Arbitrary<Reference> = fc
  .tuple(plain, fc.array(fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: quoted }), { maxLength: 3 }))
  .map(([first, rest]) => ({ kind: "Reference", span, path: [first, ...rest] }))

/** A type's name: dotted, no index. */
const typeName: fc.Arbitrary<Reference> = fc
  .array(plain, { minLength: 1, maxLength: 3 })
  .map((path) => ({ kind: "Reference", span, path }))

const templateText: fc.Arbitrary<TemplateText> = text
  .filter((value) => value !== "")
  .map((value) => ({ kind: "TemplateText", span, value }))

const hole: fc.Arbitrary<TemplateHole> = reference.map((expression) => ({ kind: "TemplateHole", span, expression }))

export const template: fc.Arbitrary<StringTemplate> = fc
  .tuple(fc.option(templateText), fc.array(fc.tuple(hole, fc.option(templateText)), { maxLength: 3 }))
  .map(([first, rest]) => {
    const parts = [first, ...rest.flat()].filter((part) => part !== null)
    return { kind: "StringTemplate", span, parts }
  })

const number: fc.Arbitrary<NumberLiteral> = fc
  .maxSafeInteger()
  .map((value) => ({ kind: "NumberLiteral", span, value: value === 0 ? 0 : value, text: String(value) }))

const durationPart = (unit: string, seconds: number): fc.Arbitrary<readonly [string, number]> =>
  fc.nat({ max: 999 }).map((count) => [`${count}${unit}`, (count * seconds * 1000) / 1000] as const)

const duration: fc.Arbitrary<DurationLiteral> = fc
  .tuple(
    fc.option(durationPart("d", 86_400)),
    fc.option(durationPart("h", 3600)),
    fc.option(durationPart("m", 60)),
    fc.option(durationPart("s", 1)),
  )
  .map((parts) => parts.filter((part) => part !== null))
  .filter((parts) => parts.length > 0)
  .map((parts) => ({
    kind: "DurationLiteral",
    span,
    seconds: parts.reduce((sum, [, seconds]) => sum + seconds, 0),
    text: parts.map(([text]) => text).join(""),
  }))

const size: fc.Arbitrary<SizeLiteral> = fc
  .tuple(
    fc.nat({ max: 4096 }),
    fc.constantFrom(
      ["B", 1] as const,
      ["KB", 1000] as const,
      ["MiB", 1_048_576] as const,
      ["GiB", 1_073_741_824] as const,
    ),
  )
  .map(([count, [unit, bytes]]) => ({ kind: "SizeLiteral", span, bytes: count * bytes, text: `${count}${unit}` }))

interface Values {
  readonly call: Call
  readonly list: ListLiteral
  readonly map: MapLiteral
  readonly match: Match
  readonly operand: Expression
  readonly value: Expression
}

const values = fc.letrec<Values>((tie: fc.LetrecTypedTie<Values>): fc.LetrecValue<Values> => {
  const simple = fc.oneof(template, reference, number, duration, size)
  const argument: fc.Arbitrary<Argument> = fc
    .tuple(fc.option(name, { nil: undefined }), tie("value"))
    .map(([name, value]) => ({ kind: "Argument", span, name, value }))
  const entry: fc.Arbitrary<Entry> = fc
    .tuple(fc.oneof(plain, quoted), tie("value"))
    .map(([key, value]) => ({ kind: "Entry", span, key, value }))
  const conditional: fc.Arbitrary<Arm> = fc
    .tuple(name, fc.option(tie("operand"), { nil: undefined }), tie("value"))
    .map(([operator, operand, result]) => ({
      kind: "Arm",
      span,
      operator,
      // `else` is the one condition that never has an operand.
      operand: operator.text === "else" ? undefined : operand,
      result,
    }))
  return {
    call: fc
      .tuple(name, fc.array(argument, { maxLength: 3 }))
      .map(([callee, args]) => ({ kind: "Call", span, callee, args })),
    list: fc.array(tie("value"), { maxLength: 4 }).map((items) => ({ kind: "ListLiteral", span, items })),
    map: fc.array(entry, { maxLength: 4 }).map((entries) => ({ kind: "MapLiteral", span, entries })),
    match: fc
      .tuple(fc.option(tie("operand"), { nil: undefined }), fc.array(conditional, { maxLength: 4 }))
      .map(([scrutinee, arms]) => ({ kind: "Match", span, scrutinee, arms })),
    operand: fc.oneof({ maxDepth: 4, depthSize: "small" }, simple, tie("call"), tie("list")),
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { weight: 4, arbitrary: simple },
      { weight: 2, arbitrary: tie("operand") },
      { weight: 1, arbitrary: tie("map") },
      { weight: 1, arbitrary: tie("match") },
    ),
  }
})

export const value: fc.Arbitrary<Expression> = values.value

const doc: fc.Arbitrary<string | undefined> = fc.option(
  fc
    .array(fc.stringMatching(/^(?: {0,2}[!-~][ -~]{0,30}[!-~])?$/), { minLength: 1, maxLength: 3 })
    .map((lines) => lines.join("\n")),
  { nil: undefined, freq: 3 },
)

const field: fc.Arbitrary<Field> = fc
  .tuple(doc, name, value)
  .map(([doc, name, value]) => ({ kind: "Field", span, doc, name, value }))

const block: fc.Arbitrary<Block> = fc.array(field, { maxLength: 5 }).map((fields) => ({ kind: "Block", span, fields }))

const param: fc.Arbitrary<Param> = fc
  .tuple(
    doc,
    name,
    fc.option(typeName, { nil: undefined }),
    fc.option(values.operand, { nil: undefined, freq: 1 }),
    fc.option(value, { nil: undefined }),
  )
  .map(([doc, name, type, choices, value]) => ({ kind: "Param", span, doc, name, type, choices, default: value }))

const importedName: fc.Arbitrary<ImportedName> = fc
  .tuple(name, fc.option(name, { nil: undefined }))
  .map(([name, alias]) => ({ kind: "ImportedName", span, name, alias }))

const importItem: fc.Arbitrary<Import> = fc
  .tuple(doc, fc.array(importedName, { maxLength: 8 }), quoted)
  .map(([doc, names, path]) => ({ kind: "Import", span, doc, names, path }))

const constant: fc.Arbitrary<Constant> = fc
  .tuple(doc, name, value)
  .map(([doc, name, value]) => ({ kind: "Constant", span, doc, name, value }))

const environment: fc.Arbitrary<Environment> = fc
  .tuple(doc, name, block)
  .map(([doc, name, body]) => ({ kind: "Environment", span, doc, name, body }))

const declaration: fc.Arbitrary<Declaration> = fc
  .tuple(doc, fc.constantFrom("provider", "server"), name, typeName, block)
  .map(([doc, text, name, type, body]) => {
    return { kind: "Declaration", span, doc, keyword: { kind: "Name", span, text }, name, type, body }
  })

const deployment: fc.Arbitrary<Deployment> = fc
  .tuple(doc, name, block)
  .map(([doc, engine, body]) => ({ kind: "Deployment", span, doc, engine, body }))

const stage: fc.Arbitrary<Stage> = fc
  .tuple(doc, name, values.operand, fc.option(block, { nil: undefined }))
  .map(([doc, verb, operand, body]) => ({ kind: "Stage", span, doc, verb, operand, body }))

const flow: fc.Arbitrary<Flow> = fc
  .tuple(doc, name, values.operand, fc.array(stage, { maxLength: 5 }))
  .map(([doc, name, url, stages]) => ({ kind: "Flow", span, doc, name, url, stages }))

const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.tuple(doc, name, value).map(([doc, subject, value]): Clause => ({ kind: "Given", span, doc, subject, value })),
  fc
    .tuple(doc, reference, fc.constantFrom("==" as const, "!=" as const), value)
    .map(([doc, target, operator, value]): Clause => ({ kind: "Expectation", span, doc, target, operator, value })),
)

const test: fc.Arbitrary<Test> = fc
  .tuple(doc, quoted, fc.array(clause, { maxLength: 5 }))
  .map(([doc, title, clauses]) => ({ kind: "Test", span, doc, title, clauses }))

/** A whole program without comments other than doc comments. */
export const program: fc.Arbitrary<File> = fc
  .array(fc.oneof(importItem, param, constant, environment, declaration, deployment, flow, test), { maxLength: 6 })
  .map((items) => ({ kind: "File", span, items, comments: [], lineStarts: [0] }))
