/**
 * `workspace/executeCommand`: tests, drawings, what a file compiles to, explanations. Each answers with data; for editors that
 * show none of it themselves, the server shows it as well as the protocol lets it.
 *
 * @module
 */
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LSPErrorCodes, MessageType, ResponseError, ShowMessageNotification } from "vscode-languageserver/node"
import { renderTests } from "../../compiler/analysis/evaluation.ts"
import { type GraphFormat, graphOf, renderers } from "../../compiler/analysis/graph/index.ts"
import { type Artifact, explain, type Program, type TargetName } from "../../compiler/index.ts"
import { targets } from "../../compiler/targets/index.ts"
import { analysisOf, soundAnalysis, testResults } from "../language-service/index.ts"
import { toProtocol } from "./publish.ts"
import type { Session } from "./session.ts"
import { uriOf } from "./uri.ts"

/** `[uri, title?]`: runs one test of a file, or all. Answers `{ passed, text }`. */
export const runTest = "authflow.runTest"
/** `[uri, flow?, format?]`: draws a flow, or all, as `svg`, `mermaid` or `dot`. Answers `{ format, text }`. */
export const showGraph = "authflow.showGraph"
/** `[uri, target]`: compiles a file for `toolhive` or `plan`. Answers `{ artifacts, diagnostics }`. */
export const preview = "authflow.preview"
/** `[code]`: what a diagnostic means. Answers `{ title, explanation, remedy, … }`. */
export const explainCode = "authflow.explain"

export const commands = [runTest, showGraph, preview, explainCode]

const refused = (why: string) => new ResponseError(LSPErrorCodes.RequestFailed, why)

export const serveCommands = (session: Session): void => {
  const { connection } = session
  connection.onExecuteCommand(async ({ command, arguments: given = [] }) => {
    const [first, second, third] = given.map((each: unknown) => (typeof each === "string" ? each : undefined))
    if (first === undefined) return refused(`${command} takes a text first`)
    switch (command) {
      case runTest:
        return test(session, session.spelling.note(first), second)
      case showGraph:
        return graph(session, session.spelling.note(first), second, third)
      case preview:
        return compiled(session, session.spelling.note(first), second)
      case explainCode:
        return explain(first) ?? refused(`there is no code ${first}`)
      default:
        return refused(`there is no command ${command}`)
    }
  })
}

/** The program of a file, or in words why there is none. */
const programOf = (session: Session, uri: string): Program | string => {
  const analysis = soundAnalysis(session.files, uri)
  if (analysis === undefined) return `${uri} is not open`
  if (analysis.program) return analysis.program
  const error = analysis.diagnostics.find(({ severity }) => severity === "error")
  return error ? `the file has errors: ${error.message}` : "the file has no flows"
}

const test = (session: Session, uri: string, title: string | undefined) => {
  const program = programOf(session, uri)
  if (typeof program === "string") return refused(program)
  const results = testResults(session.files, uri, Date.now()).filter(
    ({ test }) => title === undefined || test.title.value === title,
  )
  if (results.length === 0)
    return refused(title === undefined ? "the file has no tests" : `there is no test "${title}"`)
  const passed = results.every((result) => result.passed)
  const sources = analysisOf(session.files, uri)?.sources ?? []
  const text = renderTests("text", results, sources, { color: false, width: 100 })
  if (!session.client().ownViews) {
    const message = passed ? `✓ ${title ?? `${results.length} tests`}` : text
    void session.connection.sendNotification(ShowMessageNotification.type, {
      type: passed ? MessageType.Info : MessageType.Error,
      message,
    })
  }
  return { passed, text }
}

const isFormat = (text: string): text is GraphFormat => Object.hasOwn(renderers, text)

const graph = async (session: Session, uri: string, flow: string | undefined, format = "svg") => {
  const program = programOf(session, uri)
  if (typeof program === "string") return refused(program)
  if (!isFormat(format)) return refused(`there is no format ${format}: ${Object.keys(renderers).join(", ")}`)
  const flows = graphOf(program, flow)
  if (flows.length === 0) return refused(`there is no flow ${flow}`)
  const text = renderers[format](flows)
  const { ownViews, showsDocuments } = session.client()
  if (!ownViews && showsDocuments) {
    const folder = await mkdtemp(join(tmpdir(), "authflow-graph-"))
    const path = join(folder, `${flow ?? "flows"}.${format === "mermaid" ? "mmd" : format}`)
    await writeFile(path, text)
    // An editor that cannot show it has the answer all the same.
    await session.connection.window
      .showDocument({ uri: uriOf(path), external: format === "svg" })
      .catch(() => undefined)
  }
  return { format, text }
}

const isTarget = (text: string | undefined): text is TargetName => text !== undefined && Object.hasOwn(targets, text)

const compiled = (session: Session, uri: string, target: string | undefined) => {
  if (!isTarget(target)) return refused(`the second argument is a target: ${Object.keys(targets).join(", ")}`)
  const analysis = soundAnalysis(session.files, uri)
  if (analysis === undefined) return refused(`${uri} is not open`)
  const none: readonly Artifact[] = []
  const lowered = analysis.program ? targets[target].lower(analysis.program) : { artifacts: none, diagnostics: [] }
  const diagnostics = [...analysis.diagnostics, ...lowered.diagnostics]
  return {
    artifacts: lowered.artifacts,
    diagnostics: diagnostics.map((each) => ({ uri: session.spelling.spelled(each.uri), ...toProtocol(session, each) })),
  }
}
