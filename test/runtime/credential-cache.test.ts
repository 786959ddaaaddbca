/** The credential cache: whose a credential is, how long it serves, how often it is asked for. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Deferred, Effect, Fiber, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import * as FastCheck from "fast-check"
import * as CredentialCache from "../../runtime/credential-cache/credential-cache.ts"

class Refused extends Data.TaggedError("Refused") {}
class Outage extends Data.TaggedError("Outage") {}

interface Inputs {
  readonly issuer: string
  readonly subject: string
  readonly token: Redacted.Redacted<string>
  readonly role: string
  readonly [name: string]: string | number | undefined | Redacted.Redacted<string>
}

const inputs = (subject: string, token = "t", role = "r"): Inputs => ({
  issuer: "https://issuer.example",
  subject,
  token: Redacted.make(token),
  role,
})

type Exchange<A> = CredentialCache.Options<Inputs, A, Refused | Outage>["exchange"]

const make = <A>(exchange: Exchange<A>, capacity = 100) =>
  CredentialCache.make<Inputs, A, Refused | Outage>({
    exchange,
    capacity,
    remember: (failure) => (failure._tag === "Refused" ? 5_000 : 0),
    spent: () => new Outage(),
  })

/** Counts calls; each answers its own number, with a life of `life` milliseconds. */
const counting = (life: number, renewable = true) => {
  const count = { calls: 0 }
  const exchange: Exchange<number> = () =>
    Effect.map(Clock.currentTimeMillis, (now) => ({ value: ++count.calls, usableUntil: now + life, renewable }))
  return { count, exchange }
}

describe("one call for many", () => {
  it.effect("a cold burst of 1,000 asks once", () =>
    Effect.gen(function* () {
      const { count, exchange } = counting(3_600_000)
      const cache = yield* make((given) => Effect.delay(exchange(given), "1 second"))
      const burst = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 1_000 }, () => cache.get(inputs("ada"))),
          { concurrency: "unbounded" },
        ),
      )
      yield* TestClock.adjust("1 second")
      const values = yield* Fiber.join(burst)
      assert.strictEqual(count.calls, 1)
      assert.isTrue(values.every(({ value }) => value === 1))
    }),
  )

  it.effect("a waiter that leaves does not cancel the others; when all leave, the call is cancelled", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<number>()
      let cancelled = 0
      let calls = 0
      const cache = yield* make(() =>
        Effect.suspend(() => {
          calls++
          return Deferred.await(answer)
        }).pipe(
          Effect.map((value) => ({ value, usableUntil: 1_000_000, renewable: true })),
          Effect.onInterrupt(() => Effect.sync(() => cancelled++)),
        ),
      )
      const first = yield* Effect.forkChild(cache.get(inputs("ada")))
      const second = yield* Effect.forkChild(cache.get(inputs("ada")))
      const lone = yield* Effect.forkChild(cache.get(inputs("bob")))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(lone)
      assert.strictEqual(cancelled, 1)
      yield* Deferred.succeed(answer, 7)
      assert.strictEqual((yield* Fiber.join(second)).value, 7)
      assert.strictEqual(calls, 2)
    }),
  )
})

describe("a kept credential", () => {
  it.effect("is another one for every input that differs", () =>
    Effect.gen(function* () {
      const { exchange } = counting(3_600_000)
      const cache = yield* make(exchange)
      const base = inputs("ada")
      const others = [
        { ...base, subject: "bob" },
        { ...base, issuer: "https://other.example" },
        { ...base, token: Redacted.make("t2") },
        { ...base, role: "r2" },
        { ...base, extra: undefined },
        { ...base, extra: 1 },
        { ...base, extra: "1" },
        { ...base, extra: Redacted.make("x") },
        // The same text, cut at another place.
        { ...base, subject: "adat", token: Redacted.make("") },
      ]
      const values = yield* Effect.forEach([base, ...others, base], (each) => cache.get(each))
      assert.deepStrictEqual(
        values.map(({ value }) => value),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1],
      )
    }),
  )

  it.effect("is refreshed ahead of its end, and the old one serves meanwhile and through an outage", () =>
    Effect.gen(function* () {
      const life = 1_000_000
      let broken = false
      const { count, exchange } = counting(life)
      const cache = yield* make((given) =>
        Effect.andThen(
          Effect.sleep("1 second"),
          Effect.suspend(() => (broken ? Effect.fail(new Outage()) : exchange(given))),
        ),
      )
      const get = cache.get(inputs("ada"))
      const first = yield* Effect.forkChild(get)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(first)).value, 1)
      // Not before seven tenths of its life.
      yield* TestClock.adjust(life * 0.69)
      assert.strictEqual((yield* get).value, 1)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(count.calls, 1)
      // After nine tenths, whatever was drawn. STS is out: the old one serves, and it is not asked for at every request.
      broken = true
      yield* TestClock.adjust(life * 0.22)
      for (let at = 0; at < 20; at++) assert.strictEqual((yield* get).value, 1)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* get).value, 1)
      // STS is back.
      broken = false
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* get).value, 1)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* get).value, 2)
      assert.strictEqual(count.calls, 2)
    }),
  )

  it.effect("that ends with its source token is not refreshed: the same token brings nothing longer", () =>
    Effect.gen(function* () {
      const { count, exchange } = counting(100_000, false)
      const cache = yield* make(exchange)
      yield* cache.get(inputs("ada"))
      yield* TestClock.adjust(99_999)
      yield* cache.get(inputs("ada"))
      yield* TestClock.adjust(0)
      assert.strictEqual(count.calls, 1)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* cache.get(inputs("ada"))).value, 2)
    }),
  )

  it.effect("that has ended when it comes is not handed out", () =>
    Effect.gen(function* () {
      const { exchange } = counting(0)
      const cache = yield* make(exchange)
      assert.instanceOf(yield* Effect.flip(cache.get(inputs("ada"))), Outage)
    }),
  )

  it.effect("makes room for others when there are too many, the one unused for longest first", () =>
    Effect.gen(function* () {
      const { count, exchange } = counting(3_600_000)
      const cache = yield* make(exchange, 2)
      for (const who of ["a", "b", "a", "c", "a"]) yield* cache.get(inputs(who))
      assert.strictEqual(count.calls, 3)
      yield* cache.get(inputs("b"))
      assert.strictEqual(count.calls, 4)
    }),
  )
})

describe("a failure", () => {
  it.effect("that is a refusal is remembered for a moment, an outage is not", () =>
    Effect.gen(function* () {
      let calls = 0
      let failure: Refused | Outage = new Refused()
      const cache = yield* make<number>(() =>
        Effect.suspend(() => {
          calls++
          return Effect.fail(failure)
        }),
      )
      const get = Effect.flip(cache.get(inputs("ada")))
      yield* get
      yield* get
      assert.strictEqual(calls, 1)
      yield* TestClock.adjust("5 seconds")
      failure = new Outage()
      yield* get
      yield* get
      assert.strictEqual(calls, 3)
    }),
  )
})

type Step =
  | { readonly do: "get"; readonly who: number; readonly token: number; readonly leaveAfter: number | undefined }
  | { readonly do: "wait"; readonly ms: number }

const step: FastCheck.Arbitrary<Step> = FastCheck.oneof(
  FastCheck.record({
    do: FastCheck.constant("get" as const),
    who: FastCheck.integer({ min: 0, max: 2 }),
    token: FastCheck.integer({ min: 0, max: 1 }),
    leaveAfter: FastCheck.option(FastCheck.integer({ min: 0, max: 300 }), { nil: undefined }),
  }),
  FastCheck.record({ do: FastCheck.constant("wait" as const), ms: FastCheck.integer({ min: 0, max: 2_000 }) }),
)

interface Behaviour {
  readonly takes: number
  readonly lives: number
  readonly renewable: boolean
  readonly fails: "no" | "outage" | "refused"
}

const behaviour: FastCheck.Arbitrary<Behaviour> = FastCheck.record({
  takes: FastCheck.integer({ min: 0, max: 500 }),
  lives: FastCheck.integer({ min: 0, max: 5_000 }),
  renewable: FastCheck.boolean(),
  fails: FastCheck.constantFrom("no", "no", "no", "outage", "refused"),
})

/** Plays the steps against a cache of two entries and checks every answer as it is handed out. */
const play = (steps: readonly Step[], behaviours: readonly Behaviour[]) =>
  Effect.gen(function* () {
    let calls = 0
    const cache = yield* make<{ readonly of: string; readonly until: number }>(
      (given) =>
        Effect.gen(function* () {
          const plan = behaviours[calls++ % behaviours.length]
          if (plan === undefined) return yield* new Outage()
          yield* Effect.sleep(plan.takes)
          if (plan.fails === "outage") return yield* new Outage()
          if (plan.fails === "refused") return yield* new Refused()
          const until = (yield* Clock.currentTimeMillis) + plan.lives
          const of = `${given.subject} ${Redacted.value(given.token)}`
          return { value: { of, until }, usableUntil: until, renewable: plan.renewable }
        }),
      2,
    )
    const ask = Effect.fnUntraced(function* (who: string, token: string) {
      const got = yield* Effect.result(cache.get(inputs(who, token)))
      const now = yield* Clock.currentTimeMillis
      if (Result.isFailure(got)) return
      assert.strictEqual(got.success.value.of, `${who} ${token}`, "another principal's or another token's")
      assert.isBelow(now, got.success.value.until, "past its life")
    })
    const fibers: Array<Fiber.Fiber<void>> = []
    for (const each of steps) {
      if (each.do === "wait") yield* TestClock.adjust(each.ms)
      else {
        const fiber = yield* Effect.forkChild(ask(`person-${each.who}`, `token-${each.token}`))
        fibers.push(fiber)
        if (each.leaveAfter !== undefined) {
          yield* Effect.forkChild(Effect.andThen(Effect.sleep(each.leaveAfter), Fiber.interrupt(fiber)))
        }
      }
    }
    yield* TestClock.adjust(10_000)
    // Whoever did not leave has an answer: nothing hangs, and no assertion failed.
    for (const fiber of fibers) {
      const exit = fiber.pollUnsafe()
      assert.isDefined(exit, "a waiter hangs")
      if (exit?._tag === "Failure") {
        assert.isTrue(
          exit.cause.reasons.every(({ _tag }) => _tag === "Interrupt"),
          String(exit.cause),
        )
      }
    }
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))

describe("whatever happens, and in whatever order", () => {
  it("a credential is the asker's own, of the asker's own token, and within its life", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(step, { minLength: 1, maxLength: 40 }),
        FastCheck.array(behaviour, { minLength: 1, maxLength: 10 }),
        (steps, behaviours) => Effect.runPromise(play(steps, behaviours)),
      ),
      { numRuns: 200 },
    ))
})
