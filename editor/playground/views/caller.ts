/**
 * A caller to try: claims that can be edited, and what would happen to who has them.
 *
 * @module
 */
import { claimsCaller, traceFlow } from "../../../compiler/analysis/evaluation.ts"
import type { Program } from "../../../compiler/index.ts"
import { jsonEditor, replaceText } from "../code/editor.ts"
import { element } from "../element.ts"
import { account } from "./steps.ts"
import type { View } from "./view.ts"

export interface CallerState {
  readonly flow: string | undefined
  readonly claims: string | undefined
}

/** The claims somebody may begin with, where no test of the file says any. */
const START = { email: "ada@example.com" }

const written = (claims: unknown): string => JSON.stringify(claims, null, 2)

const parsed = (text: string): Readonly<Record<string, unknown>> | string => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value }
    return 'Claims are a JSON object, such as { "email": "ada@example.com" }'
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : ""}`
  }
}

export const callerView = (begin: CallerState, onChange: () => void): View & { readonly state: () => CallerState } => {
  let program: Program | undefined
  let touched = begin.claims !== undefined
  let flow = begin.flow
  const flows = element("select", { id: "caller-flow", onchange: () => choose(flows.value) })
  const tests = element("select", { id: "caller-test", onchange: () => take(tests.value) })
  const box = element("div", { class: "code claims" })
  const result = element("div", { class: "account", "aria-live": "polite" })
  let filling = false
  const editor = jsonEditor(box, "Claims of the caller's token, as JSON", begin.claims ?? written(START), () => {
    if (filling) return
    touched = true
    tests.value = ""
    run()
    onChange()
  })
  const fill = (claims: unknown): void => {
    filling = true
    replaceText(editor, written(claims))
    filling = false
  }
  const root = element(
    "div",
    { class: "view" },
    element(
      "div",
      { class: "strip fields" },
      element("label", { for: "caller-flow" }, "Flow"),
      flows,
      element("label", { for: "caller-test" }, "Claims of"),
      tests,
    ),
    element(
      "div",
      { class: "scroll caller", tabindex: "0", role: "group", "aria-label": "A caller, and what happens to it" },
      element("h3", {}, "Claims of the caller’s token"),
      box,
      result,
    ),
  )
  const choose = (name: string): void => {
    flow = name
    run()
    onChange()
  }
  const take = (title: string): void => {
    const claims = program?.tests.find((each) => each.title.value === title)?.given.claims
    if (claims === undefined) return
    touched = true
    fill(claims)
    run()
    onChange()
  }
  const run = (): void => {
    const chosen = program?.flows.find(({ name }) => name.value === flow) ?? program?.flows[0]
    if (chosen === undefined) return
    const claims = parsed(editor.state.doc.toString())
    if (typeof claims === "string") result.replaceChildren(element("p", { class: "outcome refused" }, claims))
    else result.replaceChildren(...account(traceFlow(chosen, claimsCaller(claims, undefined), Date.now())))
  }
  return {
    title: "Try a caller",
    root,
    state: () => ({ flow, claims: touched ? editor.state.doc.toString() : undefined }),
    show: (_, next) => {
      program = next
      const names = next.flows.map(({ name }) => name.value)
      if (flow === undefined || !names.includes(flow)) flow = names[0]
      flows.replaceChildren(...names.map((name) => element("option", { value: name, selected: name === flow }, name)))
      const titled = next.tests.filter(({ given }) => given.claims !== undefined)
      const chosen = tests.value
      tests.replaceChildren(
        element("option", { value: "" }, "my own"),
        ...titled.map(({ title }) =>
          element("option", { value: title.value, selected: title.value === chosen }, title.value),
        ),
      )
      // As long as nobody has said other claims, those of the file's first test show what the flow is for.
      const [first] = titled
      if (!touched && first?.given.claims) {
        tests.value = first.title.value
        fill(first.given.claims)
      }
      run()
    },
  }
}
