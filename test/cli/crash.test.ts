/**
 * SIGKILL at random points of logins and refreshes, with state on disk and in Redis: what a client was told holds, a code is
 * redeemed once, and no honest client loses its grant.
 */
import { expect, it, onTestFinished } from "vitest"
import { startRedis, withRedis } from "../redis.ts"
import { Client, json, type Tokens } from "../runtime/authorization.ts"
import { type Deployment, deploy, type Replica } from "./replicas.ts"

/** Processes that are killed. */
const KILLS = 4
const CLIENTS = 4
/** Requests that a process gets at most before it is killed, and milliseconds that it has for the last one at most. */
const REQUESTS = 25
const REST = 15
/** Refreshes that have to be seen, so that a slow machine does not make the test one of nothing. */
const REFRESHES = 10

/** Mulberry32: the same sequence for the same seed. What the kills hit is for the machine's timing to say all the same. */
const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

interface Told {
  codes: number
  refreshes: number
  /** Requests whose answer did not come. */
  lost: number
}

/** Sends it until there is an answer that is not for want of a process. */
const answered = async (told: Told, send: () => Promise<Response>): Promise<Response> => {
  for (;;) {
    const answer = await send().catch(() => undefined)
    if (answer !== undefined && answer.status < 500) {
      const text = await answer.text().catch(() => undefined)
      if (text !== undefined) return new Response(text, { status: answer.status })
    }
    told.lost++
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** From the authorization request to a code, as often as it takes: what a kill breaks here a person begins anew. */
const loggedIn = async (told: Told, client: Client): Promise<{ client: Client; code: string }> => {
  for (;;) {
    const browser = client.elsewhere()
    const code = await browser.code("ada").then(
      (back) => back.get("code"),
      () => null,
    )
    if (code !== null) return { client: browser, code }
    told.lost++
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** One client: logs in, refreshes a few times, and so on until it is enough. */
const lead = async (told: Told, registered: Client, random: () => number, enough: () => boolean): Promise<Tokens> => {
  let last: Tokens | undefined
  while (last === undefined || !enough()) {
    const { client, code } = await loggedIn(told, registered)
    const answer = await answered(told, () => client.redeem(code))
    if (answer.status !== 200) {
      // Its answer got lost, and it is not given again.
      expect(await json(answer)).toMatchObject({ error: "invalid_grant" })
      continue
    }
    told.codes++
    let tokens = await json<Tokens>(answer)
    for (let left = 1 + Math.floor(random() * 8); left > 0 || (last === undefined && !enough()); left--) {
      const refreshed = await answered(told, () => client.refresh(tokens.refresh_token))
      const body = await json<Tokens>(refreshed)
      expect({ status: refreshed.status, error: body.error }).toEqual({ status: 200, error: undefined })
      expect(body.refresh_token).not.toBe(tokens.refresh_token)
      told.refreshes++
      tokens = body
      if (enough()) break
    }
    last = tokens
    if (random() < 0.3) {
      // A code that was answered is used up, whoever was killed since.
      expect((await answered(told, () => client.redeem(code))).status).toBe(400)
      expect((await answered(told, () => client.refresh(tokens.refresh_token))).status).toBe(400)
      last = undefined
    }
  }
  return last
}

const underFire = async (deployment: Deployment, launched: () => Promise<Replica>, seed: number) => {
  const random = seeded(seed)
  const told: Told = { codes: 0, refreshes: 0, lost: 0 }
  let kills = 0
  let alive: Replica | undefined = await launched()
  let left = Number.POSITIVE_INFINITY
  let shot = () => {}
  deployment.route = () => {
    if (--left === 0) shot()
    return alive
  }
  const clients: Client[] = []
  for (const _ of Array(CLIENTS).keys()) clients.push(await Client.register(deployment.rig))
  const enough = () => kills >= KILLS && told.refreshes >= REFRESHES
  const working = Promise.all(clients.map((client) => lead(told, client, random, enough)))
  const killing = async () => {
    while (kills < KILLS) {
      await new Promise<void>((resolve) => {
        shot = resolve
        left = 1 + Math.floor(random() * REQUESTS)
      })
      await new Promise((resolve) => setTimeout(resolve, random() * REST))
      alive?.process.kill("SIGKILL")
      await alive?.process.ended
      alive = undefined
      alive = await launched()
      kills++
    }
  }
  const [last] = await Promise.all([working, killing()])
  expect(told.codes).toBeGreaterThan(0)
  expect(told.lost).toBeGreaterThan(0)
  for (const [at, tokens] of last.entries()) {
    expect((await deployment.call(tokens.access_token)).status).toBe(200)
    const client = clients[at]
    if (client !== undefined) expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
  }
}

it("state on disk outlives kills", { timeout: 120_000 }, async () => {
  const deployment = await deploy({})
  await underFire(deployment, deployment.launch, 20261125)
})

withRedis("state in Redis", () => {
  it("outlives kills of one replica while another goes on", { timeout: 120_000 }, async () => {
    const redis = await startRedis()
    onTestFinished(redis.stop)
    const deployment = await deploy({ redis: redis.address })
    // The next one is there before the one that takes requests is killed, as a load balancer would have it.
    let spare = deployment.launch()
    const launched = async () => {
      const next = await spare
      spare = deployment.launch()
      return next
    }
    await underFire(deployment, launched, 48)
    await spare
  })
})
