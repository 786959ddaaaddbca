/**
 * Records in one file on this machine's disk, which a restart and a crash survive.
 *
 * SQLite as Node brings it along (node:sqlite): nothing to install or compile, and the same calls as better-sqlite3, which would
 * be a native module for every platform.
 *
 * An operation is answered when it is on the disk: write-ahead log with `synchronous = FULL`, so that neither the process nor
 * the machine can lose by a crash what somebody was told. Operations that come in at the same time share one transaction, and so
 * one wait for the disk; it holds for all of them or for none.
 *
 * The file is this process's alone as long as it runs (an exclusive lock, which the system takes back however the process ends).
 *
 * @module
 */
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync, StatementSync } from "node:sqlite"
import { Effect } from "effect"
import { StateUnusable } from "../start-failure.ts"
import { StoreUnavailable } from "../store.ts"
import type { Cell, CellOptions, Vault } from "./vault.ts"

export interface SqliteOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** The file grows to that many bytes at most; what does not fit is refused like a full disk. */
  readonly maxBytes?: number
}

/** Bytes. Strangers can make a server remember things: they must not fill the disk that the rest of the machine lives on. */
const MAX_BYTES = 4 * 1024 ** 3
/** Bytes that the log may keep on disk once its content is in the file. */
const LOG_BYTES = 64 * 1024 ** 2
/** "afst", so that `file` and SQLite's tools tell it from any other database. */
const APPLICATION = 0x61667374
const SCHEMA_VERSION = 1
/** Milliseconds that the process before us is given to end. */
const PATIENCE = 2000
/** Between two sweeps of what is over. */
const SWEEP = "30 seconds"
/** Records that one sweep removes at most, so that none takes long. */
const SWEPT = 5000

const SCHEMA = `
  CREATE TABLE record (
    kind TEXT NOT NULL, id TEXT NOT NULL,
    sealed BLOB NOT NULL, version TEXT NOT NULL, consumed INTEGER,
    expires INTEGER, family TEXT,
    PRIMARY KEY (kind, id)
  ) STRICT;
  CREATE INDEX record_family ON record (kind, family) WHERE family IS NOT NULL;
  CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
  CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, expires INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${SCHEMA_VERSION};
`

/** Opens the file, or makes it, for as long as the scope is open. Fails with StateUnusable. */
export const sqliteFile = Effect.fn("Storage.sqliteFile")(function* (file: string, options: SqliteOptions = {}) {
  const now = options.now ?? Date.now
  const database = yield* Effect.acquireRelease(
    Effect.try({
      try: () => openDatabase(file, options.maxBytes ?? MAX_BYTES),
      catch: (cause) => new StateUnusable({ place: file, detail: explain(cause) }),
    }),
    (opened) => Effect.sync(() => opened.close()),
  )
  const statements = prepare(database)
  const write = batches(database)
  // What is over is not found anyway; this only gives its room back.
  const sweep = Effect.promise(() =>
    write(() => {
      statements.sweepRecords.run(now(), SWEPT)
      statements.sweepLeases.run(now())
    }).catch(() => undefined),
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(sweep, Effect.sleep(SWEEP))))
  return makeVault(statements, write, now)
})

/** Node 22 says that its SQLite is experimental, once, when it is loaded. We know; everything else it has to say is said. */
const sqlite = () => {
  const { emitWarning } = process
  const quiet: typeof process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    const text = typeof warning === "string" ? warning : warning.message
    if (!text.startsWith("SQLite is an experimental feature")) emitWarning.call(process, warning, ...rest)
  }
  process.emitWarning = quiet
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
}

const openDatabase = (file: string, maxBytes: number): DatabaseSync => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Made by us and not by SQLite, so that it is nobody else's to read at no time. The log gets the mode of the file.
  closeSync(openSync(file, "a", 0o600))
  chmodSync(file, 0o600)
  const database = new (sqlite().DatabaseSync)(file, { timeout: PATIENCE })
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`)
    // Takes the lock, which is kept from now on.
    database.exec("BEGIN IMMEDIATE; COMMIT")
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    if (pragma("user_version") === 0 && pragma("schema_version") === 0) database.exec(`BEGIN; ${SCHEMA}; COMMIT`)
    if (pragma("application_id") !== APPLICATION) throw new Unusable("it is a database of something else")
    if (pragma("user_version") !== SCHEMA_VERSION) {
      throw new Unusable("another version of authflow has written it; keep to that one, or give another directory")
    }
    if (pragma("quick_check(1)") !== "ok") throw Object.assign(new Error("damaged"), { errcode: CORRUPT })
    database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / Number(pragma("page_size")))}`)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

class Unusable extends Error {}

/** Result codes of SQLite; the low byte, without what an extended code adds. */
const BUSY = 5
const CORRUPT = 11
const NOT_A_DATABASE = 26

const resultCode = (cause: unknown): number | undefined =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined

const explain = (cause: unknown): string => {
  if (cause instanceof Unusable) return cause.message
  switch (resultCode(cause)) {
    case BUSY:
      return "another authflow uses it; end that one, or give this one a directory of its own"
    case CORRUPT:
    case NOT_A_DATABASE:
      return "it is damaged; put a copy back, or move it away to start with nothing, which logs everybody out"
    default:
      return cause instanceof Error ? cause.message : "it cannot be opened"
  }
}

const prepare = (database: DatabaseSync) => {
  const address = "kind = :kind AND id = :id"
  const live = `${address} AND (expires IS NULL OR expires > :now)`
  const columns = "(kind, id, sealed, version, consumed, expires, family)"
  const values = "(:kind, :id, :sealed, :version, :consumed, :expires, :family)"
  const update = "sealed = :sealed, version = :version, consumed = :consumed, expires = :expires, family = :family"
  const cell = "sealed, version, consumed"
  const prepared = (text: string) => {
    const statement = database.prepare(text)
    // The same parameters for all; not every statement has a use for each.
    statement.setAllowUnknownNamedParameters(true)
    return statement
  }
  return {
    read: prepared(`SELECT ${cell} FROM record WHERE ${live}`),
    put: prepared(`INSERT INTO record ${columns} VALUES ${values} ON CONFLICT DO UPDATE SET ${update}`),
    create: prepared(
      `INSERT INTO record ${columns} VALUES ${values} ON CONFLICT DO UPDATE SET ${update} WHERE expires <= :now`,
    ),
    replace: prepared(`UPDATE record SET ${update} WHERE ${live} AND version = :before`),
    remove: prepared(`DELETE FROM record WHERE ${address}`),
    take: prepared(`DELETE FROM record WHERE ${live} RETURNING ${cell}`),
    consume: prepared(`UPDATE record SET consumed = :at, version = version || '.' WHERE ${live} AND consumed IS NULL`),
    removeGroup: prepared("DELETE FROM record WHERE kind = :kind AND family = :family"),
    lease: prepared(
      `INSERT INTO lease VALUES (:name, :owner, :expires)
       ON CONFLICT DO UPDATE SET owner = :owner, expires = :expires WHERE owner = :owner OR expires <= :now`,
    ),
    release: prepared("DELETE FROM lease WHERE name = :name AND owner = :owner"),
    sweepRecords: database.prepare(
      "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE expires <= ? LIMIT ?)",
    ),
    sweepLeases: database.prepare("DELETE FROM lease WHERE expires <= ?"),
  } satisfies Record<string, StatementSync>
}

type Write = <A>(run: () => A) => Promise<A>

/** Runs what was asked for in the same turn of the event loop as one transaction. */
const batches = (database: DatabaseSync): Write => {
  interface Asked {
    readonly run: () => unknown
    readonly resolve: (value: never) => void
    readonly reject: (cause: StoreUnavailable) => void
  }
  let waiting: Asked[] = []

  const flush = () => {
    const batch = waiting
    waiting = []
    try {
      database.exec("BEGIN IMMEDIATE")
      const results = batch.map(({ run }) => run())
      database.exec("COMMIT")
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as never)
    } catch (cause) {
      try {
        if (database.isTransaction) database.exec("ROLLBACK")
      } catch {
        // A transaction that cannot be rolled back is undone when the file is opened the next time.
      }
      for (const { reject } of batch) reject(unavailable(cause))
    }
  }

  return (run) =>
    new Promise((resolve, reject) => {
      waiting.push({ run, resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}

/** SQLite's words for it (`database or disk is full`, `disk I/O error`) hold nothing of a record. */
const unavailable = (cause: unknown) =>
  new StoreUnavailable(`the state on disk: ${cause instanceof Error ? cause.message : "unknown error"}`)

const makeVault = (statements: ReturnType<typeof prepare>, write: Write, now: () => number): Vault => {
  const at = (kind: string, id: string) => ({ kind, id, now: now() })
  const content = ({ sealed, version, consumed }: Cell, { ttl, group }: CellOptions) => ({
    sealed,
    version,
    consumed: consumed ?? null,
    expires: ttl === undefined ? null : Math.ceil(now() + ttl * 1000),
    family: group ?? null,
  })
  const cellOf = (row: ReturnType<StatementSync["get"]>): Cell | undefined =>
    row === undefined
      ? undefined
      : {
          sealed: row["sealed"] as Uint8Array,
          version: String(row["version"]),
          consumed: typeof row["consumed"] === "number" ? row["consumed"] : undefined,
        }
  const changed = ({ changes }: ReturnType<StatementSync["run"]>) => changes === 1

  return {
    read: async (kind, id) => {
      try {
        return cellOf(statements.read.get(at(kind, id)))
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    put: (kind, id, cell, how) => write(() => void statements.put.run({ ...at(kind, id), ...content(cell, how) })),
    create: (kind, id, cell, how) =>
      write(() => changed(statements.create.run({ ...at(kind, id), ...content(cell, how) }))),
    replace: (kind, id, before, cell, how) =>
      write(() => changed(statements.replace.run({ ...at(kind, id), ...content(cell, how), before }))),
    remove: (kind, id) => write(() => void statements.remove.run(at(kind, id))),
    take: (kind, id) => write(() => cellOf(statements.take.get(at(kind, id)))),
    consume: (kind, id, when) => write(() => changed(statements.consume.run({ ...at(kind, id), at: when }))),
    removeGroup: (kind, family) => write(() => void statements.removeGroup.run({ kind, family })),
    lease: (name, owner, seconds) => {
      const expires = Math.ceil(now() + seconds * 1000)
      return write(() => changed(statements.lease.run({ name, owner, expires, now: now() })))
    },
    release: (name, owner) => write(() => void statements.release.run({ name, owner })),
  }
}
