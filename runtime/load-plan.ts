/**
 * Reads a plan: JSON text or a parsed value. Nothing about it is guessed; what is wrong is named by its place.
 *
 * @module
 */
import { Effect, Predicate, Schema, SchemaIssue } from "effect"
import { PLAN_VERSION, Plan } from "./plan.ts"
import { PlanInvalid } from "./start-failure.ts"

const decode = Schema.decodeUnknownEffect(Plan, { onExcessProperty: "error" })

/** Fails with PlanInvalid. */
export const loadPlan = Effect.fn("loadPlan")(function* (json: unknown) {
  const value = yield* parse(json)
  if (!Predicate.isObject(value)) return yield* new PlanInvalid({ path: "", detail: "a plan is a JSON object" })
  const version = value["version"]
  // Before the shape: a plan of another version has another shape, and the version is what the reader has to know.
  if (version !== PLAN_VERSION) {
    return yield* new PlanInvalid({
      path: "version",
      detail: `this runtime reads plans of version ${PLAN_VERSION}, this one says ${JSON.stringify(version) ?? "nothing"}; compile it again`,
    })
  }
  return yield* Effect.mapError(decode(value), ({ issue }) => {
    const first = locate(issue).issues[0]
    return new PlanInvalid({ path: pathOf(first?.path ?? []), detail: first?.message ?? "not a plan" })
  })
})

const locate = SchemaIssue.makeFormatterStandardSchemaV1()

/** `["flows", 0, "stages"]` as `flows[0].stages`. */
const pathOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key, at) => (typeof key === "number" ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join("")

const parse = (json: unknown) =>
  typeof json !== "string"
    ? Effect.succeed(json)
    : Effect.try({
        try: () => JSON.parse(json) as unknown,
        catch: (cause) =>
          new PlanInvalid({ path: "", detail: `not JSON: ${cause instanceof Error ? cause.message : "unreadable"}` }),
      })
