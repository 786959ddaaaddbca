/**
 * Snippets: each example as the beginning of a file of one's own. What a stage or a declaration needs is offered by completion,
 * which knows what is around it.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs"

interface Snippet {
  readonly prefix: string
  readonly description: string
  readonly body: readonly string[]
}

/** The text as a snippet that says just this, but for the defaults of parameters: those are places to fill in. */
const bodyOf = (text: string): readonly string[] => {
  let places = 0
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, head, value, rest] = /^(param .*= ")([^"$]*)(".*)$/.exec(line) ?? []
      const escaped = (part: string) => part.replaceAll(/[\\$}]/g, "\\$&")
      return head === undefined || value === undefined || rest === undefined
        ? escaped(line)
        : `${escaped(head)}\${${++places}:${escaped(value)}}${escaped(rest)}`
    })
}

export const snippets = (examples: URL): Readonly<Record<string, Snippet>> =>
  Object.fromEntries(
    readdirSync(examples)
      .filter((name) => name.endsWith(".authflow"))
      .sort()
      .map((file) => {
        const name = file.replace(/\.authflow$/, "")
        const text = readFileSync(new URL(file, examples), "utf8")
        const [comment = ""] = /^(?:\/\/.*\n)+\n*/.exec(text) ?? []
        const about = comment.replaceAll(/^\/\/ ?/gm, "").replaceAll(/\s+/g, " ")
        const description = /^.*?[.:](?= |$)/.exec(about)?.[0].replace(/:$/, ".") ?? about
        return [name, { prefix: name, description, body: bodyOf(text.slice(comment.length)) }]
      }),
  )
