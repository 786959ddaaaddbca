/** State in a file: what a restart finds again, what is read of it without the key, and files that cannot be used. */
import { randomBytes } from "node:crypto"
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Exit, Scope } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { sealedStore } from "../../runtime/auth-server/storage/sealed.ts"
import { type SqliteOptions, sqliteFile } from "../../runtime/auth-server/storage/sqlite.ts"
import { type Store, StoreUnavailable } from "../../runtime/auth-server/store.ts"
import { storeContract } from "./store-contract.ts"

const KEY = randomBytes(32)
const ISSUER = "https://auth.example.com"

const undo: Array<() => unknown> = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

const directory = () => {
  const made = mkdtempSync(join(tmpdir(), "authflow-state-"))
  undo.push(() => rmSync(made, { recursive: true }))
  return made
}

interface File {
  readonly store: Store
  readonly unreadable: string[]
  readonly close: () => Promise<void>
}

const open = async (
  file: string,
  options: SqliteOptions & { readonly roots?: readonly [Buffer, ...Buffer[]]; readonly issuer?: string } = {},
): Promise<File> => {
  const scope = Effect.runSync(Scope.make())
  const opened = await Effect.runPromise(Effect.provideService(sqliteFile(file, options), Scope.Scope, scope))
  const issuer = options.issuer ?? ISSUER
  const unreadable: string[] = []
  const store = sealedStore(opened, {
    issuer,
    roots: options.roots ?? [KEY],
    unreadable: (kind) => unreadable.push(kind),
  })
  let closed = false
  const close = async () => {
    if (!closed) await Effect.runPromise(Scope.close(scope, Exit.void))
    closed = true
  }
  undo.push(close)
  return { store, unreadable, close }
}

const refusal = (file: string) =>
  Effect.runPromise(
    sqliteFile(file).pipe(
      Effect.scoped,
      Effect.flip,
      Effect.map(({ message }) => message),
    ),
  )

storeContract("SQLite, encrypted", async () => {
  let now = 1_700_000_000_000
  const { store } = await open(join(directory(), "state.db"), { now: () => now })
  const pass = async (seconds: number) => {
    now += seconds * 1000
  }
  return { store, pass }
})

describe("a file of state", () => {
  it("is found again by the next process, with marks and groups", async () => {
    const file = join(directory(), "deeper", "state.db")
    const before = await open(file)
    await before.store.put("Login", "a", { v: 1 }, { ttl: 100, group: "g" })
    await before.store.put("Code", "a", { v: 2 }, { ttl: 100 })
    await before.store.consume("Code", "a", 7)
    await before.close()
    const { store } = await open(file)
    expect(await store.get("Login", "a")).toEqual({ v: 1 })
    expect(await store.consume("Code", "a", 8)).toBe(false)
    expect(await store.get("Code", "a")).toEqual({ v: 2, consumed: 7 })
    await store.removeGroup("Login", "g")
    expect(await store.get("Login", "a")).toBe(undefined)
  })

  it("is nobody else's to read, with its log, even where it was before", async () => {
    const at = directory()
    const file = join(at, "state.db")
    writeFileSync(file, "")
    chmodSync(file, 0o644)
    const { store } = await open(file)
    await store.put("Code", "a", { v: 1 })
    const modes = readdirSync(at).map((name) => [name, statSync(join(at, name)).mode & 0o777])
    expect(Object.fromEntries(modes)).toEqual({ "state.db": 0o600, "state.db-wal": 0o600 })
  })

  it("shows nothing of a record or of its id, in the file or its log, before and after it is closed", async () => {
    const at = directory()
    const { store, close } = await open(join(at, "state.db"))
    const secrets = Array.from({ length: 20 }, () => randomBytes(24).toString("base64url"))
    for (const secret of secrets) {
      await store.put("RefreshToken", secret, { token: `content ${secret}` }, { group: `group ${secret}`, ttl: 100 })
      await store.lease(`lease ${secret}`, "owner", 10)
    }
    const shown = () => {
      const bytes = readdirSync(at).map((name) => readFileSync(join(at, name)))
      return secrets.filter((secret) =>
        bytes.some((each) => each.includes(secret) || each.includes(Buffer.from(secret, "base64url"))),
      )
    }
    expect(shown()).toEqual([])
    expect(await store.get("RefreshToken", secrets[3] ?? "")).toEqual({ token: `content ${secrets[3]}` })
    await close()
    expect(readdirSync(at)).toEqual(["state.db"])
    expect(shown()).toEqual([])
  })

  it("gives back the room of what is over", async () => {
    const file = join(directory(), "state.db")
    let now = 1_700_000_000_000
    const before = await open(file, { now: () => now })
    await before.store.put("Code", "a", {}, { ttl: 1 })
    await before.store.put("Client", "b", {})
    await before.close()
    now += 60_000
    const after = await open(file, { now: () => now })
    await after.store.put("Client", "c", {})
    await after.close()
    const database = new DatabaseSync(file)
    expect(database.prepare("SELECT count(*) AS n FROM record").get()).toEqual({ n: 2 })
    database.close()
  })

  it("opens what an older secret sealed, and nothing that was sealed with another or put in another's place", async () => {
    const file = join(directory(), "state.db")
    const [old, fresh] = [randomBytes(32), randomBytes(32)]
    const before = await open(file, { roots: [old] })
    await before.store.put("Login", "a", { v: 1 })
    await before.close()
    const rotated = await open(file, { roots: [fresh, old] })
    expect(await rotated.store.get("Login", "a")).toEqual({ v: 1 })
    await rotated.store.put("Login", "b", { v: 2 })
    await rotated.store.put("Login", "c", { v: 3 })
    await rotated.close()
    const database = new DatabaseSync(file)
    const ids = database
      .prepare("SELECT id FROM record ORDER BY rowid")
      .all()
      .map(({ id }) => String(id))
    const swap = database.prepare("UPDATE record SET sealed = (SELECT sealed FROM record WHERE id = ?) WHERE id = ?")
    swap.run(ids[1] ?? "", ids[2] ?? "")
    database.close()
    const later = await open(file, { roots: [fresh] })
    expect(await later.store.get("Login", "a")).toBe(undefined)
    expect(await later.store.get("Login", "b")).toEqual({ v: 2 })
    expect(await later.store.get("Login", "c")).toBe(undefined)
    expect(later.unreadable).toEqual(["Login", "Login"])
    // What does not open does not stand in the way either.
    expect(await later.store.create("Login", "a", { v: 4 })).toBe(true)
    expect(await later.store.create("Login", "b", { v: 4 })).toBe(false)
    expect(await later.store.get("Login", "a")).toEqual({ v: 4 })
  })

  it("refuses to grow beyond its bound, keeps what it has, and takes writes again when there is room", async () => {
    const { store } = await open(join(directory(), "state.db"), { maxBytes: 200_000 })
    const large = { text: randomBytes(10_000).toString("hex") }
    const written: number[] = []
    const failed = await (async () => {
      for (const n of Array(100).keys()) {
        try {
          await store.put("Login", String(n), large)
          written.push(n)
        } catch (cause) {
          return cause
        }
      }
      return undefined
    })()
    expect(failed).toBeInstanceOf(StoreUnavailable)
    expect(String(failed)).toContain("full")
    expect(written.length).toBeGreaterThan(3)
    // One that would fit shares its transaction with one that does not: all or nothing.
    const together = await Promise.allSettled([store.put("Code", "small", {}), store.put("Code", "large", large)])
    expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(await store.get("Code", "small")).toBe(undefined)
    for (const n of written) expect(await store.get("Login", String(n))).toEqual(large)
    await store.remove("Login", "0")
    await store.put("Code", "large", large)
    expect(await store.get("Code", "large")).toEqual(large)
  })

  it("answers many at once, each with its own", async () => {
    const { store } = await open(join(directory(), "state.db"))
    await Promise.all(Array.from({ length: 500 }, (_, n) => store.put("Code", String(n), { n }, { ttl: 100 })))
    const won = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => store.consume("Code", String(Math.floor(n / 2)), n)),
    )
    expect(won).toEqual(Array.from({ length: 1000 }, (_, n) => n % 2 === 0))
  })
})

describe("a file that cannot be used", () => {
  it("because another process has it", async () => {
    const file = join(directory(), "state.db")
    await open(file)
    expect(await refusal(file)).toBe(
      `cannot keep state in ${file}: another authflow uses it; end that one, or give this one a directory of its own`,
    )
  })

  it.each([
    [
      "text",
      (file: string) => writeFileSync(file, "not a database, but long enough to have a header of one".repeat(20)),
    ],
    [
      "half a database",
      (file: string) => {
        const database = new DatabaseSync(file)
        database.exec("CREATE TABLE a (b TEXT); CREATE INDEX c ON a (b)")
        for (const n of Array(200).keys()) database.exec(`INSERT INTO a VALUES ('${String(n).repeat(50)}')`)
        database.close()
        truncateSync(file, 12_288)
      },
    ],
  ])("because it is damaged: %s", async (_, make) => {
    const file = join(directory(), "state.db")
    make(file)
    expect(await refusal(file)).toContain("damaged; put a copy back, or move it away")
  })

  it("because it is something else's", async () => {
    const file = join(directory(), "state.db")
    const database = new DatabaseSync(file)
    database.exec("CREATE TABLE a (b TEXT)")
    database.close()
    expect(await refusal(file)).toContain("it is a database of something else")
  })

  it("because a newer version wrote it", async () => {
    const file = join(directory(), "state.db")
    await (await open(file)).close()
    const database = new DatabaseSync(file)
    database.exec("PRAGMA user_version = 2")
    database.close()
    expect(await refusal(file)).toContain("another version of authflow has written it")
  })

  it("because there is a file where its directory would be", async () => {
    const file = join(directory(), "file")
    writeFileSync(file, "")
    expect(await refusal(join(file, "state.db"))).toContain(`cannot keep state in ${join(file, "state.db")}: `)
  })
})
