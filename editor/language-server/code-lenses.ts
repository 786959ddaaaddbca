/** `textDocument/codeLens` */
import { codeLenses } from "../language-service/index.ts"
import { runTest, showGraph } from "./commands.ts"
import { fileOf, rangeOf, type Session } from "./session.ts"

export const serveCodeLenses = (session: Session): void => {
  session.connection.onCodeLens((params) => {
    const uri = fileOf(session, params)
    return codeLenses(session.files, uri, Date.now()).map((lens) => ({
      range: rangeOf(session, uri, lens.span),
      command:
        lens.does === "runTest"
          ? { title: lens.title, command: runTest, arguments: [params.textDocument.uri, lens.test] }
          : { title: lens.title, command: showGraph, arguments: [params.textDocument.uri, lens.flow] },
    }))
  })
}
