/**
 * A request body that nobody can change: typed arrays cannot be frozen, so the bytes are kept private and only copies are
 * handed out. What was hashed for the signature is therefore what is sent.
 *
 * @module
 */
import { hash } from "node:crypto"

export class Payload {
  readonly #bytes: Uint8Array
  #sha256: string | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes)
    Object.freeze(this)
  }

  get length(): number {
    return this.#bytes.length
  }

  /** Lower-case hexadecimal SHA-256 of the bytes, computed once. */
  sha256(): string {
    this.#sha256 ??= hash("sha256", this.#bytes)
    return this.#sha256
  }

  /** A copy of the bytes. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }
}
