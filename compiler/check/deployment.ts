/**
 * Checks `deploy ENGINE { … }`, of a file and of a flow, and puts the two together.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { type Deployments, deployments, type Engine } from "../catalogue/index.ts"
import { checkFields, writtenInBlock } from "./block.ts"
import { describe, replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { isRecovered } from "./recovered.ts"
import type { Scope } from "./scope.ts"

/** Said of no engine. */
const NOTHING: Deployments = { toolhive: undefined }

const engines = Object.keys(deployments) as readonly Engine[]

/** Whether a stage of a flow is none: `deploy` is no step of a request's way. */
export const isDeployment = ({ verb }: Ast.Stage): boolean => verb.text === "deploy"

/** A block and the word that says which engine it is for. */
interface Told {
  readonly span: Ast.Span
  readonly name: string
  readonly nameSpan: Ast.Span
  readonly body: Ast.Block | undefined
}

const ofStage = ({ operand, body, span }: Ast.Stage, scope: Scope): readonly Told[] => {
  if (operand.kind === "Reference") return [{ span, name: written(operand), nameSpan: operand.span, body }]
  if (operand.kind !== "Missing")
    scope.report("AF0304", operand.span, {
      expected: `an engine, such as \`${engines[0]}\``,
      found: describe(operand, scope),
    })
  return []
}

/** What a flow's engines are told, over what is `common` to all flows. */
export const checkDeployments = (stages: readonly Ast.Stage[], common: Deployments, scope: Scope): Deployments =>
  over(
    common,
    check(
      stages.flatMap((stage) => ofStage(stage, scope)),
      scope,
    ),
  )

/** What engines are told of all flows of the file. */
export const checkCommonDeployments = (items: readonly Ast.Deployment[], scope: Scope): Deployments =>
  check(
    items.map(({ span, engine, body }) => ({ span, name: engine.text, nameSpan: engine.span, body })),
    scope,
  )

const check = (told: readonly Told[], scope: Scope): Deployments => {
  const first = new Map<string, Told>()
  let result = NOTHING
  for (const each of told) {
    const { name, nameSpan, body, span } = each
    const engine = engines.find((known) => known === name)
    if (engine === undefined) {
      const meant = nearest(name, engines)
      if (!isRecovered({ span: nameSpan }))
        scope.report(
          "AF0206",
          nameSpan,
          { verb: "deploy", kind: name, known: engines },
          replacement(nameSpan, meant ?? engines[0]),
        )
      continue
    }
    const earlier = first.get(name)
    if (earlier !== undefined) {
      const related = [{ span: earlier.nameSpan, message: "first told here" }]
      scope.report("AF0303", nameSpan, { name: `deploy ${name}` }, { related })
      continue
    }
    first.set(name, each)
    const fields = checkFields(deployments[engine].fields, writtenInBlock(body), `deploy ${engine}`, nameSpan, scope)
    if (fields) result = { ...result, [engine]: { span, fields } }
  }
  return result
}

/** The nearer words hide the farther ones, field by field. */
const over = (common: Deployments, own: Deployments): Deployments => {
  if (common.toolhive === undefined || own.toolhive === undefined) return { toolhive: own.toolhive ?? common.toolhive }
  const said = Object.entries(own.toolhive.fields).filter(([, value]) => value !== undefined)
  return { toolhive: { span: own.toolhive.span, fields: { ...common.toolhive.fields, ...Object.fromEntries(said) } } }
}
