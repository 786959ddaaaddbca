/**
 * .authflow files on disk.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs"
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { pathOf, uriOf } from "./uri.ts"

export const EXTENSION = ".authflow"

/** Bytes. The compiler refuses longer files with a diagnostic; what is far longer is not read for it. */
const LIMIT = 4 * 1024 * 1024
/** Files of one workspace, so that a folder named by mistake, such as a whole home directory, does not go on for ever. */
const MOST = 10_000

/** All files in a folder and below, as far as they can be read. Passed over: `node_modules`, and names that begin with a dot. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const pending = [folder]
  let found = 0
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name)) pending.push(path)
      else if (entry.isFile() && entry.name.endsWith(EXTENSION)) {
        yield uriOf(path)
        if (++found >= MOST) return
      }
    }
  }
}

/** `undefined` for what cannot be read. What is not UTF-8 becomes U+FFFD, which the compiler refuses. */
export const read = async (uri: string): Promise<string | undefined> => {
  const path = pathOf(uri)
  if (path === undefined) return undefined
  try {
    const { size } = await stat(path)
    return size > LIMIT ? undefined : new TextDecoder().decode(await readFile(path))
  } catch {
    return undefined
  }
}

/** Reads files outside of the workspace when one imports them; each again only when it has changed. */
export const createReader = (): ((uri: string) => string | undefined) => {
  const known = new Map<string, { readonly stamp: string; readonly text: string }>()
  return (uri) => {
    const path = pathOf(uri)
    if (path === undefined || !path.endsWith(EXTENSION)) return undefined
    try {
      const { mtimeMs, size } = statSync(path)
      const stamp = `${mtimeMs} ${size}`
      const cached = known.get(uri)
      if (cached?.stamp === stamp) return cached.text
      if (size > LIMIT) return undefined
      const text = new TextDecoder().decode(readFileSync(path))
      known.set(uri, { stamp, text })
      return text
    } catch {
      return undefined // the compiler says where it was asked for
    }
  }
}
