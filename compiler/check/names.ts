/**
 * The names a file declares: one namespace for all, so that a reader never has to ask which `corp` is meant.
 *
 * @module
 */
import { closest, distance } from "fastest-levenshtein"
import type * as Ast from "../../grammar/ast.ts"
import type { Report } from "../diagnostics/report.ts"

/**
 * An item that others can name. A test has only a title, an environment is named on the command line, a deployment says
 * which engine it is for.
 */
export type NamedItem = Exclude<Ast.Item, Ast.Test | Ast.Import | Ast.Environment | Ast.Deployment>

export const isNamed = (item: Ast.Item): item is NamedItem =>
  item.kind !== "Test" && item.kind !== "Import" && item.kind !== "Environment" && item.kind !== "Deployment"

export type NameKind = "param" | "constant" | "provider" | "server" | "callers" | "flow"

export interface Named {
  readonly kind: NameKind
  /** The item that declares it, in this file or in the one it is imported from. */
  readonly node: NamedItem
  /** Where it is imported, when it is. */
  readonly imported: Ast.ImportedName | undefined
}

export type Names = ReadonlyMap<string, Named>

/** Words that mean something of their own where a name could stand. */
export const RESERVED = ["claims", "deny", "secret", "config_map", "anonymous", "true", "false", "on", "off", "none"]

const kindOf = (item: NamedItem): NameKind =>
  item.kind === "Param"
    ? "param"
    : item.kind === "Constant"
      ? "constant"
      : item.kind === "Flow"
        ? "flow"
        : item.keyword.text === "server" || item.keyword.text === "callers"
          ? item.keyword.text
          : "provider"

/**
 * Binds each name to the first item that declares it, here or else in an imported file; reports later ones, and names that
 * can't be.
 */
export const bind = (file: Ast.File, imported: readonly Named[], report: Report): Names => {
  const names = new Map<string, Named>()
  const taken = (name: Ast.Name): boolean => {
    const earlier = names.get(name.text)
    if (earlier === undefined) return false
    const what = earlier.imported ? "import" : earlier.kind
    const related = [{ span: placeOf(earlier), message: `this ${what} has the name already` }]
    report("AF0202", name.span, { name: name.text }, { related })
    return true
  }
  for (const item of file.items.filter(isNamed)) {
    const { text, span } = item.name
    if (text === "" || taken(item.name)) continue
    if (RESERVED.includes(text)) report("AF0211", span, { name: text, reason: "it means something of its own" })
    else if (/^[A-Za-z_]\w*$/.test(text) && !/^[a-z][a-z0-9_]*$/.test(text)) {
      const reason = "names are lower case: a letter, then letters, digits and `_`"
      report("AF0211", span, { name: text, reason })
    }
    names.set(text, { kind: kindOf(item), node: item, imported: undefined })
  }
  // What the file declares itself is what it means by a name.
  for (const each of imported) {
    const name = each.imported?.alias ?? each.imported?.name
    if (name !== undefined && !taken(name)) names.set(name.text, each)
  }
  return names
}

/** Where the file says the name. */
export const placeOf = ({ node, imported }: Named): Ast.Span => (imported?.alias ?? imported?.name ?? node.name).span

/** The nearest of the candidates, or `undefined` when none is near enough to be what was meant. */
export const nearest = <T extends string>(written: string, candidates: readonly T[]): T | undefined => {
  if (written === "" || candidates.length === 0) return undefined
  const lower = written.slice(0, 100).toLowerCase()
  const lowered = candidates.map((candidate) => candidate.toLowerCase())
  const best = closest(lower, lowered)
  const near = distance(lower, best) <= Math.ceil(best.length / 3)
  return near ? candidates[lowered.indexOf(best)] : undefined
}
