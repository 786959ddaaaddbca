/**
 * Refreshing tokens of a login, whatever comes in between: two replicas that share a store, a provider that fails at times and
 * rotates its refresh tokens, tokens that are refused, new logins, and a replica that dies in the middle.
 */
import { Clock, Duration, Effect, Exit, Redacted, Scope } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeProviderLogins, type ProviderLogins } from "../../runtime/auth-server/login.ts"
import { type Login, loginRecords } from "../../runtime/auth-server/login-record.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import type { Store } from "../../runtime/auth-server/store.ts"
import { ProviderFailed, type Upstream, type UpstreamTokens } from "../../runtime/auth-server/upstream/index.ts"

const PERSON = "person"

/** Time that passes only where somebody looks again after a while, and where the test says so; nobody's patience ends by it. */
const virtualClock = () => {
  let now = 1_800_000_000_000
  const nanos = () => BigInt(now) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => {
      const wait = Duration.toMillis(duration)
      if (wait > 5000) return Effect.never
      return Effect.promise(async () => {
        now += wait
        await new Promise<void>((done) => setImmediate(done))
      })
    },
  }
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  return { clock, now: () => now, pass }
}

type Answer = "ok" | "out" | "unverified"

/** A provider with one login at a time per family: a refresh token that is used twice ends it (RFC 9700 section 4.14.2). */
const provider = (turn: () => Promise<void>) => {
  const issued = new Map<string, { family: number; used: boolean }>()
  const ended = new Set<number>()
  let serial = 0
  let answers: Answer[] = []
  const state = { replays: 0, atOnce: 0, most: 0, family: 0 }
  const tokens = (family: number): UpstreamTokens => {
    const refreshToken = `refresh-${++serial}`
    issued.set(refreshToken, { family, used: false })
    return {
      clientId: "gateway",
      idToken: undefined,
      accessToken: { value: `access-${serial}`, expiresAt: undefined },
      refreshToken,
      response: {},
    }
  }
  const failed = (reason: ProviderFailed["reason"], code: string, refreshToken?: string) =>
    new ProviderFailed({
      provider: "hub",
      reason,
      code,
      detail: code,
      ...(refreshToken !== undefined && { refreshToken: Redacted.make(refreshToken) }),
    })
  const refresh = async (value: string): Promise<UpstreamTokens> => {
    state.most = Math.max(state.most, ++state.atOnce)
    try {
      await turn()
      const answer = answers.shift() ?? "ok"
      if (answer === "out") throw failed("out", "unreachable")
      const token = issued.get(value)
      if (token === undefined) throw failed("refused", "invalid_grant")
      if (token.used) {
        state.replays++
        ended.add(token.family)
      }
      if (ended.has(token.family)) throw failed("refused", "invalid_grant")
      token.used = true
      const next = tokens(token.family)
      await turn()
      if (answer === "unverified") throw failed("invalid", "keys", next.refreshToken)
      return next
    } finally {
      state.atOnce--
    }
  }
  return {
    state,
    /** What the next refreshes meet; after them all is well. */
    meet: (next: readonly Answer[]) => {
      answers = [...next]
    },
    login: () => tokens(++state.family),
    upstream: {
      name: "hub",
      realm: "https://hub.example",
      refresh: (value: string) =>
        Effect.tryPromise({ try: () => refresh(value), catch: (cause) => cause as ProviderFailed }),
      identify: () => Effect.succeed({ subject: "ada", idToken: {}, userinfo: {} }),
      revoke: () => Effect.void,
    } as unknown as Upstream,
  }
}

/** The store as a replica sees it: each operation takes its time, and none is answered once the replica is dead. */
const seenBy = (store: Store, turn: () => Promise<void>, replica: { dead: boolean }): Store =>
  new Proxy(store, {
    get: (target, name: keyof Store) => {
      const operation = target[name] as (...args: unknown[]) => Promise<unknown>
      return async (...args: unknown[]) => {
        await turn()
        if (replica.dead) return new Promise(() => {})
        const answer = await operation(...args)
        await turn()
        if (replica.dead) return new Promise(() => {})
        return answer
      }
    },
  })

type Operation =
  | { readonly do: "use" | "refuse"; readonly replica: number }
  | { readonly do: "log in"; readonly replica: number; readonly keeps: boolean }
  | { readonly do: "die"; readonly replica: number; readonly after: number }
  | { readonly do: "wait" }

const replicaArbitrary = fc.nat({ max: 1 })
const calm: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("use" as const), replica: replicaArbitrary }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("refuse" as const), replica: replicaArbitrary }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("log in" as const), replica: replicaArbitrary, keeps: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "wait" as const }) },
)
const deadly: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 10, arbitrary: calm },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("die" as const), replica: replicaArbitrary, after: fc.nat({ max: 12 }) }),
  },
)
const answersArbitrary = fc.array(fc.constantFrom<Answer>("ok", "ok", "out", "unverified"), { maxLength: 6 })

const scenario = async (
  scheduler: fc.Scheduler,
  rounds: readonly (readonly Operation[])[],
  answers: readonly Answer[],
) => {
  const time = virtualClock()
  const turn = async () => void (await scheduler.schedule(Promise.resolve()))
  const hub = provider(turn)
  const shared = memoryStore(time.now)
  const scopes: Scope.Closeable[] = []
  const replica = async () => {
    const alive = { dead: false }
    const scope = Effect.runSync(Scope.make())
    scopes.push(scope)
    const made = await Effect.runPromise(
      makeProviderLogins({
        upstream: hub.upstream,
        records: loginRecords(seenBy(shared, turn, alive), "hub", 3600),
        events: { within: (run) => run(), write: () => {} },
        claimsOf: () => ({}),
        needsUserinfo: () => false,
      }).pipe(Effect.provideService(Scope.Scope, scope), Effect.provideService(Clock.Clock, time.clock)),
    )
    return { ...alive, alive, logins: made as ProviderLogins }
  }
  const replicas = [await replica(), await replica()]
  const run = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.runPromise(Effect.result(effect).pipe(Effect.provideService(Clock.Clock, time.clock)))
  const keep = (at: number, keeps: boolean) => {
    const tokens = hub.login()
    const brought = keeps ? tokens : { ...tokens, refreshToken: undefined }
    return run(replicas[at]?.logins.keep(PERSON, { subject: "ada", idToken: {}, userinfo: {} }, brought) ?? Effect.void)
  }
  const token = (at: number) => {
    const { logins } = replicas[at] ?? replicas[0] ?? { logins: undefined }
    return run((logins as ProviderLogins).token(PERSON, { issuer: "hub", kind: "access_token" }))
  }
  const drive = async <A>(work: Promise<A>) => {
    let over = false
    const done = work.finally(() => {
      over = true
    })
    // What a dead replica had begun never ends, so that the work is waited for and not all that is scheduled.
    for (let step = 0; step < 20_000 && !over; step++) {
      if (scheduler.count() > 0) await scheduler.waitOne()
      else await new Promise<void>((next) => setImmediate(next))
    }
    return done
  }

  await drive(keep(0, true))
  hub.meet(answers)
  let died = false
  for (const round of rounds) {
    const work = round.map(async (operation) => {
      switch (operation.do) {
        case "use":
          return token(operation.replica)
        case "refuse": {
          const had = await token(operation.replica)
          if (had._tag === "Success") await run(had.success.refused ?? Effect.void)
          return undefined
        }
        case "log in":
          return keep(operation.replica, operation.keeps)
        case "wait":
          time.pass(90)
          return undefined
        case "die": {
          for (let step = 0; step < operation.after; step++) await turn()
          const dying = replicas[operation.replica]
          if (dying === undefined) return undefined
          died = true
          dying.alive.dead = true
          replicas[operation.replica] = await replica()
          return undefined
        }
      }
    })
    // A dead replica answers nobody.
    const deadly = round.some((operation) => operation.do === "die")
    await drive(deadly ? Promise.race([Promise.all(work), settled(work)]) : Promise.all(work))
    if (deadly) time.pass(90)
  }
  hub.meet([])
  time.pass(90)
  const before = (await shared.get("Login", `${PERSON}.hub`)) as Login | undefined
  const last = await drive(token(0))
  const refusedThen = last._tag === "Success" ? run(last.success.refused ?? Effect.void) : undefined
  if (refusedThen) await drive(refusedThen)
  const fresh = await drive(token(1))
  for (const scope of scopes) void Effect.runPromise(Scope.close(scope, Exit.void)).catch(() => {})
  return { hub: hub.state, before, last, fresh, died }
}

/** As much of the work as gets done while the rest hangs on a replica that is dead. */
const settled = (work: readonly Promise<unknown>[]) =>
  new Promise<void>((done) => {
    let quiet = 0
    const look = () => {
      if (++quiet > 400) done()
      else setImmediate(look)
    }
    for (const each of work) void each.finally(() => (quiet = 0))
    look()
  })

describe("refreshing", () => {
  it("uses no refresh token twice, never two at once, and loses none, with no replica dying", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(calm, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        answersArbitrary,
        async (scheduler, rounds, answers) => {
          const { hub, before, last, fresh } = await scenario(scheduler, rounds, answers)
          expect(hub.replays).toBe(0)
          expect(hub.most).toBeLessThanOrEqual(1)
          expect(before?.over).toBe(false)
          expect(last._tag).toBe("Success")
          expect(fresh._tag).toBe("Success")
        },
      ),
      { numRuns: 150 },
    )
  })

  it("uses no refresh token twice with replicas dying at any moment: what is lost then is told as a login to renew", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(deadly, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        answersArbitrary,
        async (scheduler, rounds, answers) => {
          const { hub, last, fresh, died } = await scenario(scheduler, rounds, answers)
          expect(hub.replays).toBe(0)
          if (!died) expect(last._tag).toBe("Success")
          // Either it goes on, or a login cures it; nothing in between.
          for (const each of [last, fresh]) if (each._tag === "Failure") expect(each.failure._tag).toBe("LoginExpired")
        },
      ),
      { numRuns: 400 },
    )
  })
})
