/**
 * Diagnostics, pushed for all files of the workspace, not only those that are open.
 *
 * What is typed is checked at once, and before anything else; the files that import it when nothing has been typed for a
 * moment, one at a time, so that a request never waits for more than one file. What was not begun when the text changes again
 * is not done twice: there is one entry a file in the queue, and it is looked at with the text it has then.
 *
 * @module
 */
import { DiagnosticSeverity, type Diagnostic as ProtocolDiagnostic } from "vscode-languageserver/node"
import { checkWorkspace, type Diagnostic } from "../../compiler/index.ts"
import { diagnosticsFrom, documentationOf, editorOptions } from "../language-service/index.ts"
import { locationOf, rangeOf, type Session } from "./session.ts"
import { isIn } from "./uri.ts"

/** Milliseconds without a change before files are looked at that nobody is typing in. */
const QUIET = 150

export interface Publisher {
  /** A file has another text. `typed`: in the editor. */
  readonly changed: (uri: string, typed: boolean) => void
  /** A file is gone. */
  readonly removed: (uri: string) => void
}

export const createPublisher = (session: Session): Publisher => {
  /** What was found when a file was checked, in it and in those it imports. */
  const found = new Map<string, readonly Diagnostic[]>()
  /** The files whose checks have found something in a file. */
  const finders = new Map<string, Set<string>>()
  const published = new Map<string, string>()
  const urgent = new Set<string>()
  const waiting = new Set<string>()
  let isComing = false
  let timer: NodeJS.Timeout | undefined

  const publish = (uri: string): void => {
    const all = [...(finders.get(uri) ?? [])].flatMap((finder) => found.get(finder) ?? [])
    const mine = new Map(all.filter((each) => each.uri === uri).map((each) => [identityOf(each), each]))
    const diagnostics = [...mine.values()]
      .toSorted((a, b) => a.span.start - b.span.start)
      .map((each) => toProtocol(session, each))
    const version = session.open.get(uri)?.version
    const said = JSON.stringify([version, diagnostics])
    if (
      published.get(uri) === said ||
      (published.get(uri) === undefined && diagnostics.length === 0 && version === undefined)
    )
      return
    published.set(uri, said)
    void session.connection.sendDiagnostics({
      uri: session.spelling.spelled(uri),
      diagnostics,
      ...(version !== undefined && { version }),
    })
  }

  /** Takes what a check has found for what is known, and tells of each file that it changes. */
  const take = (finder: string, diagnostics: readonly Diagnostic[]): void => {
    const touched = new Set([
      finder,
      ...(found.get(finder) ?? []).map(({ uri }) => uri),
      ...diagnostics.map(({ uri }) => uri),
    ])
    for (const { uri } of found.get(finder) ?? []) finders.get(uri)?.delete(finder)
    found.set(finder, diagnostics)
    for (const { uri } of diagnostics) finders.set(uri, (finders.get(uri) ?? new Set()).add(finder))
    for (const uri of touched) if (!uri.startsWith(TOGETHER)) publish(uri)
  }

  const check = (uri: string): void => {
    urgent.delete(uri)
    waiting.delete(uri)
    take(uri, session.files.workspace.source(uri) ? diagnosticsFrom(session.files, uri) : [])
  }

  const next = (): void => {
    isComing = false
    const [first] = urgent
    if (first !== undefined) check(first)
    if (urgent.size > 0) soon()
    else later()
  }

  const soon = (): void => {
    if (!isComing) setImmediate(next)
    isComing = true
  }

  const rest = (): void => {
    timer = undefined
    // What the editor has open is looked at first.
    const first = [...waiting].find((uri) => session.open.has(uri)) ?? [...waiting][0]
    if (urgent.size > 0) return
    if (first === undefined) {
      checkDeployments()
      return
    }
    check(first)
    timer = setTimeout(rest, 0)
  }

  const later = (): void => {
    clearTimeout(timer)
    timer = setTimeout(rest, QUIET)
  }

  /** Files that are deployed together, beside each other: what each does by itself is known already. */
  const checkDeployments = (): void => {
    const known = new Set(
      [...found].flatMap(([finder, all]) => (finder.startsWith(TOGETHER) ? [] : all.map(identityOf))),
    )
    for (const folder of session.client().deployments) {
      const uris = session.files.workspace.files().flatMap(({ uri }) => (isIn(uri, folder) ? [uri] : []))
      const { diagnostics } = checkWorkspace(session.files.workspace, [uris], (uri) => {
        const { missingParams: _, ...options } = editorOptions(session.files, uri)
        return options
      })
      take(
        `${TOGETHER}${folder}`,
        diagnostics.filter((each) => !known.has(identityOf(each))),
      )
    }
  }

  return {
    changed: (uri, typed) => {
      const importers = session.files.workspace.importers(uri)
      for (const each of importers) {
        waiting.add(each)
        // What was found in the file by way of those is about another text.
        found.set(
          each,
          (found.get(each) ?? []).filter((diagnostic) => diagnostic.uri !== uri),
        )
      }
      if (typed) {
        urgent.add(uri)
        soon()
      } else {
        waiting.add(uri)
        later()
      }
    },
    removed: (uri) => {
      waiting.add(uri)
      for (const each of session.files.workspace.importers(uri)) waiting.add(each)
      later()
    },
  }
}

/** What files are beside each other goes by the folder. */
const TOGETHER = "together "

const identityOf = ({ code, message, uri, span }: Diagnostic): string => JSON.stringify([code, message, uri, span])

export const toProtocol = (session: Session, diagnostic: Diagnostic): ProtocolDiagnostic => {
  const { code, severity, message, uri, span, notes, related, fix } = diagnostic
  const { docs } = session.client()
  return {
    range: rangeOf(session, uri, span),
    severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    ...(docs !== undefined && { codeDescription: { href: docs + documentationOf(code) } }),
    source: "authflow",
    message: [message, ...notes, ...(fix ? [`fix: ${fix.title}`] : [])].join("\n"),
    relatedInformation: related.map((each) => ({
      location: locationOf(session, each.uri, each.span),
      message: each.message,
    })),
    // Editors show what is not needed faded.
    ...(code === "AF0209" && { tags: [1 as const] }),
  }
}
