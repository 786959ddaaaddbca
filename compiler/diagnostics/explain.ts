/**
 * What `authflow explain CODE` says, as data.
 *
 * @module
 */
import type { Severity } from "./diagnostic.ts"
import type { Entry, Example } from "./registry/entry.ts"
import { type Code, registry } from "./registry/index.ts"

export interface Explanation {
  readonly code: Code
  readonly severity: Severity
  readonly title: string
  readonly explanation: string
  readonly remedy: string
  readonly example: Example | undefined
}

const isCode = (text: string): text is Code => Object.hasOwn(registry, text)

/** `undefined` when there is no such code. Letter case does not matter. */
export const explain = (code: string): Explanation | undefined => {
  const known = code.trim().toUpperCase()
  if (!isCode(known)) return undefined
  const found: Omit<Entry<never>, "message"> = registry[known]
  const { severity, title, explanation, remedy, example } = found
  return { code: known, severity, title, explanation, remedy, example }
}
