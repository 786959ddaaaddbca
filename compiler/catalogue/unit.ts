/**
 * Durations and sizes as the language writes them.
 *
 * @module
 */

const DURATIONS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const

/** Seconds to `1h30m`. */
export const formatDuration = (seconds: number): string => {
  let rest = Math.round(seconds * 1000)
  if (rest === 0) return "0s"
  let text = ""
  for (const [unit, length] of DURATIONS) {
    const count = Math.floor(rest / length)
    if (count > 0) text += `${count}${unit}`
    rest -= count * length
  }
  return text
}

const SIZES = [
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
] as const

/** Bytes to `8MiB`, in the largest unit that leaves no rest. */
export const formatSize = (bytes: number): string => {
  const [unit, length] = SIZES.find(([, length]) => bytes !== 0 && bytes % length === 0) ?? ["B", 1]
  return `${bytes / length}${unit}`
}
