/** What numbers and escapes mean, and how strings are written. */

/** `text` as an integer, duration or size, or why it is none. */
export type NumberReading =
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "duration"; readonly seconds: number }
  | { readonly kind: "size"; readonly bytes: number }
  | { readonly kind: "out-of-range" }
  | {
      readonly kind: "bad"
      readonly reason: "fraction" | "unknown-unit" | "units-out-of-order" | "malformed"
      readonly unit: string | undefined
    }

/** In milliseconds. Longest first: that is also the order they stand in, in `1d12h30m`. */
const durationUnits: ReadonlyMap<string, number> = new Map([
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
])

/** In bytes: powers of 1000 (SI) and of 1024 (IEC 80000-13). */
const sizeUnits: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
])

/** All units a number can have. */
export const units: readonly string[] = [...durationUnits.keys(), ...sizeUnits.keys()]

const bad = (
  reason: "fraction" | "unknown-unit" | "units-out-of-order" | "malformed",
  unit?: string,
): NumberReading => ({
  kind: "bad",
  reason,
  unit,
})

/** Reads what `NumberLike` matched. */
export const readNumber = (text: string): NumberReading => {
  if (/^-?\d+$/.test(text)) {
    const value = Number(text)
    if (!Number.isSafeInteger(value)) return { kind: "out-of-range" }
    return { kind: "integer", value: value === 0 ? 0 : value }
  }
  if (/^-?\d+(?:\.\d+)+[A-Za-z]*$/.test(text)) return bad("fraction")
  if (!/^(?:\d+[A-Za-z]+)+$/.test(text)) return bad("malformed")
  let milliseconds = 0
  let smallest = Number.POSITIVE_INFINITY
  for (const [, digits = "", unit = ""] of text.matchAll(/(\d+)([A-Za-z]+)/g)) {
    const bytes = sizeUnits.get(unit)
    if (bytes !== undefined) {
      if (`${digits}${unit}` !== text) return bad("malformed")
      const value = Number(digits) * bytes
      return Number.isSafeInteger(value) ? { kind: "size", bytes: value } : { kind: "out-of-range" }
    }
    const scale = durationUnits.get(unit)
    if (scale === undefined) return bad("unknown-unit", unit)
    if (scale >= smallest) return bad("units-out-of-order", unit)
    smallest = scale
    milliseconds += Number(digits) * scale
  }
  return Number.isSafeInteger(milliseconds)
    ? { kind: "duration", seconds: milliseconds / 1000 }
    : { kind: "out-of-range" }
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['\\"', '"'],
  ["\\\\", "\\"],
  ["\\n", "\n"],
  ["\\t", "\t"],
  ["\\r", "\r"],
  ["\\$", "$"],
])

/** The character an `Escape` token stands for; undefined when it stands for none. */
export const readEscape = (written: string): string | undefined => {
  const simple = simpleEscapes.get(written)
  if (simple !== undefined) return simple
  const hex = /^\\u\{([0-9A-Fa-f]{1,6})\}$/.exec(written)?.[1]
  if (hex === undefined) return undefined
  const codePoint = Number.parseInt(hex, 16)
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  return codePoint > 0x10ffff || surrogate ? undefined : String.fromCodePoint(codePoint)
}

/** The value of `HoleIndex`: `["cognito:groups"]`. */
export const readIndex = (index: string): string => {
  const quoted = index.slice(index.indexOf('"') + 1, index.lastIndexOf('"'))
  return quoted.replace(/\\u\{[^}]*\}|\\./g, (written) => readEscape(written) ?? written)
}

/**
 * Characters that can make a file read otherwise than it is: controls, and those that reorder text (Unicode TR36, "Trojan
 * Source", CVE-2021-42574). They are written as escapes.
 */
export const hiddenCharacter = /(?![\t\n\r])\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\ufeff\ufffd]/u

const hidden = new RegExp(hiddenCharacter.source, "gu")

/** `value` as it stands between quotes. */
export const writeText = (value: string): string =>
  value
    .replace(/["\\]|\$(?=\{)/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r")
    .replace(hidden, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
