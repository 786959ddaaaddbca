/**
 * Durations as Go's time.ParseDuration reads them, which knows no days.
 *
 * @module
 */

const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const

/** `seconds` may have a fraction, down to milliseconds. */
export const goDuration = (seconds: number): string => {
  let left = Math.round(seconds * 1000)
  const parts: string[] = []
  for (const [unit, milliseconds] of UNITS) {
    const count = Math.floor(left / milliseconds)
    if (count > 0) parts.push(`${count}${unit}`)
    left -= count * milliseconds
  }
  return parts.join("") || "0s"
}
