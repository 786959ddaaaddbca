/**
 * Formatting: the one true style, as the smallest edit that brings it about.
 *
 * @module
 */
import { type Edit, format } from "../../compiler/index.ts"

/** `undefined` when the text cannot be parsed: then it is left as it is. */
export const formatting = ({
  uri,
  text,
}: {
  readonly uri: string
  readonly text: string
}): readonly Edit[] | undefined => {
  const formatted = format(text)
  if (formatted.problems.length > 0) return undefined
  const after = formatted.text
  if (after === text) return []
  const least = Math.min(text.length, after.length)
  let start = 0
  while (start < least && text[start] === after[start]) start++
  let behind = 0
  while (behind < least - start && text[text.length - 1 - behind] === after[after.length - 1 - behind]) behind++
  // Not between the two halves of a line end or of a character beyond the first plane.
  if (start > 0 && /[\r\ud800-\udbff]/.test(text[start - 1] ?? "")) start--
  if (behind > 0 && /[\n\udc00-\udfff]/.test(text[text.length - behind] ?? "")) behind--
  const span = { start, end: text.length - behind }
  return [{ uri, span, text: after.slice(start, after.length - behind) }]
}
