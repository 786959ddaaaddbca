/** Two processes of `authflow run` with one Redis are one authorization server. */
import { decodeJwt } from "jose"
import { expect, it, onTestFinished } from "vitest"
import { startRedis, withRedis } from "../redis.ts"
import { Client, json, post, register, type Tokens } from "../runtime/authorization.ts"
import { deploy } from "./replicas.ts"

interface Two extends Awaited<ReturnType<typeof two>> {}

const two = async () => {
  const redis = await startRedis()
  onTestFinished(redis.stop)
  const deployment = await deploy({ redis: redis.address })
  const [a, b] = await Promise.all([deployment.launch(), deployment.launch()])
  const at = (replica: typeof a) => {
    deployment.route = () => replica
  }
  const inTurn = () => {
    let n = 0
    deployment.route = () => [a, b][n++ % 2]
  }
  return { ...deployment, deployment, redis, a, b, at, inTurn, call: deployment.call }
}

withRedis("two replicas", () => {
  // One deployment for all: two processes take a while to start.
  it("are one authorization server", { timeout: 90_000 }, async () => {
    const both = await two()
    await goesFromOneToTheOther(both)
    await redeemsACodeOnce(both)
    await putsUpWithAnOutage(both)
  })
})

/** A login begun at one is finished at the other, tokens rotate across both, and what ends at one has ended. */
const goesFromOneToTheOther = async ({ rig, a, b, at, inTurn, call, issuer }: Two) => {
  // A login, each step at the other one.
  at(a)
  const client = await Client.register(rig)
  at(b)
  inTurn()
  const consent = await client.toConsent("ada")
  expect(consent.text).toContain("Test client")
  const back = await client.browser.submit(consent, { decision: "allow" }, client.redirect)
  const code = new URL(back.url).searchParams.get("code") ?? ""
  at(a)
  const tokens = await json<Tokens>(await client.redeem(code))
  expect(decodeJwt(tokens.access_token)["email"]).toBe("ada@example.com")
  for (const replica of [a, b]) {
    at(replica)
    expect((await call(tokens.access_token)).status).toBe(200)
  }

  // The browser's session and the consent for an https client are known to both; here: no second login.
  at(b)
  const again = await client.authorize()
  expect(again.text).toContain("Test client")

  // Refresh at one, then at the other; several at once at both bring one next token.
  at(a)
  const second = await json<Tokens>(await client.refresh(tokens.refresh_token))
  inTurn()
  const racing = await Promise.all(Array.from({ length: 6 }, () => client.refresh(second.refresh_token)))
  const thirds = await Promise.all(racing.map((answer) => json<Tokens>(answer)))
  expect(racing.map(({ status }) => status)).toEqual(racing.map(() => 200))
  expect(new Set(thirds.map((each) => each.refresh_token)).size).toBe(1)

  // Revoked at one, gone at both.
  at(b)
  const third = thirds[0]?.refresh_token ?? ""
  expect((await post(`${issuer}/oauth/revoke`, { token: third, client_id: client.id })).status).toBe(200)
  at(a)
  expect((await client.refresh(third)).status).toBe(400)
  for (const replica of [a, b]) {
    at(replica)
    expect((await call(tokens.access_token)).status).toBe(401)
  }
}

/** Of many that race for a code at both, one gets tokens at most, and loses them since the code was shown again. */
const redeemsACodeOnce = async ({ rig, inTurn, call }: Two) => {
  inTurn()
  const first = await Client.register(rig)
  for (const _ of Array(3).keys()) {
    const client = first.elsewhere()
    const code = (await client.code("ada")).get("code") ?? ""
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.redeem(code)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won.length).toBeLessThanOrEqual(1)
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 400)).toEqual([])
    const [winner] = won
    if (winner === undefined) continue
    const tokens = await json<Tokens>(winner)
    expect((await client.refresh(tokens.refresh_token)).status).toBe(400)
    expect((await call(tokens.access_token)).status).toBe(401)
  }
}

/** While Redis is out clients and callers get 503, and then it goes on by itself. */
const putsUpWithAnOutage = async ({ rig, redis, inTurn, call }: Two) => {
  inTurn()
  const client = await Client.register(rig)
  const tokens = await client.login("ada")
  await redis.kill()
  const answers = await Promise.all([
    client.refresh(tokens.refresh_token),
    register(rig),
    call(tokens.access_token),
    call(tokens.access_token),
  ])
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
  for (const { headers } of answers) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0)
  expect(JSON.stringify(await json(answers[2] ?? new Response("{}")))).toContain("state-unavailable")
  await redis.start()
  let status = 503
  while (status === 503) status = (await register(rig)).status
  expect(status).toBe(201)
}
