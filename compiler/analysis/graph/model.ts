/**
 * A flow as a drawing: who takes part, and what goes from one to the other. How it looks is the renderers' matter.
 *
 * @module
 */
import type { PresentedKind, Principal, TokenType } from "../../catalogue/credential.ts"
import { nameOf } from "../../catalogue/credential.ts"
import { stages } from "../../catalogue/index.ts"
import type { Flow, Program, Stage } from "../../check/program.ts"
import { credentialLines } from "./credential.ts"
import { mentions } from "./mentions.ts"

/** A box: a caption, and what is worth knowing of it, a line each. */
export interface Box {
  /** Unique in the drawing; letters, digits and `_`. */
  readonly id: string
  readonly caption: string
  readonly lines: readonly string[]
}

export interface Arrow {
  readonly from: string
  readonly to: string
  readonly caption: string
  readonly lines: readonly string[]
}

export interface FlowGraph {
  readonly id: string
  readonly name: string
  readonly url: string
  /** The caller and the stages, in the order a request takes. */
  readonly steps: readonly Box[]
  /** From each step to the next one: the credential. */
  readonly way: readonly Arrow[]
  /** The servers and providers that the flow has to do with, each server before those people log in at. */
  readonly parties: readonly Box[]
  /** Of parties: tokens to a step, logins to a server. */
  readonly sides: readonly Arrow[]
}

/** One drawing for each flow, or for the one of this name; none when there is no such flow. */
export const graphOf = (program: Program, flow?: string): readonly FlowGraph[] =>
  program.flows.map(flowGraph).filter(({ name }) => flow === undefined || name === flow)

const flowGraph = (flow: Flow, index: number): FlowGraph => {
  const id = `flow${index}`
  const boxes = flow.stages.map((stage, at): Box => ({ id: `${id}_stage${at}`, ...describe(stage) }))
  const caller: Box = { id: `${id}_caller`, caption: "caller", lines: [] }
  const steps = [caller, ...boxes]
  const read = claimsRead(flow)
  const way = boxes.map((to, at): Arrow => {
    const from = steps[at] ?? caller
    const { input } = flow.stages[at] ?? flow.stages[0]
    return { from: from.id, to: to.id, caption: input.tag, lines: credentialLines(input, read) }
  })
  return { id, name: flow.name.value, url: flow.url.value, steps, way, ...partiesOf(flow, id, boxes) }
}

const describe = (stage: Stage): Omit<Box, "id"> => {
  const { verb, operand } = stages[stage.kind]
  const named: unknown = stage.operand.value
  const caption =
    operand.by === "kind"
      ? `${verb} ${operand.name}`
      : operand.by === "declaration" && isNamed(named)
        ? `${verb} ${named.name.value}`
        : verb
  const value = operand.by === "value" && typeof named === "string" ? [named] : []
  const said = Object.entries(stage.fields).flatMap(
    ([name, field]: [string, { readonly value: unknown } | undefined]) =>
      typeof field?.value === "string" ? [`${name} = ${field.value}`] : [],
  )
  return { caption, lines: [...value, ...said] }
}

interface Named {
  readonly kind: string
  readonly name: { readonly value: string }
}

const isNamed = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && "name" in value && "kind" in value && isLocated(value.name)

const isLocated = (value: unknown): value is { readonly value: string } =>
  typeof value === "object" && value !== null && "value" in value && typeof value.value === "string"

/** The flow's caller, once somebody has verified it. */
const principalOf = (flow: Flow): Principal | undefined =>
  flow.stages.map(({ output }) => output).find((output) => output.tag === "Principal")

/** Names of the claims that a stage of the flow reads. */
const claimsRead = (flow: Flow): readonly string[] => {
  const principal = principalOf(flow)
  const known = [...(principal?.token.claims.values() ?? [])]
  // A token that is named holds all of its claims, and none of them is read by that.
  const read = flow.stages.flatMap((stage) => mentions([stage.operand, stage.fields], known, principal?.tokens))
  return [...new Set(read.map(({ name }) => name))]
}

const captions: Readonly<Record<Principal["token"]["issuer"]["kind"], string>> = {
  auth_server: "server",
  oidc: "provider",
  oauth2: "provider",
  any_of: "any of",
  service_accounts: "service accounts",
  api_keys: "API keys",
  client_certificates: "client certificates",
  token_endpoint: "token endpoint",
}

const partiesOf = (flow: Flow, id: string, boxes: readonly Box[]): Pick<FlowGraph, "parties" | "sides"> => {
  const parties = new Map<string, Box>()
  const sides = new Map<string, Arrow>()
  const partyId = (name: string): string => `${id}_party_${name}`
  const add = (arrow: Arrow): void => void sides.set(`${arrow.from} ${arrow.to} ${arrow.caption}`, arrow)
  const principal = principalOf(flow)
  const tokens = principal?.tokens ?? []
  const shown = principal ? [principal.token, ...tokens] : []
  const issuers = new Map(shown.map(({ issuer }) => [issuer.name.value, issuer]))
  const join = (token: TokenType<PresentedKind>, to: string): void => {
    add({ from: partyId(token.issuer.name.value), to, caption: nameOf(token), lines: [] })
  }
  for (const { kind, name, url } of issuers.values()) {
    const others = [...issuers.values()].filter(
      (each) => each !== issuers.get(name.value) && (each.kind === "oidc" || each.kind === "oauth2"),
    )
    const logins = kind === "auth_server" ? others.map((each) => each.name.value) : []
    parties.set(name.value, {
      id: partyId(name.value),
      caption: `${captions[kind]} ${name.value}`,
      lines: [url, ...(logins.length > 0 ? [`people log in at ${logins.join(", ")}`] : [])],
    })
    for (const login of logins) add({ from: partyId(login), to: partyId(name.value), caption: "login", lines: [] })
  }
  for (const [at, stage] of flow.stages.entries()) {
    const to = boxes[at]?.id ?? ""
    // The first stage is shown the token by its caller, who has it from its issuer.
    if (stage.output.tag === "Principal") join(stage.output.token, to)
    else for (const token of mentions([stage.operand, stage.fields], tokens)) join(token, to)
  }
  return { parties: [...parties.values()], sides: [...sides.values()] }
}
