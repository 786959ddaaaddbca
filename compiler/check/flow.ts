/**
 * Checks a flow: each stage by itself, and the chain of credentials from the caller to `forward`.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Credential, CredentialTag } from "../catalogue/credential.ts"
import { type Deployments, type StageKind, stages } from "../catalogue/index.ts"
import { resourceUrl } from "../catalogue/url.ts"
import { at } from "../source/source.ts"
import { checkDeployments, isDeployment } from "./deployment.ts"
import { written } from "./evaluate.ts"
import type { KnownFlow, KnownStage } from "./known.ts"
import type { Flow, Forward, Identify, Middle, Stage } from "./program.ts"
import { BROKEN, type Scope } from "./scope.ts"
import { checkStage, stageKind } from "./stage.ts"

/** What is known of a stage before it is checked. */
interface Step {
  readonly stage: Ast.Stage
  /** `undefined` after it was reported that there is no such stage. */
  readonly kind: StageKind | undefined
}

/** The flow, or `undefined` after reporting, and what is known of it in either case. */
export interface CheckedFlow {
  readonly flow: Flow | undefined
  readonly known: KnownFlow
}

/** `common` is what engines are told of all flows of the file. */
export const checkFlow = (item: Ast.Flow, common: Deployments, outer: Scope): CheckedFlow => {
  const url = resourceUrl.check(item.url, outer)
  const flowUrl = url === undefined ? undefined : at(item.url.span, url)
  const deployed = checkDeployments(item.stages.filter(isDeployment), common, outer)
  const steps = item.stages
    .filter((stage) => !isDeployment(stage))
    .map((stage) => ({ stage, kind: stageKind(stage, outer) }))
  const composes = checkChain(item, steps, outer)
  let scope: Scope = { ...outer, flowUrl }
  let credential: Credential | undefined = { tag: "Caller" }
  let tag: CredentialTag | undefined = "Caller"
  const checked: Stage[] = []
  const known: KnownStage[] = []
  for (const { stage, kind } of steps) {
    const result: Stage | undefined = kind && checkOne(kind, stage, credential, scope)
    const after = kind && stages[kind].produces
    known.push({ stage, kind, scope, before: tag, after, input: credential, output: result?.output })
    if (result) checked.push(result)
    credential = result?.output
    tag = after
    if (credential?.tag === "Principal") scope = { ...scope, principal: credential }
    scope = {
      ...scope,
      exchanged: credential?.tag === "Token" ? credential.type : tag === "Token" ? BROKEN : undefined,
    }
  }
  const whole = composes && checked.length === steps.length ? inOrder(checked) : undefined
  const flow: Flow | undefined =
    whole && flowUrl && item.name.text !== ""
      ? {
          name: at(item.name.span, item.name.text),
          doc: item.doc,
          span: item.span,
          url: flowUrl,
          stages: whole,
          deployed,
        }
      : undefined
  return { flow, known: { item, stages: known } }
}

/** The stages as a flow has them. checkChain has reported whatever keeps them from being so. */
const inOrder = ([first, ...rest]: readonly Stage[]): Flow["stages"] | undefined => {
  const last = rest.at(-1)
  const between = rest.slice(0, -1)
  const middle = between.filter((stage): stage is Middle => !isFirst(stage) && !isLast(stage))
  if (first === undefined || !isFirst(first) || last === undefined || !isLast(last)) return undefined
  return middle.length === between.length ? [first, ...middle, last] : undefined
}

/** Whether a stage of the kind takes a credential of this tag. */
const consumes = (kind: StageKind, tag: CredentialTag): boolean => {
  const taken: readonly CredentialTag[] = stages[kind].consumes
  return taken.includes(tag)
}

const isFirst = (stage: Stage): stage is Identify => consumes(stage.kind, "Caller")
const isLast = (stage: Stage): stage is Forward => stages[stage.kind].produces === "Answer"

const checkOne = (
  kind: StageKind,
  stage: Ast.Stage,
  credential: Credential | undefined,
  scope: Scope,
): Stage | undefined => {
  const construct = stages[kind]
  const input = credential && consumes(kind, credential.tag) ? credential : undefined
  // Each kind's construct makes a stage of that kind from the credential it consumes; the union loses that correlation.
  const check = checkStage as unknown as (
    construct: unknown,
    stage: Ast.Stage,
    input: unknown,
    scope: Scope,
  ) => Stage | undefined
  return check(construct, stage, input, scope)
}

const label = (stage: Ast.Stage): string =>
  stage.operand.kind === "Reference" ? `${stage.verb.text} ${written(stage.operand)}` : stage.verb.text

const head = (stage: Ast.Stage): Ast.Span => ({
  start: stage.verb.span.start,
  end: stage.operand.kind === "Reference" ? stage.operand.span.end : stage.verb.span.end,
})

/** Whether each stage is fed what it consumes; reports each break of the chain once, where it breaks. */
const checkChain = (item: Ast.Flow, steps: readonly Step[], { report }: Scope): boolean => {
  if (steps.length === 0) {
    if (item.name.text !== "") report("AF0408", item.name.span, { flow: item.name.text })
    return false
  }
  let sound = true
  const broken: typeof report = (...problem) => {
    sound = false
    report(...problem)
  }
  // `undefined` after a stage of unknown kind, which may have produced anything.
  let tag: CredentialTag | undefined = "Caller"
  let first: Ast.Stage | undefined
  let producer: Ast.Stage | undefined
  let end: Ast.Stage | undefined
  for (const { stage, kind } of steps) {
    if (kind === undefined) {
      tag = undefined
      continue
    }
    const { produces } = stages[kind]
    const from = producer && { related: [{ span: head(producer), message: `\`${label(producer)}\` produces ${tag}` }] }
    if (end) {
      broken(
        "AF0404",
        head(stage),
        { stage: label(stage) },
        { related: [{ span: head(end), message: "the request has left here" }] },
      )
      continue
    }
    if (
      tag !== undefined &&
      tag !== "Caller" &&
      produces === "Principal" &&
      !consumes(kind, tag) &&
      !consumes(kind, "Caller")
    ) {
      broken("AF1314", head(stage), { stage: label(stage), made: tag }, from)
      continue
    }
    if (tag !== undefined && !consumes(kind, tag)) {
      if (consumes(kind, "Caller"))
        broken("AF0405", head(stage), {}, first ? { related: [{ span: head(first), message: "first here" }] } : {})
      else if (tag === "Caller") broken("AF0402", head(stage), { stage: label(stage) })
      else if (produces === "Answer" && tag === "Principal") broken("AF0406", head(stage), {}, from)
      else if (tag === "SignedRequest") broken("AF0407", head(stage), { stage: label(stage) }, from)
      else if (tag === "Anonymous" && consumes(kind, "Principal"))
        broken("AF1401", head(stage), { stage: label(stage) }, from)
      else if (tag !== "AwsCredentials" && consumes(kind, "Principal"))
        broken("AF1212", head(stage), { stage: label(stage), made: tag }, from)
      else {
        const needed = neededAfter(tag, kind)
        const makers = makersOf(needed)
        broken("AF0401", head(stage), { stage: label(stage), consumes: needed.join(" or "), found: tag, makers }, from)
      }
    }
    if (consumes(kind, "Caller")) first ??= stage
    if (produces === "Answer") end = stage
    tag = produces
    producer = stage
  }
  if (end === undefined && steps.every(({ kind }) => kind !== undefined))
    broken("AF0403", item.name.span, { flow: item.name.text })
  return sound && end !== undefined && steps.every(({ kind }) => kind !== undefined)
}

/** What the stage takes and could come of the credential there is; all that it takes where nothing could. */
const neededAfter = (found: CredentialTag, kind: StageKind): readonly CredentialTag[] => {
  const taken: readonly CredentialTag[] = stages[kind].consumes
  const kinds = Object.keys(stages) as readonly StageKind[]
  const next = kinds.filter((each) => consumes(each, found)).map((each) => stages[each].produces)
  const near = taken.filter((tag) => next.includes(tag as (typeof next)[number]))
  return near.length > 0 ? near : taken
}

/** How stages that produce one of the credentials are written. */
const makersOf = (tags: readonly CredentialTag[]): readonly string[] =>
  Object.values(stages)
    .filter(({ produces }) => tags.includes(produces))
    .map(({ verb, operand }) => (operand.by === "kind" ? `${verb} ${operand.name}` : verb))
