/**
 * Finds the catalogue's construct for a stage as written, and checks the stage against it.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { CheckedStage, Operand, StageConstruct } from "../catalogue/construct.ts"
import type { CredentialOf, CredentialTag } from "../catalogue/credential.ts"
import type { FieldDeclarations } from "../catalogue/field.ts"
import { declarations, type StageKind, stages } from "../catalogue/index.ts"
import { at } from "../source/source.ts"
import { checkFields, writtenInBlock } from "./block.ts"
import { describe, replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Scope } from "./scope.ts"

const kinds = Object.keys(stages) as readonly StageKind[]
const verbs = [...new Set(Object.values(stages).map(({ verb }) => verb))]

/** The kind of a stage as far as its first words say it. `undefined` after reporting that there is none. */
export const stageKind = (stage: Ast.Stage, scope: Scope): StageKind | undefined => {
  const { verb, operand } = stage
  if (verb.text === "") return undefined
  const candidates = kinds.filter((kind) => stages[kind].verb === verb.text)
  if (candidates.length === 0) {
    const meant = nearest(verb.text, verbs)
    scope.report("AF0205", verb.span, { verb: verb.text, known: verbs, meant }, replacement(verb.span, meant))
    return undefined
  }
  const value = candidates.find((kind) => stages[kind].operand.by === "value")
  if (value !== undefined) return value
  if (operand.kind === "Missing") return undefined
  const byKind = candidates.flatMap((kind) => {
    const operand: Operand<unknown> = stages[kind].operand
    return operand.by === "kind" ? [{ kind, name: operand.name }] : []
  })
  if (operand.kind !== "Reference") {
    const expected =
      byKind.length > 0 && verb.text !== "identify"
        ? `a kind of ${verb.text}, such as \`${byKind[0]?.name}\``
        : "the name of a provider or server"
    scope.report("AF0304", operand.span, { expected, found: describe(operand, scope) })
    return undefined
  }
  const name = written(operand)
  const found = byKind.find((each) => each.name === name)?.kind
  // A verb may also take what was declared: `identify anonymous`, `identify gate`.
  const named = candidates.some((kind) => stages[kind].operand.by === "declaration")
  if (byKind.length > 0 && (found !== undefined || !named)) {
    if (found === undefined && !operand.path.some(isRecovered)) {
      const known = byKind.map((each) => each.name)
      const meant = nearest(name, known)
      scope.report("AF0206", operand.span, { verb: verb.text, kind: name, known }, replacement(operand.span, meant))
    }
    return found
  }
  return selected(candidates, name, operand, scope)
}

/** The candidate for what the declaration of this name is. */
const selected = (
  candidates: readonly StageKind[],
  name: string,
  { span }: Ast.Reference,
  scope: Scope,
): StageKind | undefined => {
  const named = scope.names.get(name)
  const others = candidates.flatMap((each) => {
    const { operand } = stages[each]
    return operand.by === "kind" ? [operand.name] : []
  })
  if (named === undefined) {
    const meant = nearest(name, [
      ...scope.servers.keys(),
      ...scope.providers.keys(),
      ...scope.callers.keys(),
      ...others,
    ])
    if (name !== "") scope.report("AF0201", span, { what: "server or provider", name, meant }, replacement(span, meant))
    return undefined
  }
  const declared = named.node.kind === "Declaration" ? written(named.node.type) : undefined
  const kind = candidates.find((each) => {
    const { operand } = stages[each]
    return operand.by === "declaration" && operand.of === declared
  })
  // A declaration of no known kind is reported where it stands.
  const known = declared === undefined || Object.hasOwn(declarations, declared)
  if (kind === undefined && declared === declarations.oauth2.kind) {
    const related = [{ span: named.node.name.span, message: "this is an OAuth 2.0 provider" }]
    scope.report("AF1457", span, { provider: name }, { related })
  } else if (kind === undefined && known)
    scope.report("AF0208", span, { name, is: named.kind, needed: "server or provider" })
  return kind
}

const operandOf = <T>(
  { operand }: Pick<StageConstruct<string, T, FieldDeclarations, CredentialTag, CredentialTag>, "operand">,
  stage: Ast.Stage,
  scope: Scope,
) => {
  switch (operand.by) {
    case "kind":
      return operand.name
    case "value":
      return operand.type.check(stage.operand, scope)
    case "declaration": {
      const name = stage.operand.kind === "Reference" ? written(stage.operand) : ""
      const declared = scope.servers.get(name) ?? scope.providers.get(name) ?? scope.callers.get(name)
      return declared === BROKEN ? undefined : declared
    }
  }
}

/**
 * The checked stage, or `undefined` after reporting. Without an input credential (an earlier stage failed) what can be
 * checked without one still is.
 */
export const checkStage = <
  Kind extends string,
  T,
  F extends FieldDeclarations,
  In extends CredentialTag,
  Out extends CredentialTag,
>(
  construct: StageConstruct<Kind, T, F, In, Out>,
  stage: Ast.Stage,
  input: CredentialOf<In> | undefined,
  scope: Scope,
): CheckedStage<Kind, T, F, In, Out> | undefined => {
  const operand = operandOf(construct, stage, scope)
  const head = { start: stage.verb.span.start, end: stage.operand.span.end }
  const owner = construct.operand.by === "kind" ? `${construct.verb} ${construct.operand.name}` : construct.verb
  const fields = checkFields(construct.fields, writtenInBlock(stage.body), owner, head, scope)
  if (operand === undefined || fields === undefined || input === undefined) return undefined
  const checked = {
    kind: construct.kind,
    doc: stage.doc,
    span: stage.span,
    // `stageKind` chose this construct by what the operand names, so it is of the type the construct asks for.
    operand: at(stage.operand.span, operand as T),
    fields,
    input,
  }
  const output = construct.type(checked, scope)
  return output && { ...checked, output }
}
