/**
 * Which file an import means.
 *
 * @module
 */

/** How a path can be none: `form`: not `./…` or `../…` with `/`; `outside`: it leads out of the workspace. */
export type PathProblem = "form" | "outside"

/** A scheme with its authority, or the slash that a path from the root begins with, or nothing. */
const START = /^(?:[a-z][a-z0-9+.-]+:\/\/[^/]*\/?|\/)?/i

const parts = (uri: string): { readonly start: string; readonly segments: readonly string[] } => {
  const start = START.exec(uri)?.[0] ?? ""
  return { start, segments: normal(uri.slice(start.length).split("/")) }
}

/** Without `.` and empty segments, and `..` only where nothing is left to leave. */
const normal = (segments: readonly string[]): readonly string[] => {
  const result: string[] = []
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue
    const last = result.at(-1)
    if (segment === ".." && last !== undefined && last !== "..") result.pop()
    else result.push(segment)
  }
  return result
}

/** The folder that holds all files that are named as this one is. */
export const outermostOf = (uri: string): string => parts(uri).start

/** The folder that the imports of a file stay in: the current one, or the file's own where that lies elsewhere. */
export const rootOf = (uri: string): string => {
  const { start, segments } = parts(uri)
  return start === "" && segments[0] !== ".." ? "" : start + segments.slice(0, -1).join("/")
}

/** The file that `path` means in the file `from`, named as `from` is. No import leads out of the folder `root`. */
export const resolvePath = (
  from: string,
  path: string,
  root: string,
): { readonly uri: string } | { readonly problem: PathProblem } => {
  if (!/^\.\.?\/[^\\\p{Cc}]*$/u.test(path) || path.endsWith("/")) return { problem: "form" }
  const { start, segments } = parts(from)
  const folder = parts(root)
  // What a URI does not take as it is, it takes by its code.
  const written = start.includes("://") ? path.split("/").map(encodeURIComponent) : path.split("/")
  const meant = normal([...segments.slice(0, -1), ...written])
  const inside =
    folder.start === start &&
    folder.segments.every((segment, index) => meant[index] === segment) &&
    meant[folder.segments.length] !== ".."
  return inside ? { uri: start + meant.join("/") } : { problem: "outside" }
}
