/**
 * Names of the language from Kubernetes names: `-` becomes `_`, as the target does it the other way round.
 *
 * @module
 */
import { keywords, reservedKeywords } from "../../../../grammar/index.ts"

/** Words that no declaration is called: those of the grammar, and those that mean something of their own where a name could stand. */
const WORDS: ReadonlySet<string> = new Set([
  ...keywords,
  ...reservedKeywords,
  ...["claims", "deny", "secret", "true", "false", "on", "off", "none", "env", "anonymous", "config_map"],
])

/** What a thing is, in a word that can be put behind its name. */
export type Sort = "flow" | "server" | "provider" | "callers" | "url"

export class SourceNames {
  readonly #taken = new Set<string>()

  /** A name nobody has yet; where the plain one is no name or is taken, the sort is put behind it, and then a number. */
  give(kubernetes: string, sort: Sort): string {
    const plain =
      kubernetes
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "_")
        .replaceAll(/^_+|_+$/g, "") || sort
    const word = /^[a-z]/.test(plain) ? plain : `${sort}_${plain}`
    const free = (name: string) => !this.#taken.has(name) && !WORDS.has(name)
    let name = free(word) ? word : `${word}_${sort}`
    for (let number = 2; !free(name); number++) name = `${word}_${sort}_${number}`
    this.#taken.add(name)
    return name
  }
}
