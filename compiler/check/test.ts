/**
 * Checks `test "…" { given … expect … }`: that the caller it gives can exist, and that what it expects can be seen and can
 * differ. What then is seen is for analysis/trace to say.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { isEvaluated } from "../catalogue/observation.ts"
import { at } from "../source/source.ts"
import { checkExpectation, type Target, targetOf } from "./expectation.ts"
import { checkGiven } from "./given.ts"
import type { Flow, Test } from "./program.ts"
import { isRecovered } from "./recovered.ts"
import type { Scope } from "./scope.ts"

/** The file's tests; `undefined` stands where one was reported on. Flows that are broken are not looked for. */
export const checkTests = (
  items: readonly Ast.Test[],
  flows: readonly Flow[],
  scope: Scope,
): readonly (Test | undefined)[] => {
  const titles = new Map<string, Ast.Test>()
  return items.map((item) => {
    const { text, span } = item.title
    const earlier = titles.get(text)
    if (isRecovered(item.title)) return undefined
    if (text.trim() === "") scope.report("AF0312", span, { what: "a title", value: text, hint: "it says nothing" })
    else if (earlier) {
      const related = [{ span: earlier.title.span, message: "this test has the title already" }]
      scope.report("AF0202", span, { name: text }, { related })
    } else titles.set(text, item)
    return checkTest(item, flows, scope)
  })
}

const checkTest = (item: Ast.Test, flows: readonly Flow[], scope: Scope): Test | undefined => {
  const written = item.clauses.filter((clause) => clause.kind === "Expectation")
  if (written.length === 0) scope.report("AF1101", item.title.span, { title: item.title.text })
  const targets = written.map((clause) => ({ clause, target: targetOf(clause, flows, scope) }))
  const named = [...new Set(targets.flatMap(({ target }) => target?.flow ?? []))]
  const known = targets.every(({ target }) => target !== undefined)
  const given = checkGiven(
    item.clauses.filter((clause) => clause.kind === "Given"),
    // What a claim is depends on the flow: while one of them is not known, claims are not held against the others.
    known ? named : [],
    scope,
  )
  if (!canBeTested(targets, scope)) return undefined
  const expectations = targets.map(({ clause, target }) => target && checkExpectation(clause, target, scope))
  const [first, ...others] = expectations.filter((each) => each !== undefined)
  if (given === undefined || first === undefined || others.length + 1 < written.length) return undefined
  return {
    title: at(item.title.span, item.title.text),
    doc: item.doc,
    span: item.span,
    given,
    expectations: [first, ...others],
  }
}

const canBeTested = (
  targets: readonly { readonly clause: Ast.Expectation; readonly target: Target | undefined }[],
  { report }: Scope,
): boolean => {
  let sound = true
  for (const { clause, target } of targets) {
    const stage = target?.flow.stages.find((each) => !isEvaluated(each))
    if (target === undefined || stage === undefined) continue
    sound = false
    const related = [{ span: stage.span, message: "what this does is not known without the engine that runs it" }]
    report("AF1109", clause.target.span, { flow: target.flow.name.value, stage: stage.kind }, { related })
  }
  return sound
}
