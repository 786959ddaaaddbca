/**
 * What stands at a place of a file, and what the catalogue says may stand there.
 *
 * @module
 */
import type { DeclarationConstruct, DeploymentConstruct, StageConstruct } from "../../compiler/catalogue/construct.ts"
import type { CredentialTag } from "../../compiler/catalogue/credential.ts"
import type { Field, FieldDeclarations, ValueType } from "../../compiler/catalogue/field.ts"
import { declarations, deployments, stages } from "../../compiler/catalogue/index.ts"
import { claimName, tokenName } from "../../compiler/catalogue/token.ts"
import { resourceUrl } from "../../compiler/catalogue/url.ts"
import { isDeployment } from "../../compiler/check/deployment.ts"
import { written } from "../../compiler/check/evaluate.ts"
import type { Known, KnownFlow, KnownStage } from "../../compiler/check/known.ts"
import type { Scope } from "../../compiler/check/scope.ts"
import { stageKind } from "../../compiler/check/stage.ts"
import type { Block, Expectation, Flow, Item, MapLiteral, Stage, Field as WrittenField } from "../../grammar/ast.ts"
import type { Node } from "../../grammar/index.ts"

export type Construct =
  | DeclarationConstruct<string, FieldDeclarations, unknown>
  | DeploymentConstruct<string, FieldDeclarations>
  | StageConstruct<string, unknown, FieldDeclarations, CredentialTag, CredentialTag>

/** A declared field, by the name it has in its block. */
export interface NamedField {
  readonly name: string
  readonly field: Field<unknown>
}

/** A block or map with fields of its own. */
export interface Fielded {
  readonly node: Block | MapLiteral
  readonly fields: FieldDeclarations
  /** What stands between a name and its value. */
  readonly sign: "=" | ":"
}

export interface Place {
  /** From the file to the innermost node. */
  readonly path: readonly Node[]
  readonly node: Node
  readonly item: Item | undefined
  readonly flow: Flow | undefined
  readonly stage: Stage | undefined
  /** What is known of the flow and of the stage. */
  readonly knownFlow: KnownFlow | undefined
  readonly knownStage: KnownStage | undefined
  /** The declaration, deployment or stage that it is in. */
  readonly construct: Construct | undefined
  /** What values are checked in here. */
  readonly scope: Scope
  /** The innermost block that has declared fields. */
  readonly block: Fielded | undefined
  /** The innermost field that is declared. */
  readonly field: NamedField | undefined
  /** What a value here is to be, where that is known. */
  readonly type: ValueType<unknown> | undefined
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** The scope that stages behind a known one are checked in. */
export const scopeBehind = ({ scope, output }: KnownStage): Scope =>
  output?.tag === "Principal" ? { ...scope, principal: output } : scope

/** The known stages that stand before an offset. */
export const stagesBefore = (flow: KnownFlow | undefined, offset: number): readonly KnownStage[] =>
  (flow?.stages ?? []).filter(({ stage }) => stage.span.start < offset)

/** The construct of a stage, also of one that was just written. */
export const constructOf = (stage: Stage, scope: Scope): Construct | undefined => {
  if (isDeployment(stage)) {
    return stage.operand.kind === "Reference" ? own<Construct>(deployments, written(stage.operand)) : undefined
  }
  const kind = stageKind(stage, { ...scope, report: () => {} })
  // Each construct is keyed by its own kind; what is asked of it here does not depend on the kind.
  return kind && (stages[kind] as unknown as Construct)
}

interface Walking {
  item?: Item
  flow?: Flow
  stage?: Stage
  knownFlow?: KnownFlow | undefined
  knownStage?: KnownStage | undefined
  construct?: Construct | undefined
  scope: Scope
  /** Fields of the block that comes next. */
  fields?: FieldDeclarations | undefined
  block?: Fielded | undefined
  field?: NamedField | undefined
  type?: ValueType<unknown> | undefined
}

/**
 * What is to be said of the last node of `path`, which leads to it from the file. The path may be one of a text that differs
 * from the known one only behind the place: what stands before it is found by where it begins.
 */
export const placeOf = (path: readonly Node[], known: Known): Place => {
  const at: Walking = { scope: known.scope }
  for (const [index, node] of path.entries()) enter(node, path[index + 1], at, known)
  const { item, flow, stage, knownFlow, knownStage, construct, scope, block, field, type } = at
  const [file] = path
  const node = path.at(-1) ?? file
  if (node === undefined) throw new Error("an empty path")
  return { path, node, item, flow, stage, knownFlow, knownStage, construct, scope, block, field, type }
}

const enter = (node: Node, child: Node | undefined, at: Walking, known: Known): void => {
  switch (node.kind) {
    case "Declaration":
      at.item = node
      at.construct = own<Construct>(declarations as unknown as Record<string, Construct>, written(node.type))
      at.fields = at.construct?.fields
      return
    case "Deployment":
      at.item = node
      at.construct = own<Construct>(deployments, node.engine.text)
      at.fields = at.construct?.fields
      return
    case "Flow":
      at.item = node
      at.flow = node
      at.knownFlow = known.flows.find(({ item }) => item.span.start === node.span.start)
      at.type = child === node.url ? resourceUrl : undefined
      return
    case "Stage":
      enterStage(node, child, at)
      return
    case "Import":
    case "Param":
    case "Constant":
    case "Environment":
    case "Test":
      at.item = node
      return
    case "Expectation":
      enterExpectation(node, child, at, known)
      return
    case "Block":
    case "MapLiteral":
      enterBlock(node, at)
      return
    case "Field":
      enterField(node.name.text, child === node.value, at)
      return
    case "Entry":
      if (at.fields) enterField(node.key.text, child === node.value, at)
      // What a map's keys are is not said by the type of its values.
      else if (child !== node.value) at.type = undefined
      return
    case "ListLiteral":
      at.type = at.type?.structure.kind === "list" ? at.type.structure.item : undefined
      return
    case "Match":
      if (child === node.scrutinee) at.type = claimName
      return
    case "Arm":
      // The result of an arm is of the type of the whole.
      if (child !== node.result) at.type = undefined
      return
    case "Argument":
    case "TemplateHole":
      at.type = undefined
      return
    default:
      return
  }
}

const enterStage = (node: Stage, child: Node | undefined, at: Walking): void => {
  at.stage = node
  at.knownStage = at.knownFlow?.stages.find(({ stage }) => stage.span.start === node.span.start)
  const before = stagesBefore(at.knownFlow, node.span.start).at(-1)
  if (before) at.scope = scopeBehind(before)
  else if (at.knownStage) at.scope = at.knownStage.scope
  at.construct = constructOf(node, at.scope)
  at.fields = at.construct?.fields
  const operand = at.construct && "operand" in at.construct ? at.construct.operand : undefined
  at.type = child === node.operand && operand?.by === "value" ? operand.type : undefined
}

/** The token that AWS is shown is one of the flow's caller. */
const enterExpectation = (node: Expectation, child: Node | undefined, at: Walking, { flows }: Known): void => {
  if (child !== node.value || node.target.kind !== "Reference") return
  const [name, what] = node.target.path
  const flow = flows.find(({ item }) => item.name.text === name?.text)
  const principal = flow?.stages.map(({ output }) => output).find((output) => output?.tag === "Principal")
  at.scope = { ...at.scope, principal: principal?.tag === "Principal" ? principal : undefined }
  at.type = what?.text === "subject" ? tokenName : undefined
}

const enterBlock = (node: Block | MapLiteral, at: Walking): void => {
  if (node.kind === "MapLiteral") {
    const { structure } = at.type ?? {}
    at.fields = structure?.kind === "block" ? structure.fields : undefined
    at.type = structure?.kind === "map" ? structure.value : undefined
  }
  at.block = at.fields && { node, fields: at.fields, sign: node.kind === "Block" ? "=" : ":" }
  at.field = undefined
}

const enterField = (name: string, inValue: boolean, at: Walking): void => {
  const field = own(at.fields ?? {}, name)
  at.field = field && { name, field }
  at.type = inValue ? field?.type : undefined
}

/** Names that a block has values for already, but for the one that is being written. */
export const namesIn = (node: Block | MapLiteral, except: Node | undefined): readonly string[] =>
  node.kind === "Block"
    ? node.fields.flatMap((field: WrittenField) => (field === except ? [] : [field.name.text]))
    : node.entries.flatMap((entry) => (entry === except ? [] : [entry.key.text]))
