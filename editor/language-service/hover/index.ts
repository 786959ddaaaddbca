/**
 * Hover: what the word under the cursor means, here.
 *
 * @module
 */

import { parseRoleArn } from "../../../compiler/catalogue/aws.ts"
import { nameOf } from "../../../compiler/catalogue/credential.ts"
import { declarations } from "../../../compiler/catalogue/index.ts"
import { clauses, functions, givens, items, type WordDoc } from "../../../compiler/catalogue/item.ts"
import { observations } from "../../../compiler/catalogue/observation.ts"
import { paramTypes } from "../../../compiler/catalogue/param.ts"
import { type RuleWord, ruleWords } from "../../../compiler/catalogue/role-rules.ts"
import { evaluate, written } from "../../../compiler/check/evaluate.ts"
import { BROKEN } from "../../../compiler/check/scope.ts"
import type { Analysis } from "../../../compiler/index.ts"
import type { Reference, Span } from "../../../grammar/ast.ts"
import { type Node, nodesAt } from "../../../grammar/index.ts"
import { analysisOf, type Files } from "../files.ts"
import { occurrenceAt } from "../names.ts"
import { type Place, placeOf } from "../place.ts"
import { callerClaims } from "../test-callers.ts"
import {
  code,
  describeClaim,
  describeConstruct,
  describeCredential,
  describeField,
  describeToken,
  paragraphs,
  source,
} from "./describe.ts"
import { describeName } from "./names.ts"

export interface Hover {
  /** Markdown. */
  readonly text: string
  /** What it is about. */
  readonly span: Span
}

export const hover = (files: Files, uri: string, offset: number): Hover | undefined => {
  const analysis = analysisOf(files, uri)
  if (analysis?.known === undefined) return undefined
  if (analysis.file.comments.some(({ span }) => span.start < offset && offset < span.end)) return undefined
  const path = nodesAt(analysis.file, offset)
  const place = placeOf(path, analysis.known)
  const special = atExpected(place) ?? atReference(place, offset) ?? atName(place, analysis) ?? atLiteral(place)
  if (special) return special
  const occurrence = occurrenceAt(files, uri, offset)
  const text = occurrence && describeName(files, occurrence)
  if (occurrence && text) return { span: occurrence.span, text }
  return atKeyword(analysis, place, offset)
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

const describeWord = ({ doc, example }: WordDoc): string => paragraphs(doc, source(example))

/** Names of fields, verbs, rule words: what the tree has as a name that names no item. */
const atName = (place: Place, analysis: Analysis): Hover | undefined => {
  const { node, path } = place
  const parent = path.at(-2)
  if (node.kind !== "Name" && node.kind !== "Segment") return undefined
  const { span, text } = node
  switch (parent?.kind) {
    case "Field":
    case "Entry":
      return place.field?.name === text
        ? { span, text: describeField(text, place.field.field, place.block?.sign) }
        : atClaimKey(place, analysis)
    case "Stage":
      return parent.verb === node ? atStage(place, { ...span, end: headEnd(parent) }) : undefined
    case "Declaration": {
      const doc = parent.keyword === node ? own<WordDoc>(items, text) : undefined
      return doc && { span, text: describeWord(doc) }
    }
    case "Deployment":
      return place.construct && { span, text: describeConstruct(place.construct) }
    case "Arm": {
      const word = parent.operator === node ? own<RuleWord>(ruleWords, text) : undefined
      return word && { span, text: paragraphs(`**${text}**`, word.doc, source(`${word.example} => …`)) }
    }
    case "Given": {
      const doc = own<WordDoc>(givens, text)
      return doc && { span, text: describeWord(doc) }
    }
    case "Call": {
      const doc = own<WordDoc>(functions, text)
      return doc && { span, text: describeWord(doc) }
    }
    default:
      return undefined
  }
}

const headEnd = ({ verb, operand }: Extract<Node, { kind: "Stage" }>): number =>
  operand.kind === "Reference" ? operand.span.end : verb.span.end

/** A stage: what it is, and what it does to the credential here. */
const atStage = ({ construct, knownStage }: Place, span: Span): Hover | undefined => {
  if (construct === undefined) return undefined
  const { input, output, before } = knownStage ?? {}
  const came = input ? `**Before: ${input.tag}**\n${describeCredential(input)}` : before && `**Before: ${before}**`
  const made = output && `**After: ${output.tag}**\n${describeCredential(output)}`
  return { span, text: paragraphs(describeConstruct(construct), came, made) }
}

/** The key of a map that says claims: what the token of the flow that is tested has of it. */
const atClaimKey = ({ path, node, item }: Place, analysis: Analysis): Hover | undefined => {
  const given = path.find((each) => each.kind === "Given")
  if (given?.kind !== "Given" || given.subject.text !== "claims" || node.kind !== "Segment") return undefined
  const claim = item?.kind === "Test" ? callerClaims(analysis, item).get(node.text) : undefined
  return claim && { span: node.span, text: describeClaim(claim, "the caller's token") }
}

const atReference = (place: Place, offset: number): Hover | undefined => {
  const reference = place.path.findLast((node) => node.kind === "Reference")
  if (reference?.kind !== "Reference") return undefined
  const parent = place.path[place.path.indexOf(reference) - 1]
  const { span } = reference
  const text = written(reference)
  switch (parent?.kind) {
    case "Declaration": {
      const construct = Object.values(declarations).find(
        ({ kind, keyword }) => kind === text && keyword === parent.keyword.text,
      )
      // What is described of a construct does not depend on its kind.
      return (
        construct && { span, text: describeConstruct(construct as unknown as Parameters<typeof describeConstruct>[0]) }
      )
    }
    case "Param": {
      const type = parent.type === reference ? own(paramTypes, text) : undefined
      return type && { span, text: paragraphs(`**${text}**: ${type.label}`, type.doc, `A value is ${type.hint}.`) }
    }
    case "Stage":
      if (place.construct && "operand" in place.construct && place.construct.operand.by === "kind")
        return atStage(place, { start: parent.verb.span.start, end: span.end })
      return place.construct && "keyword" in place.construct
        ? { span, text: describeConstruct(place.construct) }
        : undefined
    case "Expectation":
      return parent.target === reference ? atObservation(reference, offset) : undefined
    default:
      return atValueWord(place, reference, offset)
  }
}

/** What stands behind `==`: words and strings mean what is looked at. */
const atExpected = ({ path }: Place): Hover | undefined => {
  const index = path.findIndex(({ kind }) => kind === "Expectation")
  const [clause, value] = [path[index], path[index + 1]]
  if (clause?.kind !== "Expectation" || value === undefined || value !== clause.value) return undefined
  const isWord = value.kind === "Reference" ? value.path.length === 1 : value.kind === "StringTemplate"
  const what = clause.target.kind === "Reference" ? clause.target.path[1] : undefined
  const found = what && isWord ? own(observations, what.text) : undefined
  return found && what && { span: value.span, text: paragraphs(`**${what.text}**`, found.doc) }
}

/** `expect flow.role`: what of the flow is looked at. */
const atObservation = (reference: Reference, offset: number): Hover | undefined => {
  const [first, what] = reference.path
  if (first === undefined || what === undefined || offset < what.span.start) return undefined
  const found = own(observations, what.text)
  return (
    found && {
      span: { start: what.span.start, end: reference.span.end },
      text: paragraphs(`**${what.text}**`, found.doc, `For example ${code(`== ${found.example}`)}`),
    }
  )
}

/** Tokens, claims, and words of a choice. */
const atValueWord = ({ type, scope, field, block }: Place, reference: Reference, offset: number): Hover | undefined => {
  const { span, path } = reference
  const sign = block?.sign
  const text = written(reference)
  const [first, second] = path
  const structure = type?.structure
  if (structure?.kind === "name" && structure.of === "token" && second && offset >= second.span.start) {
    const token = scope.principal?.tokens.find((each) => nameOf(each) === text)
    return token && { span, text: describeToken(token) }
  }
  if (structure?.kind === "name" && structure.of === "claim" && scope.principal) {
    const { token } = scope.principal
    const claim = second && token.claims.get(second.text)
    if (claim) return { span, text: describeClaim(claim, code(nameOf(token))) }
    return first?.text === "claims" && offset <= first.span.end
      ? { span: first.span, text: describeToken(token) }
      : undefined
  }
  if (structure?.kind === "name" && structure.of === "login_claim" && first && second && offset >= second.span.start) {
    const provider = scope.providers.get(first.text)
    if (provider === undefined || provider === BROKEN) return undefined
    const held = second.text === "userinfo" ? provider.userinfo : provider.idToken?.claims
    const claim = held?.get(path[2]?.text ?? "")
    return claim && { span, text: describeClaim(claim, code(`${first.text}.${second.text}`)) }
  }
  const isWord =
    structure?.kind === "choice" ? structure.values.includes(text) : ["true", "false", "on", "off"].includes(text)
  if (isWord && field) return { span, text: describeField(field.name, field.field, sign) }
  const doc = own<WordDoc>(functions, text)
  return doc && { span, text: describeWord(doc) }
}

/** Values with a unit, role ARNs, and what a string comes to. */
const atLiteral = ({ node, path, scope, type, field, block }: Place): Hover | undefined => {
  const sign = block?.sign
  if (node.kind === "DurationLiteral") {
    return { span: node.span, text: paragraphs(`${code(node.text)} is ${node.seconds} seconds`, bounds(type?.label)) }
  }
  if (node.kind === "SizeLiteral")
    return { span: node.span, text: paragraphs(`${code(node.text)} is ${node.bytes} bytes`, bounds(type?.label)) }
  if (node.kind === "NumberLiteral") return type && { span: node.span, text: bounds(type.label) ?? "" }
  const template = path.findLast((each) => each.kind === "StringTemplate")
  if (template?.kind !== "StringTemplate" || path.some(({ kind }) => kind === "TemplateHole")) return undefined
  const value = evaluate(template, { ...scope, report: () => {} })
  const text = value === undefined || value === BROKEN || value.kind !== "string" ? undefined : value.value
  const structure = type?.structure
  const known = text !== undefined && structure?.kind === "scalar" ? own(structure.known ?? {}, text) : undefined
  const arn = text === undefined ? undefined : parseRoleArn(text)
  const holes = template.parts.some(({ kind }) => kind === "TemplateHole") && text !== undefined
  const parts = paragraphs(
    known === undefined ? undefined : `${code(text ?? "")}: ${known}`,
    arn &&
      `IAM role ${code(arn.path)} of account ${code(arn.account)}${arn.partition === "aws" ? "" : ` in ${code(arn.partition)}`}`,
    holes ? `Here it is ${code(JSON.stringify(text))}.` : undefined,
    field && type === field.field.type && !path.some(({ kind }) => kind === "Arm")
      ? describeField(field.name, field.field, sign)
      : undefined,
  )
  return parts === "" ? undefined : { span: template.span, text: parts }
}

const bounds = (label: string | undefined): string | undefined => label && `Expected: ${label}.`

/** Words that the grammar knows. */
const atKeyword = ({ text, file }: Analysis, { item, path }: Place, offset: number): Hover | undefined => {
  const start = offset - (/[a-z]*$/.exec(text.slice(Math.max(0, offset - 16), offset))?.[0].length ?? 0)
  const word = /^[a-z]+/.exec(text.slice(start, start + 16))?.[0] ?? ""
  const span = { start, end: start + word.length }
  const innermost = path.at(-1)
  const opens = item && item.span.start === start && innermost === item ? own<WordDoc>(items, word) : undefined
  const clause = innermost?.kind === "Given" || innermost?.kind === "Expectation" ? innermost : undefined
  const inTest = clause?.span.start === start ? own<WordDoc>(clauses, word) : undefined
  const doc = opens ?? inTest
  return doc && file.items.length > 0 ? { span, text: describeWord(doc) } : undefined
}
