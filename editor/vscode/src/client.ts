/**
 * The client of the language server.
 *
 * @module
 */
import { type ExtensionContext, Uri, workspace } from "vscode"
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from "vscode-languageclient/node"

/** The server that the settings name, or the one that comes along. */
const serverOf = (context: ExtensionContext): ServerOptions => {
  const path = workspace.getConfiguration("authflow").get<string>("server.path", "")
  return path === ""
    ? { module: context.asAbsolutePath("server.js"), transport: TransportKind.stdio }
    : { command: path, args: ["lsp", "--stdio"] }
}

export const createClient = (
  context: ExtensionContext,
  answered: (command: string, given: readonly unknown[], answer: unknown) => void,
): LanguageClient => {
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "authflow" }],
    initializationOptions: {
      // What the server's commands answer is shown by this extension.
      views: "client",
      docs: Uri.file(context.asAbsolutePath("docs")).toString(),
      deployments: workspace.getConfiguration("authflow").get<readonly string[]>("deployments", []),
    },
    middleware: {
      executeCommand: async (command, given, next) => {
        const answer: unknown = await next(command, given)
        answered(command, given, answer)
        return answer
      },
    },
  }
  return new LanguageClient("authflow", "authflow", serverOf(context), options)
}
