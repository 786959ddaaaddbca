/**
 * The source files of the house and what each one imports, read from the text: `import type` counts too, and so do dynamic
 * imports, which a bundler's report would leave out or hide.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export const read = (path: string): string => readFileSync(join(root, path), "utf8")

const folders = ["grammar", "compiler", "runtime", "cli", "editor", "docs", "bench", "test", ".ci"]

/** All TypeScript and JavaScript files, relative to the root, sorted. */
export const sourceFiles = (): readonly string[] =>
  folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name))),
    )
    .filter((path) => !path.includes("node_modules/"))
    .sort()

export interface Import {
  /** The file that imports. */
  readonly from: string
  /** A path relative to the root, `npm:<package>`, or `node:<module>`. */
  readonly to: string
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
}

// Line comments only where nothing but blanks stands before them: `"https://…"` is no comment.
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")

const STATIC = /(?:^|[;\n])\s*(import|export)\s+(type\s+)?(?:[\w$*\s{},]+?\s*from\s*)?["']([^"'\n]+)["']/g
const DYNAMIC = /\bimport\(\s*["']([^"'\n]+)["']\s*[,)]/g

const target = (from: string, specifier: string): string => {
  if (specifier.startsWith(".")) return relative(root, resolve(root, dirname(from), specifier))
  if (specifier.startsWith("node:")) return specifier
  return `npm:${specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")}`
}

/** What `text`, the content of the file `from`, imports. */
export const importsOf = (from: string, text: string): readonly Import[] => {
  const code = withoutComments(text)
  return [
    ...[...code.matchAll(STATIC)].map(([, , type, specifier]) => ({
      from,
      to: target(from, specifier ?? ""),
      typeOnly: type !== undefined,
    })),
    ...[...code.matchAll(DYNAMIC)].map(([, specifier]) => ({
      from,
      to: target(from, specifier ?? ""),
      typeOnly: false,
    })),
  ]
}
