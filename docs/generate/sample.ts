/**
 * Samples: whole programs that check without an error, what each target makes of them, and where in them each field of the
 * catalogue is written.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs"
import type { FieldDeclarations, Structure } from "../../compiler/catalogue/field.ts"
import { analyze, type Code, codes, explain, type TargetName, targets } from "../../compiler/index.ts"
import type * as Ast from "../../grammar/index.ts"
import { type Construct, constructs, deploymentKind } from "./constructs.ts"
import { inside } from "./fields.ts"

export const targetNames = Object.keys(targets) as readonly TargetName[]

/** A construct or one of its fields, where it is written. */
export interface Place {
  readonly kind: string
  /** Empty: the construct itself. */
  readonly path: readonly string[]
  readonly span: Ast.Span
  /** Of a field. */
  readonly value: Ast.Expression | undefined
  /** Fields that could be written at this place and are not, and where that would be. */
  readonly unsaid: Unsaid | undefined
}

interface Unsaid {
  readonly fields: FieldDeclarations
  /** Offset, and what goes around `name = value` and between name and value. */
  readonly at: number
  readonly around: readonly [before: string, after: string]
  readonly sign: "=" | ":"
}

export interface Outcome {
  /** Of its errors, each with its place. */
  readonly refusals: readonly { readonly code: Code; readonly span: Ast.Span }[]
  /** What was made, without comments; `undefined` when it was refused. */
  readonly output: string | undefined
}

export interface Sample {
  readonly text: string
  /** What lies between the first and the last stage of the first flow. */
  readonly middle: Ast.Span
  readonly places: readonly Place[]
  readonly outcomes: Readonly<Record<TargetName, Outcome>>
}

const URI = "sample.authflow"

/** `undefined` when the text is no sound program. */
export const sampleOf = (text: string, params: Readonly<Record<string, string>> = {}): Sample | undefined => {
  const { file, program } = analyze({ uri: URI, text }, { params, missingParams: "sample" })
  if (program === undefined) return undefined
  const kinds = new Map(program.flows.flatMap(({ stages }) => stages.map(({ kind, span }) => [span.start, kind])))
  const outcome = (target: TargetName): Outcome => {
    const { artifacts, diagnostics } = targets[target].lower(program)
    const refusals = diagnostics.filter(({ severity }) => severity === "error")
    const output = artifacts.map((each) => each.text.replaceAll(/(^|\s)#.*$/gm, "")).join("\n")
    return { refusals, output: refusals.length > 0 ? undefined : output }
  }
  const [{ stages }] = program.flows
  const [first, last] = [stages[0], stages.at(-1) ?? stages[0]]
  return {
    text,
    middle: { start: first.span.end, end: last.span.start },
    places: file.items.flatMap((item) => {
      if (item.kind === "Declaration")
        return placesOf(item.type.path.map((each) => each.text).join("."), item, item.body)
      if (item.kind === "Deployment") return placesOf(deploymentKind(item.engine.text), item, item.body)
      if (item.kind !== "Flow") return []
      return item.stages.flatMap((stage) => {
        const { operand } = stage
        const engine = stage.verb.text === "deploy" && operand.kind === "Reference" ? operand.path[0]?.text : undefined
        const kind = engine === undefined ? kinds.get(stage.span.start) : deploymentKind(engine)
        return placesOf(kind ?? "", stage, stage.body)
      })
    }),
    outcomes: Object.fromEntries(targetNames.map((name) => [name, outcome(name)])) as Record<TargetName, Outcome>,
  }
}

interface Written {
  readonly name: string
  readonly span: Ast.Span
  readonly value: Ast.Expression
}

const placesOf = (
  kind: string,
  { span }: { readonly span: Ast.Span },
  body: Ast.Block | undefined,
): readonly Place[] => {
  const construct = constructs.find((each) => each.kind === kind)
  if (construct === undefined) return []
  const at = body === undefined ? span.end : body.span.start + 1
  const around = body === undefined ? ([" {\n", "\n}"] as const) : (["\n", "\n"] as const)
  const written = (body?.fields ?? []).map(({ name, span, value }) => ({ name: name.text, span, value }))
  return [
    { kind, path: [], span, value: undefined, unsaid: { fields: construct.fields, at, around, sign: "=" } },
    ...fieldPlaces(kind, [], construct.fields, written),
  ]
}

const fieldPlaces = (
  kind: string,
  outer: readonly string[],
  declared: FieldDeclarations,
  written: readonly Written[],
): readonly Place[] =>
  written.flatMap(({ name, span, value }): readonly Place[] => {
    const field = declared[name]
    if (field === undefined) return []
    const path = [...outer, name]
    const fields = inside(field.type.structure)
    const maps = blocksIn(value, field.type.structure)
    const [map] = maps
    const unsaid: Unsaid | undefined = fields &&
      map && { fields, at: map.span.start + 1, around: ["\n", "\n"], sign: ":" }
    return [
      { kind, path, span, value, unsaid },
      ...maps.flatMap(({ entries }) =>
        fieldPlaces(
          kind,
          path,
          fields ?? {},
          entries.map((entry) => ({ name: entry.key.text, span: entry.span, value: entry.value })),
        ),
      ),
    ]
  })

/** The blocks that a value is, or holds as items or under names of the writer's choosing. */
const blocksIn = (value: Ast.Expression, structure: Structure): readonly Ast.MapLiteral[] => {
  if (structure.kind === "list" && value.kind === "ListLiteral")
    return value.items.flatMap((each) => blocksIn(each, structure.item.structure))
  if (structure.kind === "map" && value.kind === "MapLiteral")
    return value.entries.flatMap((each) => blocksIn(each.value, structure.value.structure))
  return structure.kind === "block" && value.kind === "MapLiteral" ? [value] : []
}

const EXAMPLES = new URL("../../examples/", import.meta.url)

/** The examples of the repository and those of every code, also the bad ones that only a target refuses. */
const written = (): readonly Sample[] => {
  const files = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith(".authflow"))
    .sort()
    .map((name) => ({ text: readFileSync(new URL(name, EXAMPLES), "utf8"), params: {} }))
  const shown = codes.flatMap((code) => {
    const example = explain(code)?.example
    // Those of other commands are no programs.
    return example && example.command === undefined
      ? [example.good, example.bad].map((text) => ({ text, params: example.params ?? {} }))
      : []
  })
  const texts = new Map([...files, ...shown].map(({ text, params }) => [text, params]))
  return [...texts].flatMap(([text, params]) => sampleOf(text, params) ?? [])
}

/** What is written, and flows of the first few with another stage in the middle, so that each stage is there at least once. */
export const corpus = (): readonly Sample[] => {
  const samples = written()
  const bases = samples.toSorted((a, b) => accepting(b) - accepting(a)).slice(0, BASES)
  const others = constructs.flatMap((construct) => bases.flatMap((base) => sampleOf(withStage(base, construct)) ?? []))
  return [...samples, ...others]
}

const BASES = 12

/** By how many targets a sample is accepted. */
export const accepting = ({ outcomes }: Sample): number =>
  targetNames.filter((name) => outcomes[name].output !== undefined).length

/** The sample with this stage, as its fields' examples say, instead of those in the middle; unchanged for what is no such stage. */
const withStage = ({ text, middle }: Sample, { head, fields }: Construct): string => {
  if (head === undefined) return text
  const needed = Object.entries(fields).filter(([, { presence }]) => presence === "required")
  const body = needed.map(([name, { example }]) => `    ${name} = ${example}\n`).join("")
  return `${text.slice(0, middle.start)}\n  ${head}${body === "" ? "" : ` {\n${body}  }`}\n${text.slice(middle.end)}`
}
