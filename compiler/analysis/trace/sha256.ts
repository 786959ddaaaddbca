/**
 * SHA-256 (FIPS 180-4). Written out because what browsers and Node have in common only answers asynchronously.
 *
 * @module
 */

const primes = (count: number): readonly number[] => {
  const found: number[] = []
  for (let each = 2; found.length < count; each++) if (found.every((prime) => each % prime !== 0)) found.push(each)
  return found
}

/** The first 32 bits of the fraction of a root (sections 4.2.2 and 5.3.3). */
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0

const ROUNDS = primes(64).map((prime) => fraction(Math.cbrt(prime)))
const START = primes(8).map((prime) => fraction(Math.sqrt(prime)))

const rotated = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** Lower-case hexadecimal digest of the text's UTF-8. */
export const sha256 = (text: string): string => {
  const bytes = new TextEncoder().encode(text)
  const blocks = Math.ceil((bytes.length + 9) / 64)
  const padded = new DataView(new ArrayBuffer(blocks * 64))
  for (const [index, byte] of bytes.entries()) padded.setUint8(index, byte)
  padded.setUint8(bytes.length, 0x80)
  padded.setBigUint64(blocks * 64 - 8, BigInt(bytes.length) * 8n)
  const state = Int32Array.from(START)
  const words = new Int32Array(64)
  for (let block = 0; block < blocks; block++) compress(state, words, padded, block * 64)
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

const compress = (state: Int32Array, words: Int32Array, from: DataView, offset: number): void => {
  const word = (index: number): number => words[index] ?? 0
  for (let index = 0; index < 16; index++) words[index] = from.getInt32(offset + index * 4)
  for (let index = 16; index < 64; index++) {
    const [a, b] = [word(index - 15), word(index - 2)]
    const small = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3)
    const large = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10)
    words[index] = word(index - 16) + small + word(index - 7) + large
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (const [index, constant] of ROUNDS.entries()) {
    const choice = (e & f) ^ (~e & g)
    const first = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + constant + word(index)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  for (const [index, added] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) + added
}
