/**
 * URIs of files. Editors write one file in several ways (`%3A` or `:`, `%20` or `%20`, upper or lower case hex); the compiler
 * compares them byte by byte. So all go by one form here, and each editor is answered in its own.
 *
 * @module
 */
import { fileURLToPath, pathToFileURL } from "node:url"

/** Scheme and authority, and then the path. */
const PARTS = /^([a-z][a-z0-9+.-]*:\/\/[^/]*)(\/.*)$/i

/** The form in which the compiler resolves imports: each part of the path as `encodeURIComponent` has it. */
export const canonical = (uri: string): string => {
  const [, start, path] = PARTS.exec(uri) ?? []
  if (start === undefined || path === undefined) return uri
  return (
    start +
    path
      .split("/")
      .map((part) => encodeURIComponent(decoded(part)))
      .join("/")
  )
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a lone `%`
  }
}

export const uriOf = (path: string): string => canonical(pathToFileURL(path).href)

/** `undefined` for what is no file of this machine. */
export const pathOf = (uri: string): string | undefined => {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : undefined
  } catch {
    return undefined
  }
}

/** Whether a file lies in a folder. */
export const isIn = (uri: string, folder: string): boolean => uri.startsWith(`${folder.replace(/\/$/, "")}/`)

/** The form in which each file was first named by the editor. */
export interface Spelling {
  readonly note: (uri: string) => string
  readonly spelled: (uri: string) => string
}

export const createSpelling = (): Spelling => {
  const known = new Map<string, string>()
  return {
    note: (uri) => {
      const form = canonical(uri)
      if (form !== uri) known.set(form, uri)
      return form
    },
    spelled: (uri) => known.get(uri) ?? uri,
  }
}
