/** The pages between an MCP client and its code, as a person meets them. */
import { createHash, randomBytes } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { compileExample, running } from "../e2e/running.ts"
import { inChromium } from "./chromium.ts"

const current = running(compileExample("thv-0050"))

/** The MCP client's end of the redirect. */
let client: Server
let redirectUri = ""
beforeAll(async () => {
  client = createServer((_request, response) => response.end("back in the app"))
  await new Promise<void>((resolve) => client.listen(0, "127.0.0.1", resolve))
  const address = client.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  redirectUri = `http://127.0.0.1:${address.port}/callback`
})
afterAll(() => new Promise((resolve) => client.close(resolve)))

const issuer = () => current().box.plan.servers[0]?.issuer ?? ""

const authorizationUrl = async (name: string): Promise<string> => {
  const response = await fetch(`${issuer()}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: name,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    }),
  })
  const { client_id } = (await response.json()) as { client_id: string }
  const query = new URLSearchParams({
    client_id,
    redirect_uri: redirectUri,
    response_type: "code",
    state: "a-state",
    code_challenge: createHash("sha256").update(randomBytes(32).toString("base64url")).digest("base64url"),
    code_challenge_method: "S256",
    resource: current().box.plan.flows[0].resource,
    scope: "openid email",
  })
  return `${issuer()}/oauth/authorize?${query}`
}

/** A page that fails the test when the browser complains (a blocked script, style or form). */
const open = async (browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}) => {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("console", (message) => complaints.push(message.text()))
  return { context, page, complaints }
}

const choose = (page: Page, person: string) => page.getByRole("button", { name: new RegExp(person, "i") }).click()
const answer = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)

inChromium("the pages of a login", (browser) => {
  let context: BrowserContext | undefined
  const begin = async (options?: Parameters<Browser["newContext"]>[0]) => {
    const opened = await open(browser(), options)
    context = opened.context
    return opened
  }
  const end = () => context?.close()

  it("lead from the client through login and consent back to the client, without script", async () => {
    const { page, complaints } = await begin()
    await page.goto(await authorizationUrl("Inspector <b>1</b>"))
    await page.getByText("authflow sandbox").waitFor()
    await choose(page, "ada")
    expect(await page.getByRole("heading").textContent()).toContain("Inspector <b>1</b>")
    const text = (await page.textContent("main")) ?? ""
    for (const shown of ["ada@example.com", new URL(redirectUri).host, "aws_mcp"]) expect(text).toContain(shown)
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("back in the app").waitFor()
    expect(answer(page)).toMatchObject({ state: "a-state", iss: issuer(), code: expect.stringMatching(/^.{20,}$/) })
    expect(complaints).toEqual([])
    await end()
  })

  it("take a no for an answer", async () => {
    const { page } = await begin()
    await page.goto(await authorizationUrl("Inspector"))
    await choose(page, "ravi")
    await page.getByRole("button", { name: "Deny" }).click()
    await page.getByText("back in the app").waitFor()
    expect(answer(page)).toMatchObject({ error: "access_denied", state: "a-state", iss: issuer() })
    await end()
  })

  it("let another person log in where one is logged in already", async () => {
    const { page, complaints } = await begin()
    const url = await authorizationUrl("Inspector")
    await page.goto(url)
    await choose(page, "ada")
    await page.getByRole("button", { name: "Use another account" }).click()
    await choose(page, "ravi")
    expect(await page.textContent("main")).toContain("ravi@example.com")
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("back in the app").waitFor()
    expect(answer(page)).toMatchObject({ state: "a-state", code: expect.any(String) })
    expect(complaints).toEqual([])
    await end()
  })

  it("work by keyboard alone", async () => {
    const { page } = await begin()
    await page.goto(await authorizationUrl("Inspector"))
    const press = async (name: RegExp) => {
      for (let tabs = 0; tabs < 10; tabs++) {
        await page.keyboard.press("Tab")
        const focused = page.locator(":focus")
        if ((await focused.count()) > 0 && name.test((await focused.textContent()) ?? "")) {
          await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")])
          return
        }
      }
      throw new Error(`${name} cannot be reached with the Tab key`)
    }
    await press(/Ravi/)
    await press(/Allow/)
    await page.getByText("back in the app").waitFor()
    expect(answer(page)["code"]).toBeTruthy()
    await end()
  })

  it("say what is wrong when a login is over, and in the dark too", async () => {
    const { page } = await begin({ colorScheme: "dark" })
    const response = await page.goto(`${issuer()}/oauth/interaction/gone`)
    expect(response?.status()).toBe(400)
    expect(await page.getByRole("heading").textContent()).toBe("This sign-in is not going on here")
    const [ink, paper] = await Promise.all(
      ["color", "backgroundColor"].map((property) =>
        page.evaluate<string>(`getComputedStyle(document.querySelector("main")).${property}`),
      ),
    )
    const light = (color = "") =>
      color
        .match(/\d+/g)
        ?.slice(0, 3)
        .reduce((sum, channel) => sum + Number(channel), 0) ?? 0
    expect(light(ink)).toBeGreaterThan(light(paper))
    await end()
  })

  it("cannot be finished in another browser than they were begun in", async () => {
    const { page } = await begin()
    await page.goto(await authorizationUrl("Inspector"))
    const other = await open(browser())
    await other.page.goto(page.url())
    const people = await other.page.getByRole("button").count()
    expect(people).toBe(0)
    await other.context.close()
    await end()
  })
})
