/**
 * What the server answers to its commands, which comes as JSON that may be anything.
 *
 * @module
 */

/** Asks the server to run a command. Answers `undefined` when it did not, after saying why. */
export type Ask = (command: string, ...given: readonly string[]) => Promise<unknown>

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

/** A text in an answer; empty where there is none. */
export const textIn = (answer: unknown, name: string): string => {
  const value = field(answer, name)
  return typeof value === "string" ? value : ""
}

export const listIn = (answer: unknown, name: string): readonly unknown[] => {
  const value = field(answer, name)
  return Array.isArray(value) ? value : []
}

export const isTrueIn = (answer: unknown, name: string): boolean => field(answer, name) === true

export const numberIn = (answer: unknown, name: string): number | undefined => {
  const value = field(answer, name)
  return typeof value === "number" ? value : undefined
}

/** The object in an answer. */
export const partOf = (answer: unknown, name: string): unknown => field(answer, name)
