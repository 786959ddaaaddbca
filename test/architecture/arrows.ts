/**
 * The allowed imports, read from the block in docs/developers.md that people read, too.
 *
 * @module
 */
import type { Import } from "./source-files.ts"

/** What the files of one folder may import. */
export interface Rule {
  /** Ends in a slash. A file belongs to the longest folder that it lies in. */
  readonly folder: string
  /** `folder/`, `type:path`, `npm:package`, `node:` or `*`. */
  readonly allowed: readonly string[]
}

/** The lines of the fenced block with this info string. */
export const block = (markdown: string, name: string): readonly string[] => {
  const [, body] = markdown.match(new RegExp(`^\`\`\`${name}\n([\\s\\S]*?)^\`\`\``, "m")) ?? []
  if (body === undefined) throw new Error(`no \`\`\`${name} block`)
  return body.split("\n").filter((line) => line.trim() !== "")
}

/** Parses `folder/ -> folder/ npm:package …`. */
export const rules = (lines: readonly string[]): readonly Rule[] =>
  lines.map((line) => {
    const [folder, allowed] = line.split("->").map((part) => part.trim())
    if (folder === undefined || allowed === undefined || !folder.endsWith("/")) throw new Error(`not a rule: ${line}`)
    return { folder, allowed: allowed.split(/\s+/).filter((each) => each !== "") }
  })

const ruleOf = (path: string, known: readonly Rule[]): Rule | undefined =>
  known
    .filter(({ folder }) => path.startsWith(folder))
    .reduce<Rule | undefined>(
      (best, rule) => (best && best.folder.length > rule.folder.length ? best : rule),
      undefined,
    )

/** Is this import one of the allowed ones? */
export const isAllowed = ({ from, to, typeOnly }: Import, known: readonly Rule[]): boolean => {
  const rule = ruleOf(from, known)
  if (rule === undefined) return false
  if (rule.allowed.includes("*")) return true
  if (to.startsWith("npm:")) return rule.allowed.includes(to)
  if (to.startsWith("node:")) return rule.allowed.includes("node:")
  if (typeOnly && rule.allowed.includes(`type:${to}`)) return true
  const home = ruleOf(to, known)?.folder ?? to
  return home === rule.folder || rule.allowed.includes(home)
}
