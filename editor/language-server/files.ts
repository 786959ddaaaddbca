/**
 * The files of the workspace: open ones as the editor has them, others as they are on disk.
 *
 * @module
 */
import { DidChangeWatchedFilesNotification, FileChangeType } from "vscode-languageserver/node"
import { TextDocument } from "vscode-languageserver-textdocument"
import { EXTENSION, filesBelow, read } from "./disk.ts"
import type { Publisher } from "./publish.ts"
import type { Session } from "./session.ts"
import { canonical, isIn, pathOf } from "./uri.ts"

export const serveFiles = (
  session: Session,
  publisher: Publisher,
): { readonly scan: (folder: string) => Promise<void> } => {
  const { connection, files, spelling, open, folders } = session
  const { workspace } = files

  const opened = (uri: string): void => {
    const text = open.get(uri)?.getText()
    if (text === undefined) return
    workspace.change({ uri, text })
    publisher.changed(uri, true)
  }

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    const form = spelling.note(uri)
    open.set(form, TextDocument.create(uri, languageId, version, text))
    opened(form)
  })
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const form = spelling.note(uri)
    const document = open.get(form)
    if (document === undefined) return
    open.set(form, TextDocument.update(document, contentChanges, version))
    opened(form)
  })
  connection.onDidCloseTextDocument(async ({ textDocument }) => {
    const uri = spelling.note(textDocument.uri)
    open.delete(uri)
    await fromDisk(uri)
  })

  /** Takes the file as it is on disk; one that is not there, or in no folder of the workspace, is none of it. */
  const fromDisk = async (uri: string): Promise<void> => {
    const isOurs = [...folders].some((folder) => isIn(uri, folder))
    const text = isOurs ? await read(uri) : undefined
    // It may have been opened while it was read.
    if (open.has(uri)) return
    if (text === undefined) {
      workspace.close(uri)
      publisher.removed(uri)
    } else {
      workspace.change({ uri, text })
      publisher.changed(uri, false)
    }
  }

  connection.onDidChangeWatchedFiles(async ({ changes }) => {
    for (const { uri, type } of changes) {
      const form = spelling.note(uri)
      if (type === FileChangeType.Deleted && !form.endsWith(EXTENSION)) await inFolder(form)
      else if (form.endsWith(EXTENSION) && !open.has(form)) await fromDisk(form)
      // What imports a file asks for it by itself, where it lies outside of the workspace.
      else publisher.changed(form, false)
    }
  })

  /** A whole folder is gone. */
  const inFolder = async (folder: string): Promise<void> => {
    for (const { uri } of workspace.files()) if (isIn(uri, folder) && !open.has(uri)) await fromDisk(uri)
  }

  const scan = async (folder: string): Promise<void> => {
    const path = pathOf(folder)
    if (path === undefined) return
    for await (const uri of filesBelow(path)) {
      if (!open.has(uri)) await fromDisk(uri)
    }
  }

  const changeFolders = async (
    added: readonly { readonly uri: string }[],
    removed: readonly { readonly uri: string }[],
  ): Promise<void> => {
    for (const { uri } of removed) folders.delete(folderOf(uri))
    for (const { uri } of workspace.files()) if (!open.has(uri)) await fromDisk(uri)
    for (const { uri } of added) {
      folders.add(folderOf(uri))
      await scan(folderOf(uri))
    }
    // Imports stay in the folder of the workspace: where that is another one now, so may be what they mean.
    for (const uri of open.keys()) publisher.changed(uri, true)
  }

  connection.onInitialized(async () => {
    if (session.client().watches) {
      const watchers = [{ globPattern: `**/*${EXTENSION}` }]
      // Without it, files that are not open are as they were at the start.
      await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => undefined)
    }
    if (session.client().followsFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => void changeFolders(added, removed))
    for (const folder of folders) await scan(folder)
  })
  return { scan }
}

/** A folder as `Session.folders` has it. */
export const folderOf = (uri: string): string => canonical(uri).replace(/\/$/, "")
