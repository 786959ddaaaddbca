/**
 * VS Code's classes of values, as its documentation has them: places, addresses, events.
 *
 * @module
 */
import { pathToFileURL } from "node:url"

export type Listener<T> = (event: T) => unknown

export class Disposable {
  readonly #end: () => unknown
  constructor(end: () => unknown) {
    this.#end = end
  }
  static from(...all: readonly { dispose: () => unknown }[]) {
    return new Disposable(() => {
      for (const each of all) each.dispose()
    })
  }
  dispose() {
    return this.#end()
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>()
  readonly event = (listener: Listener<T>, self?: unknown, kept?: { dispose: () => unknown }[]) => {
    const bound = self === undefined ? listener : listener.bind(self)
    this.#listeners.add(bound)
    const disposable = new Disposable(() => this.#listeners.delete(bound))
    kept?.push(disposable)
    return disposable
  }
  fire(event: T) {
    for (const listener of this.#listeners) listener(event)
  }
  dispose() {
    this.#listeners.clear()
  }
}

export class Uri {
  readonly scheme: string
  readonly authority = ""
  readonly path: string
  readonly query: string
  readonly fragment: string
  constructor(parts: { scheme: string; path?: string; query?: string; fragment?: string }) {
    this.scheme = parts.scheme
    this.path = parts.path ?? ""
    this.query = parts.query ?? ""
    this.fragment = parts.fragment ?? ""
  }
  static from(parts: { scheme: string; path?: string; query?: string; fragment?: string }) {
    return new Uri(parts)
  }
  static file(path: string) {
    return new Uri({ scheme: "file", path })
  }
  static parse(text: string) {
    const [, scheme = "", path = "", query, fragment] =
      /^([^:]+):(?:\/\/)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text) ?? []
    return new Uri({
      scheme,
      path: decodeURIComponent(path),
      query: decodeURIComponent(query ?? ""),
      fragment: decodeURIComponent(fragment ?? ""),
    })
  }
  get fsPath() {
    return this.path
  }
  toString() {
    if (this.scheme === "file") return pathToFileURL(this.path).href
    const tail = (sign: string, part: string) => (part === "" ? "" : sign + encodeURIComponent(part))
    return `${this.scheme}:${encodeURI(this.path)}${tail("?", this.query)}${tail("#", this.fragment)}`
  }
}

export class Position {
  readonly line: number
  readonly character: number
  constructor(line: number, character: number) {
    this.line = line
    this.character = character
  }
}

export class Range {
  readonly start: Position
  readonly end: Position
  constructor(a: Position | number, b: Position | number, c?: number, d?: number) {
    this.start = typeof a === "number" ? new Position(a, Number(b)) : a
    this.end = typeof b === "number" ? new Position(c ?? 0, d ?? 0) : b
  }
}

export class Diagnostic {
  code: unknown
  source: unknown
  relatedInformation: unknown
  tags: unknown
  readonly range: Range
  readonly message: string
  readonly severity: number
  constructor(range: Range, message: string, severity = 0) {
    this.range = range
    this.message = message
    this.severity = severity
  }
}

export class CancellationTokenSource {
  readonly #emitter = new EventEmitter<void>()
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event }
  cancel() {
    this.token.isCancellationRequested = true
    this.#emitter.fire()
  }
  dispose() {}
}

export interface Filter {
  readonly language?: string
  readonly scheme?: string
}
export type Selector = string | Filter | readonly (string | Filter)[]

/** What VS Code's classes of data are to the client: something to make and to fill. */
export class Data {
  constructor(...given: readonly unknown[]) {
    Object.assign(this, { given })
  }
}
