/**
 * Where an encrypted store (sealed.ts) keeps its records: opaque bytes under opaque names, with the operations that have to be
 * atomic. What a place outside the process implements.
 *
 * Names are all there is to read here: of kinds, and digests of everything else.
 *
 * @module
 */

export interface Cell {
  readonly sealed: Uint8Array
  /** Given with each write, different each time; `consume` changes it too. */
  readonly version: string
  /** Epoch seconds. Beside the sealed bytes, because it is set without opening them. */
  readonly consumed?: number | undefined
}

export interface CellOptions {
  readonly ttl: number | undefined
  readonly group: string | undefined
}

/** As Store has them, and rejecting as Store does. Every id, group and lease name is a digest of at most 43 characters. */
export interface Vault {
  readonly read: (kind: string, id: string) => Promise<Cell | undefined>
  readonly put: (kind: string, id: string, cell: Cell, options: CellOptions) => Promise<void>
  readonly create: (kind: string, id: string, cell: Cell, options: CellOptions) => Promise<boolean>
  readonly replace: (kind: string, id: string, version: string, cell: Cell, options: CellOptions) => Promise<boolean>
  readonly remove: (kind: string, id: string) => Promise<void>
  readonly take: (kind: string, id: string) => Promise<Cell | undefined>
  readonly consume: (kind: string, id: string, at: number) => Promise<boolean>
  readonly removeGroup: (kind: string, group: string) => Promise<void>
  readonly lease: (name: string, owner: string, seconds: number) => Promise<boolean>
  readonly release: (name: string, owner: string) => Promise<void>
}
