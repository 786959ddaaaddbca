/**
 * What a checked value refers to. Checked values hold what they refer to itself, so it is found by looking for the same object,
 * whatever the stage and the field.
 *
 * @module
 */

/** Those of `known` that `value` holds, at any depth but not inside of `closed`, in the order they are met. */
export const mentions = <T extends object>(
  value: unknown,
  known: readonly T[],
  closed: readonly object[] = [],
): readonly T[] => {
  const looked = new Set<object>(closed)
  const met = new Set<T>()
  const look = (each: unknown): void => {
    if (typeof each !== "object" || each === null || looked.has(each)) return
    looked.add(each)
    const found = known.find((one) => one === each)
    if (found !== undefined) met.add(found)
    // A declaration is named, not held: what its own fields refer to is no matter of whoever names it.
    else if (!isDeclaration(each)) {
      for (const inner of each instanceof Map ? each.values() : Object.values(each)) look(inner)
    }
  }
  look(value)
  return [...met]
}

const isDeclaration = (value: object): boolean =>
  "kind" in value && "name" in value && "span" in value && "fields" in value
