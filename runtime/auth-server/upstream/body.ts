/**
 * An answer's body, up to a bound.
 *
 * @module
 */

/** `max`: bytes. Undefined when there is more. */
export const textWithin = async (response: Response, max: number): Promise<string | undefined> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > max) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}
