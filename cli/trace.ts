/**
 * `authflow trace FILE`: what would happen to one caller, stage by stage, without a network.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Caller } from "../compiler/analysis/evaluation.ts"
import type { Flow, Program } from "../compiler/index.ts"
import { env, file, onlyOneStdin } from "./arguments.ts"
import { report } from "./diagnostics.ts"
import { UsageFault } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { analyzed, optionsOf } from "./program.ts"
import { readSource } from "./read.ts"
import { colour, result, say } from "./terminal.ts"

const flow = Flag.String("flow").pipe(
  Flag.withMetavar("NAME"),
  Flag.optional,
  Flag.withDescription("The flow that is called; all of the file's when left out"),
)

const claims = Flag.File("claims").pipe(
  Flag.withMetavar("FILE"),
  Flag.optional,
  Flag.withDescription("JSON object with claims of the caller's token; `-` is standard input"),
)

const token = Flag.String("token").pipe(
  Flag.withMetavar("JWT"),
  Flag.optional,
  Flag.withDescription("The caller's token; its signature is not verified. `-` reads it from standard input"),
)

const scopes = Flag.String("scopes").pipe(
  Flag.withMetavar("SCOPES"),
  Flag.optional,
  Flag.withDescription("Scopes the token was granted, with spaces between; what the flow asks for when left out"),
)

const format = Flag.Literals("format", ["text", "json"]).pipe(
  Flag.withDefault("text"),
  Flag.withDescription("How the account is written to stdout; json is one object a flow"),
)

export const trace = Command.make(
  "trace",
  { file, flow, claims, token, scopes, format, ...parameterFlags, env },
  Effect.fnUntraced(function* (given) {
    const values = yield* parameterValues(given)
    const [claims, token, scopes] = [given.claims, given.token, given.scopes].map(Option.getOrUndefined)
    yield* onlyOneStdin([given.file, ...[claims, token].filter((each) => each !== undefined)])
    if ((claims === undefined) === (token === undefined))
      return yield* new UsageFault({ message: "say who calls: either --claims or --token" })
    if (token !== undefined && scopes !== undefined)
      return yield* new UsageFault({ message: "a token says its own scopes; leave out --scopes" })
    const source = yield* readSource(given.file)
    const { program, diagnostics, sources } = yield* analyzed(source, {
      ...optionsOf(values, given.env),
    })
    yield* report(diagnostics, sources)
    if (program === undefined) return yield* Effect.die("no program and no error")
    const flows = yield* flowsOf(program, Option.getOrUndefined(given.flow))
    const evaluation = yield* Effect.promise(() => import("../compiler/analysis/evaluation.ts"))
    let caller: Caller
    if (token !== undefined) {
      const text = token === "-" ? (yield* readSource("-")).text : token
      caller = evaluation.tokenCaller(text.trim())
      yield* say("the token was decoded and its signature was not verified: this takes it to be genuine")
    } else {
      const granted = scopes?.split(/\s+/).filter((scope) => scope !== "")
      caller = evaluation.claimsCaller(yield* readClaims(claims ?? "-"), granted)
    }
    const traces = flows.map((each) => evaluation.traceFlow(each, caller, Date.now()))
    yield* result(
      given.format === "json"
        ? traces.map((each) => evaluation.renderTraceJson(each, program)).join("")
        : traces.map((each) => evaluation.traceText(each, { color: colour("stdout") })).join("\n"),
    )
  }),
).pipe(
  Command.withDescription("Say what would happen to one caller, stage by stage"),
  Command.withExamples([
    { command: "authflow trace gateway.authflow --claims ada.json" },
    { command: "authflow trace gateway.authflow --flow aws_mcp --token - < token.txt" },
  ]),
)

const flowsOf = ({ flows }: Program, name: string | undefined): Effect.Effect<readonly Flow[], UsageFault> => {
  const found = flows.filter((flow) => name === undefined || flow.name.value === name)
  const known = flows.map((flow) => flow.name.value).join(", ")
  return found.length > 0
    ? Effect.succeed(found)
    : Effect.fail(new UsageFault({ message: `there is no flow ${name}; there is ${known}` }))
}

const readClaims = Effect.fnUntraced(function* (name: string) {
  const { text, uri } = yield* readSource(name)
  const value = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => new UsageFault({ message: `${uri} is no JSON` }),
  })
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return yield* new UsageFault({ message: `${uri} holds no JSON object: claims are written { "email": "…" }` })
  return value as Readonly<Record<string, unknown>>
})
