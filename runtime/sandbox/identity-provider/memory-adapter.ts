/**
 * Where the stand-in identity provider keeps its sessions, codes and tokens: in memory, one store a provider.
 *
 * @module
 */
import type { Adapter, AdapterConstructor, AdapterPayload } from "oidc-provider"

interface Stored {
  readonly payload: AdapterPayload
  /** Epoch milliseconds; undefined: kept until it is destroyed. */
  readonly expiresAt: number | undefined
}

/** A class of adapters that share one store of their own. */
export const memoryAdapter = (): AdapterConstructor => {
  const store = new Map<string, Stored>()

  return class MemoryAdapter implements Adapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<undefined> {
      const expiresAt = Number.isFinite(expiresIn) && expiresIn > 0 ? Date.now() + expiresIn * 1000 : undefined
      store.set(this.#key(id), { payload, expiresAt })
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      const stored = store.get(this.#key(id))
      if (stored === undefined) return undefined
      if (stored.expiresAt !== undefined && stored.expiresAt <= Date.now()) {
        store.delete(this.#key(id))
        return undefined
      }
      return stored.payload
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#first((payload) => payload.uid === uid)
    }

    async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
      return this.#first((payload) => payload.userCode === userCode)
    }

    async consume(id: string): Promise<undefined> {
      const stored = store.get(this.#key(id))
      if (stored !== undefined) stored.payload.consumed = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<undefined> {
      store.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<undefined> {
      for (const [key, { payload }] of store) if (payload.grantId === grantId) store.delete(key)
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    #first(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
      for (const [key, { payload, expiresAt }] of store) {
        if (!key.startsWith(`${this.#model}:`) || (expiresAt !== undefined && expiresAt <= Date.now())) continue
        if (matches(payload)) return payload
      }
      return undefined
    }
  }
}
