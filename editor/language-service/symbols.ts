/**
 * Symbols: the outline of a file, and items of all files by their name.
 *
 * @module
 */
import { written } from "../../compiler/check/evaluate.ts"
import type { Block, Field, Item, Span, Stage } from "../../grammar/ast.ts"
import { analysisOf, type Files, type Location } from "./files.ts"

export interface DocumentSymbol {
  readonly name: string
  readonly detail: string
  readonly kind:
    | "import"
    | "param"
    | "constant"
    | "environment"
    | "provider"
    | "server"
    | "callers"
    | "deployment"
    | "flow"
    | "stage"
    | "field"
    | "test"
  /** All of it, and the words that name it. */
  readonly span: Span
  readonly selection: Span
  readonly children: readonly DocumentSymbol[]
}

export const documentSymbols = (files: Files, uri: string): readonly DocumentSymbol[] =>
  (analysisOf(files, uri)?.file.items ?? []).flatMap(symbolOf)

const fieldsOf = (block: Block | undefined): readonly DocumentSymbol[] =>
  (block?.fields ?? []).filter(({ name }) => name.text !== "").map(fieldOf)

const fieldOf = ({ name, span }: Field): DocumentSymbol => ({
  name: name.text,
  detail: "",
  kind: "field",
  span,
  selection: name.span,
  children: [],
})

const stageOf = ({ verb, operand, span, body }: Stage): DocumentSymbol => ({
  name: operand.kind === "Reference" ? `${verb.text} ${written(operand)}` : verb.text,
  detail: "",
  kind: "stage",
  span,
  selection: { start: verb.span.start, end: operand.kind === "Reference" ? operand.span.end : verb.span.end },
  children: fieldsOf(body),
})

/** What has no name yet is no symbol: editors refuse those with an empty one. */
const symbolOf = (item: Item): readonly DocumentSymbol[] => {
  const { span } = item
  switch (item.kind) {
    case "Import":
      return item.path.text === ""
        ? []
        : [{ name: item.path.text, detail: "import", kind: "import", span, selection: item.path.span, children: [] }]
    case "Deployment":
      return item.engine.text === ""
        ? []
        : [
            {
              name: `deploy ${item.engine.text}`,
              detail: "",
              kind: "deployment",
              span,
              selection: item.engine.span,
              children: fieldsOf(item.body),
            },
          ]
    case "Test":
      return item.title.text === ""
        ? []
        : [{ name: item.title.text, detail: "test", kind: "test", span, selection: item.title.span, children: [] }]
    default:
  }
  if (item.name.text === "") return []
  const common = { name: item.name.text, span, selection: item.name.span }
  switch (item.kind) {
    case "Param":
      return [{ ...common, detail: item.type ? written(item.type) : "param", kind: "param", children: [] }]
    case "Constant":
      return [{ ...common, detail: "const", kind: "constant", children: [] }]
    case "Environment":
      return [{ ...common, detail: "env", kind: "environment", children: fieldsOf(item.body) }]
    case "Declaration": {
      const { text } = item.keyword
      const kind = text === "server" || text === "callers" ? text : "provider"
      return [{ ...common, detail: written(item.type), kind, children: fieldsOf(item.body) }]
    }
    case "Flow":
      return [
        {
          ...common,
          detail: "flow",
          kind: "flow",
          children: item.stages.filter(({ verb }) => verb.text !== "").map(stageOf),
        },
      ]
  }
}

export interface WorkspaceSymbol extends Location {
  readonly name: string
  readonly kind: DocumentSymbol["kind"]
}

/** At most that many are answered: nobody reads more, and editors ask again as more is typed. */
const MOST = 256

/** Items whose names have the letters of the query in their order; all for an empty one. */
export const workspaceSymbols = (files: Files, query: string): readonly WorkspaceSymbol[] => {
  const letters = query.toLowerCase()
  const found: WorkspaceSymbol[] = []
  for (const { uri } of files.workspace.files()) {
    for (const { name, kind, selection } of documentSymbols(files, uri)) {
      if (kind === "import" || !matches(name.toLowerCase(), letters)) continue
      found.push({ uri, name, kind, span: selection })
      if (found.length >= MOST) return found
    }
  }
  return found
}

const matches = (name: string, letters: string): boolean => {
  let at = 0
  for (const letter of letters) {
    const found = name.indexOf(letter, at)
    if (found < 0) return false
    at = found + 1
  }
  return true
}
