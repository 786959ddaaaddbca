/**
 * The examples of the repository, as they are.
 *
 * @module
 */

const texts = import.meta.glob<string>("../../examples/*.authflow", { query: "?raw", import: "default", eager: true })

export interface Example {
  readonly name: string
  /** Whom it is for, as its first comment says it. */
  readonly about: string
  readonly text: string
}

/** The first sentence of the comment that a file begins with. */
const aboutOf = (text: string): string => {
  const comment =
    /^(?:\/\/.*\n)+/
      .exec(text)?.[0]
      .replaceAll(/^\/\/ ?/gm, "")
      .replaceAll(/\s+/g, " ") ?? ""
  return /^.*?[.:](?= |$)/.exec(comment)?.[0].replace(/:$/, ".") ?? comment
}

export const examples: readonly Example[] = Object.entries(texts).map(([path, text]) => ({
  name: path.replace(/^.*\/(.*)\.authflow$/, "$1"),
  about: aboutOf(text),
  text,
}))

/** What the page begins with: the case that the language was made for. */
export const first: Example | undefined = examples.find(({ name }) => name === "thv-0050") ?? examples[0]

/** The text of a file that is imported from beside the one that is written. */
export const readExample = (uri: string): string | undefined => texts[`../../examples/${uri}`]
