/**
 * What a key-press costs: `npm run bench:lsp`.
 *
 * The built `authflow lsp --stdio` runs in a process of its own, over a folder of 100 files of some 1,000 lines that import one
 * more. A key-press is the time from sending the edit of one character to having the diagnostics of that version, on the client's
 * side of the pipe: the edit, the check, JSON both ways. It is held against the check of all files from their texts on, in this
 * process: what a server costs that starts over at each edit. Both are measured in turn, and of the rounds the median counts.
 * A completion and a hover that are asked for right behind an edit, as editors do, are shown beside it.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import {
  createProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node"
import { TextDocument } from "vscode-languageserver-textdocument"
import { checkWorkspace, createWorkspace } from "../compiler/index.ts"
import { fileOf, identity, median, regions } from "./flows.ts"

const FILES = 100
const ROUNDS = 7
const KEYS_A_ROUND = 12
const BOUND = 1 / 50

const folder = mkdtempSync(join(tmpdir(), "authflow-bench-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const nameOf = (file: number): string => join(folder, `flows-${file}.authflow`)
writeFileSync(join(folder, "identity.authflow"), identity)
for (let file = 0; file < FILES; file++) writeFileSync(nameOf(file), fileOf(file))

const launcher = fileURLToPath(new URL("../cli/launcher.js", import.meta.url))
const server = spawn(process.execPath, [launcher, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] })
const connection = createProtocolConnection(
  new StreamMessageReader(server.stdout),
  new StreamMessageWriter(server.stdin),
)
const awaited = new Map<string, () => void>()
const problems: string[] = []
connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, version, diagnostics }) => {
  // What is refused early would be measured wrongly.
  problems.push(...diagnostics.map(({ message }) => String(message)))
  awaited.get(`${uri} ${version}`)?.()
})
connection.listen()
await connection.sendRequest("initialize", {
  processId: process.pid,
  rootUri: null,
  workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "bench" }],
  capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
})
await connection.sendNotification("initialized", {})

const told = (uri: string, version: number): Promise<void> =>
  new Promise((resolve) => awaited.set(`${uri} ${version}`, resolve))

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

const open = async (path: string, text: string): Promise<TextDocument> => {
  const uri = pathToFileURL(path).href
  const opened = told(uri, 1)
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "authflow", version: 1, text },
  })
  await opened
  return TextDocument.create(uri, "authflow", 1, text)
}

/** Types one character behind `before`, or takes it away again, and takes the time until it is known what is wrong then. */
const press = async (document: TextDocument, before: string): Promise<number> => {
  const offset = document.getText().indexOf(before) + before.length
  const typed = document.getText()[offset] === "x" ? 1 : 0
  const range = { start: document.positionAt(offset), end: document.positionAt(offset + typed) }
  const change = { range, text: typed === 1 ? "" : "x" }
  const version = document.version + 1
  TextDocument.update(document, [change], version)
  const { uri } = document
  const known = told(uri, version)
  return timed(async () => {
    await connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [change],
    })
    await known
  })
}

/** Time to an answer at the end of `at`. */
const asked = (document: TextDocument, method: string, at: string): Promise<number> => {
  const position = document.positionAt(document.getText().lastIndexOf(at) + at.length)
  return timed(() => connection.sendRequest(method, { textDocument: { uri: document.uri }, position }))
}

/** Everything, from the texts on, as if nothing were known. */
const whole = (round: number): Promise<number> =>
  timed(async () => {
    const workspace = createWorkspace()
    const uris = ["identity.authflow", ...Array.from({ length: FILES }, (_, file) => `flows-${file}.authflow`)]
    workspace.open({ uri: "identity.authflow", text: identity })
    for (let file = 0; file < FILES; file++)
      workspace.open({ uri: `flows-${file}.authflow`, text: fileOf(file, regions[(file + round) % regions.length]) })
    const { diagnostics } = checkWorkspace(
      workspace,
      uris.map((uri) => [uri]),
    )
    if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message)
  })

const document = await open(nameOf(50), fileOf(50))
const shared = await open(join(folder, "identity.authflow"), identity)
await whole(0) // what runs first also compiles the code
for (let key = 0; key < 20; key++) await press(document, "team")

const times = {
  whole: [] as number[],
  key: [] as number[],
  shared: [] as number[],
  completion: [] as number[],
  hover: [] as number[],
}
for (let round = 1; round <= ROUNDS; round++) {
  times.whole.push(await whole(round))
  for (let key = 0; key < KEYS_A_ROUND; key++) {
    times.key.push(await press(document, "team"))
    void connection.sendRequest("textDocument/semanticTokens/full", { textDocument: { uri: document.uri } })
    times.hover.push(await asked(document, "textDocument/hover", "exchange aws"))
    times.completion.push(await asked(document, "textDocument/completion", "claims."))
  }
  times.shared.push(await press(shared, "https://idp"))
}

const shown = (name: string, values: readonly number[]): void => {
  const worst = Math.max(...values)
  console.log(`${name.padEnd(56)} ${median(values).toFixed(1).padStart(9)} ${worst.toFixed(1).padStart(9)}`)
}
const lines = document.lineCount
console.log(`${FILES} files of ${lines} lines, ${ROUNDS} rounds in turn, node ${process.versions.node}; milliseconds`)
console.log(`${"".padEnd(56)} ${"median".padStart(9)} ${"worst".padStart(9)}`)
shown("check of all files from their texts, in this process", times.whole)
shown("key-press to its diagnostics, over the wire", times.key)
shown("the same in the file that all others import", times.shared)
shown("hover right behind it, with semantic tokens to be made", times.hover)
shown("completion right behind it", times.completion)

await connection.sendRequest("shutdown")
await connection.sendNotification("exit")
if (problems.length > 0) throw new Error(`the workspace has problems: ${problems[0]}`)
const share = median(times.key) / median(times.whole)
const within = share <= BOUND
console.log(
  `key-press 1/${(1 / share).toFixed(0)} of the whole, bound 1/${1 / BOUND}: ${within ? "within the bound" : "OVER THE BOUND"}`,
)
// A ratio that is no number is no pass either.
if (!within) process.exitCode = 1
