/**
 * The playground: a source on one side, what comes of it on the other. Everything happens in this page.
 *
 * @module
 */
import type { EditorView } from "@codemirror/view"
import { formatSource, type Program, type TargetName } from "../../compiler/index.ts"
import { assistance } from "./code/assistance.ts"
import { replaceText, sourceEditor } from "./code/editor.ts"
import { fixHere, type Problem, showProblems } from "./code/problems.ts"
import { type Compiled, compile, lower, URI } from "./compiled.ts"
import { divider } from "./divider.ts"
import { announce, byId, element } from "./element.ts"
import { first } from "./examples.ts"
import { fromFragment, type Shared, type Tab, tabs, toFragment } from "./share.ts"
import { followTheme, theme } from "./theme.ts"
import { tools } from "./tools.ts"
import { type CallerState, callerView } from "./views/caller.ts"
import { graphView } from "./views/graph.ts"
import { outputView } from "./views/output.ts"
import { problemList, summary } from "./views/problems.ts"
import { tabList } from "./views/tabs.ts"
import { testsView } from "./views/tests.ts"
import type { View } from "./views/view.ts"

/** Milliseconds without a key press before the file is compiled. */
const PAUSE = 120

/** The target that a tab is about: what it refuses is shown in the source while that tab is open. */
const targetOf: Partial<Record<Tab, TargetName>> = { yaml: "toolhive", plan: "plan" }

const start = (shared: Shared | undefined): { readonly load: (shared: Shared) => void } => {
  let env = shared?.env
  let tab: Tab = shared?.tab ?? "yaml"
  let compiled: Compiled
  let sound: { readonly compiled: Compiled; readonly program: Program } | undefined
  let problems: readonly Problem[] = []
  let pending: ReturnType<typeof setTimeout> | undefined

  const soon = (): void => {
    clearTimeout(pending)
    pending = setTimeout(update, PAUSE)
  }

  const share = async (): Promise<void> => {
    const { flow, claims } = caller.state()
    const fragment = await toFragment({
      text: editor.state.doc.toString(),
      tab,
      ...(compiled.env !== undefined && { env: compiled.env }),
      ...(flow !== undefined && { flow }),
      ...(claims !== undefined && { claims }),
    })
    history.replaceState(undefined, "", fragment)
    const copied = await navigator.clipboard.writeText(location.href).then(
      () => true,
      () => false,
    )
    toast(copied ? "Link copied" : "The address of this page is the link")
  }

  const format = (): void => {
    const { text } = formatSource({ uri: URI, text: editor.state.doc.toString() })
    if (text === undefined) toast("A file with mistakes in its syntax is not formatted")
    else {
      replaceText(editor, text)
      announce("Formatted")
    }
  }

  const notice = element("p", { class: "notice", role: "status", hidden: true })
  const begin: CallerState = { flow: shared?.flow, claims: shared?.claims }
  const caller = callerView(begin, () => undefined)
  const views: Readonly<Record<Tab, View>> = {
    yaml: outputView("toolhive", {
      title: "YAML",
      language: "yaml",
      label: "Kubernetes resources, as YAML",
      refused: "ToolHive cannot run this file",
    }),
    plan: outputView("plan", {
      title: "Plan",
      language: "json",
      label: "Plan of the runtime, as JSON",
      refused: "authflow’s own runtime cannot run this file",
    }),
    graph: graphView(() => theme() === "dark"),
    caller,
    tests: testsView(),
  }
  const list = tabList(
    "What comes of the file",
    tabs.map((name) => ({ name, title: views[name].title, panel: views[name].root })),
    (name) => {
      tab = name
      show()
    },
  )
  byId("result").append(list.root, notice, ...tabs.map((name) => views[name].root))

  const bar = tools({
    load: ({ name, text }) => {
      replaceText(editor, text)
      editor.dispatch({ selection: { anchor: 0 }, scrollIntoView: true })
      editor.focus()
      announce(`Example ${name}`)
    },
    choose: (name) => {
      env = name
      update()
    },
    format,
    share: () => void share(),
    themed: () => show(),
  })
  byId("tools").append(...bar.root)

  const command = (act: () => void) => () => {
    act()
    return true
  }
  const editor: EditorView = sourceEditor(
    byId("code"),
    shared?.text ?? first?.text ?? "",
    soon,
    { fix: fixHere(() => problems), format: command(format), share: command(() => void share()) },
    assistance(),
  )
  const showList = problemList(byId("problems"), () => editor)

  /** Shows what is known of the file; what needs a sound one shows the last that was. */
  const show = (): void => {
    if (compiled === undefined) return
    const target = targetOf[tab]
    const refused = target && compiled.program ? lower(compiled.program, target).diagnostics : []
    problems = [
      ...compiled.diagnostics.map((diagnostic): Problem => ({ diagnostic })),
      ...refused.map((diagnostic): Problem => ({ diagnostic, ...(target && { target }) })),
    ].filter(({ diagnostic }) => diagnostic.uri === URI)
    showProblems(editor, problems)
    showList(problems, compiled)
    bar.environments(compiled.environments, compiled.env)
    if (sound) views[tab].show(sound.compiled, sound.program)
    const stale = compiled.program === undefined
    byId("result").classList.toggle("stale", stale)
    notice.hidden = !stale
    const known = summary(compiled.diagnostics.map((diagnostic) => ({ diagnostic })))
    const why = known === "" ? "The file has no flow" : `The file has ${known}`
    const text = sound ? `${why}. This is what it came to before.` : `${why}.`
    if (stale && notice.textContent !== text) notice.textContent = text
  }

  const update = (): void => {
    compiled = compile(editor.state.doc.toString(), env)
    if (compiled.program) sound = { compiled, program: compiled.program }
    show()
  }

  followTheme(show)
  divider()
  update()
  list.open(tab)

  return {
    load: (next) => {
      env = next.env
      replaceText(editor, next.text)
      update()
      list.open(next.tab)
    },
  }
}

/** Says something to everybody, for a while. */
const toast = (text: string): void => {
  announce(text)
  const shown = element("div", { class: "toast", "aria-hidden": "true" }, text)
  document.body.append(shown)
  setTimeout(() => shown.remove(), 2400)
}

const page = start(await fromFragment(location.hash))
addEventListener("hashchange", () => {
  void fromFragment(location.hash).then((shared) => shared && page.load(shared))
})
