/**
 * Values of parameters in a file of their own, JSON or YAML: a map of names and values. A module of its own, so that what needs
 * no such file does not load a YAML reader.
 *
 * @module
 */
import { isMap, isScalar, parseDocument } from "yaml"

/** Values by name, as the command line could say them; or what is wrong with the text. */
export const readParameterFile = (
  text: string,
): { readonly values: Readonly<Record<string, string>> } | { readonly problem: string } => {
  const document = parseDocument(text, { logLevel: "silent" })
  const [error] = document.errors
  if (error !== undefined) return { problem: error.message.split("\n")[0] ?? "" }
  const { contents } = document
  if (contents === null) return { values: {} }
  if (!isMap(contents)) return { problem: "it is not a map of names and values" }
  const values: [name: string, value: string][] = []
  for (const { key, value } of contents.items) {
    const name = isScalar(key) ? String(key.value) : ""
    if (!isScalar(value) || value.value === null || value.value === undefined)
      return { problem: `\`${name}\` has no value that a parameter can have: text, a number, true or false` }
    // A number is taken as it is written: an account number keeps its zeros.
    values.push([name, typeof value.value === "string" ? value.value : (value.source ?? String(value.value))])
  }
  return { values: Object.fromEntries(values) }
}
