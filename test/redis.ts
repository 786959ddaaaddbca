/**
 * Real Redis for what several replicas share. It is Debian's (`apt-get install redis-server`) or whatever AUTHFLOW_REDIS names;
 * without it the tests say so and are skipped, and where CI is set they fail.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redis } from "ioredis"
import { describe } from "vitest"

const executable = [process.env["AUTHFLOW_REDIS"], "/usr/bin/redis-server", "/usr/local/bin/redis-server"].find(
  (path) => path !== undefined && existsSync(path),
)
const missing = executable === undefined && process.env["CI"] === undefined
if (missing)
  console.warn("no Redis here: the tests of replicas are skipped (install redis-server, or set AUTHFLOW_REDIS)")

/** A `describe` whose tests need Redis. */
export const withRedis = (name: string, tests: () => void): void => {
  describe.skipIf(missing)(name, tests)
}

export interface RedisServer {
  readonly port: number
  /** Its working directory, where it keeps its dump. */
  readonly directory: string
  /** `host:port` */
  readonly address: string
  /** Lets it answer nothing, as over a network that is broken, until `resume`. */
  readonly pause: () => void
  readonly resume: () => void
  /** Kills it; `start` starts it again with the same port and directory. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  /** Kills it for good. */
  readonly stop: () => Promise<void>
}

export const PASSWORD = "redis-password-of-a-test"

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer()
    probe.on("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** Starts one on loopback; `settings` as in redis.conf, a name and its value. It keeps nothing on disk unless told to. */
export const startRedis = async (
  settings: (at: { readonly port: number; readonly directory: string }) => Record<string, string> = () => ({}),
  mode: "server" | "sentinel" = "server",
): Promise<RedisServer> => {
  const directory = mkdtempSync(join(tmpdir(), "authflow-redis-"))
  const port = await freePort()
  const common = { bind: "127.0.0.1", port: String(port), dir: directory }
  const server = { save: "", appendonly: "no", requirepass: PASSWORD, ...settings({ port, directory }) }
  const all = { ...common, ...(mode === "server" ? server : settings({ port, directory })) }
  let child: ChildProcess | undefined

  const start = async () => {
    const file = join(directory, "redis.conf")
    const lines = Object.entries(all).map(([name, value]) => `${name} ${value === "" ? '""' : value}`)
    if (!existsSync(file)) writeFileSync(file, `${lines.join("\n")}\n`)
    const started = spawn(executable ?? "redis-server", [file, ...(mode === "sentinel" ? ["--sentinel"] : [])], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    child = started
    await new Promise<void>((resolve, reject) => {
      let said = ""
      started.on("error", reject)
      started.on("exit", () => reject(new Error(`redis-server ended: ${said}`)))
      started.stdout.on("data", (chunk: Buffer) => {
        said += chunk
        if (/Ready to accept connections|Sentinel ID is/.test(said)) resolve()
      })
    })
  }
  const kill = async () => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.on("exit", resolve))
    running.kill("SIGKILL")
    await ended
  }
  await start()
  return {
    port,
    directory,
    address: `127.0.0.1:${port}`,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    kill,
    start,
    stop: async () => {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Runs commands of the test's own. */
export const asAdministrator = async <A>(port: number, run: (redis: Redis) => Promise<A>): Promise<A> => {
  const redis = new Redis({ port, host: "127.0.0.1", password: PASSWORD })
  try {
    return await run(redis)
  } finally {
    redis.disconnect()
  }
}

/** Lets seconds pass for all that is kept there: lifetimes get that much shorter, and what is over is gone. */
export const pass = (port: number, seconds: number): Promise<void> =>
  asAdministrator(port, async (redis) => {
    for (const key of await redis.keys("*")) {
      const left = await redis.pttl(key)
      if (left >= 0) await redis.pexpire(key, Math.max(0, left - seconds * 1000))
    }
  })
