/**
 * The people of the sandbox come to each example as served, with the official client, and what happens to them is what the
 * compiler's evaluation says of their tokens; then the callers that the examples' own tests give.
 */
import { decodeJwt, decodeProtectedHeader } from "jose"
import { describe, expect, it } from "vitest"
import { tokenCaller, traceFlow } from "../../compiler/analysis/evaluation.ts"
import { analyze } from "../../compiler/index.ts"
import { exampleText, exampleUri, runBy } from "../examples.ts"
import { bareRequest, bearer, logIn } from "./mcp-user.ts"
import { compileExample, running } from "./running.ts"

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** No person comes to the one, and to the other with a token that only its issuer can read: nothing can be said of it here. */
const NO_TOKEN_OF_A_PERSON: readonly string[] = ["machine-callers", "opaque-tokens"]

describe.each(runBy("plan").filter((name) => !NO_TOKEN_OF_A_PERSON.includes(name)))("the example %s", (name) => {
  const now = running(compileExample(name))
  const { program } = analyze({ uri: exampleUri(name), text: exampleText(name) })
  const flow = program?.flows[0]

  it.each(["ada", "ravi", "nora"])("does with %s what is said of the token", async (person) => {
    if (flow === undefined) throw new Error("the example does not compile")
    const { box } = now()
    const served = box.plan.flows[0]
    // Where role rules refuse anybody, that is Nora; what has none lets everybody in who logs in.
    const roles = served.stages.flatMap((stage) => (stage.kind === "aws.sts" ? [stage.role] : []))
    const choosing = roles.some(({ rules, otherwise }) =>
      [...rules.map(({ then }) => then), otherwise].some((then) => "deny" in then),
    )
    const user = await logIn(served.resource, person)
    const before = box.seen(served.name).length
    const response = await bareRequest(served.resource, bearer(user.accessToken()))
    const seen = box.seen(served.name).slice(before)

    // In the sandbox the file's public names stand for addresses of this machine, so the token says those.
    const claims = decodeJwt(user.accessToken())
    const identify = flow.stages[0]
    if (identify.output.tag !== "Principal") throw new Error("nobody is identified")
    const own = {
      ...claims,
      iss: identify.output.token.issuer.url,
      aud: identify.output.token.audience ?? flow.url.value,
    }
    const token = `${part(decodeProtectedHeader(user.accessToken()))}.${part(own)}.c2ln`
    const { outcome, role, session, upstream } = traceFlow(flow, tokenCaller(token), Date.now())

    if (outcome.kind === "refused") {
      expect(person).toBe("nora")
      expect(choosing).toBe(true)
      expect(response.status).toBe(outcome.status)
      expect(await response.json()).toMatchObject({
        type: `urn:authflow:problem:${outcome.code}`,
        title: outcome.title,
        detail: outcome.detail,
      })
      expect(seen).toEqual([])
    } else {
      if (choosing) expect(person).not.toBe("nora")
      expect(outcome.kind).toBe("forwarded")
      expect(response.status).toBe(200)
      expect(seen.map((request) => request.outcome)).toEqual([
        roles.length > 0
          ? { accepted: true, role, sessionName: session }
          : { accepted: true, shown: expect.anything() },
      ])
      const names = new Set(seen[0]?.headers.map(([header]) => header.toLowerCase()))
      for (const header of upstream ?? []) expect(names).toContain(header.name)
    }
    await response.body?.cancel().catch(() => {})
  })
})
