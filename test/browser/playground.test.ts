/** The playground, as somebody meets it: typed into, fixed, shared, by pointer and by keyboard. */
import { readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { createRequire } from "node:module"
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest"
import { playgroundPage } from "../editor/playground-page.ts"
import { exampleText } from "../examples.ts"
import { inChromium } from "./chromium.ts"

vi.setConfig({ testTimeout: 120_000 })

/** What comes, comes when the machine gets to it. */
const PATIENT = { timeout: 20_000 }

inChromium("the playground", (browser) => {
  let server: Server
  let address = ""
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
  let context: BrowserContext | undefined

  beforeAll(async () => {
    const { html } = await playgroundPage()
    server = createServer((_request, response) => response.setHeader("content-type", "text/html").end(html))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const bound = server.address()
    if (bound === null || typeof bound === "string") throw new Error("no port")
    address = `http://127.0.0.1:${bound.port}/`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  afterEach(async () => {
    await context?.close()
    context = undefined
  })

  /** A page, and what it complained of or asked the network for. */
  const open = async (link = address, options: Parameters<ReturnType<typeof browser>["newContext"]>[0] = {}) => {
    await context?.close()
    // `bypassCSP` would let axe in and take away what is tested: it comes in by the debugger instead.
    context = await browser().newContext({
      viewport: { width: 1400, height: 1500 },
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    page.on("request", (request) => {
      if (request.url().split("#")[0] !== address && !request.url().startsWith("data:")) complaints.push(request.url())
    })
    await page.goto(link)
    await page.locator(".problems").waitFor()
    return { page, complaints }
  }

  const source = (page: Page) => page.getByRole("textbox", { name: "Source, an .authflow file" })
  const tab = (page: Page, name: string) => page.getByRole("tab", { name }).click()
  /** The text of an editor, also of the lines that are not on the screen. */
  const textOf = (page: Page, label: string) =>
    page
      .getByRole("textbox", { name: label })
      .evaluate((element: { cmTile?: { view: { state: { doc: object } } } }) => String(element.cmTile?.view.state.doc))
  const yaml = (page: Page) => textOf(page, "Kubernetes resources, as YAML")
  /** Selects a word of the source by a double click. */
  const select = (page: Page, line: string, word: string) =>
    source(page).locator(".cm-line", { hasText: line }).getByText(word, { exact: true }).first().dblclick()

  it("shows a mistake as it is typed, what to do about it, and what the fixed file compiles to", async () => {
    const { page, complaints } = await open()
    expect(await page.getByRole("heading", { level: 2 }).textContent()).toBe("No mistakes")
    expect(await yaml(page)).toContain("kind: MCPExternalAuthConfig")

    await select(page, "region  =", "region")
    await page.keyboard.type("regoin")
    const squiggle = page.locator(".cm-lintRange-error", { hasText: "regoin" })
    await squiggle.waitFor()
    await page.getByRole("heading", { name: "1 error" }).waitFor()
    await page.getByText("The file has 1 error. This is what it came to before.").waitFor()
    await squiggle.hover()
    const tooltip = page.locator(".cm-tooltip-lint")
    await tooltip.waitFor()
    expect(await tooltip.textContent()).toContain("regoin")

    await tooltip.getByRole("button").first().click()
    await page.getByRole("heading", { name: "No mistakes" }).waitFor()
    expect(await squiggle.count()).toBe(0)
    expect(await page.getByText("This is what it came to before").isVisible()).toBe(false)

    await source(page).locator(".cm-line", { hasText: "region" }).first().click()
    await page.keyboard.press("End")
    for (const _ of '"us-east-1"') await page.keyboard.press("Backspace")
    await page.keyboard.type('"eu-west-1')
    await expect.poll(() => yaml(page), PATIENT).toContain("region: eu-west-1")
    expect(complaints).toEqual([])
  })

  it("completes what fits, and says what the word under the pointer means", async () => {
    const { page, complaints } = await open()
    await source(page).locator(".cm-line", { hasText: "exchange aws.sts" }).locator(".af-verb").hover()
    const hover = page.locator(".hover")
    await hover.waitFor()
    expect(await hover.textContent()).toContain("Principal")
    await page.keyboard.press("Escape")

    await select(page, "region  =", "region")
    await page.keyboard.press("End")
    for (const _ of 'us-east-1"') await page.keyboard.press("Backspace")
    await page.keyboard.type("ap-sou")
    const options = page.getByRole("option")
    await options.first().waitFor()
    expect(await options.allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining("ap-southeast-2")]))
    for (const _ of "ap-sou") await page.keyboard.press("Backspace")
    await page.keyboard.type('us-east-1"')

    await source(page).locator(".cm-line", { hasText: "sign aws.sigv4" }).click()
    await page.keyboard.press("Home")
    await page.keyboard.type("si")
    await options.first().waitFor()
    expect(await options.first().textContent()).toContain("sign aws.sigv4")
    expect(complaints).toEqual([])
  })

  it("explains a code in place, and fixes from the list", async () => {
    const { page } = await open()
    await select(page, "scopes         =", "scopes")
    await page.keyboard.type("scops")
    await page.getByRole("heading", { name: /error/ }).waitFor()
    await page.locator(".problem summary").first().click()
    await page.getByText("What to do").first().waitFor()
    await page.locator(".problem .fix").first().click()
    await page.getByRole("heading", { name: "No mistakes" }).waitFor()
    expect(await textOf(page, "Source, an .authflow file")).toBe(exampleText("thv-0050"))
  })

  it("says what would happen to a caller whose claims are edited", async () => {
    const { page, complaints } = await open()
    await tab(page, "Try a caller")
    const outcome = page.locator("#panel-caller .outcome")
    expect(await outcome.textContent()).toBe("Allowed with arn:aws:iam::123456789012:role/mcp-admin")
    await page.getByLabel("Claims of", { exact: true }).selectOption({ label: "everybody else of the company reads" })
    expect(await outcome.textContent()).toBe("Allowed with arn:aws:iam::123456789012:role/mcp-reader")
    await page
      .getByRole("textbox", { name: "Claims of the caller's token" })
      .fill('{ "sub": "x", "email": "x@evil.example" }')
    await expect.poll(() => outcome.textContent(), PATIENT).toContain("Refused with 403")
    expect(await outcome.textContent()).toContain("no AWS role for people outside example.com")
    await page.getByRole("textbox", { name: "Claims of the caller's token" }).fill("{ nonsense")
    await expect.poll(() => outcome.textContent(), PATIENT).toContain("This is no JSON")
    expect(complaints).toEqual([])
  })

  it("runs the file's tests, draws its flows, and says why a target refuses it", async () => {
    const { page } = await open()
    await page.getByRole("button", { name: "Examples" }).click()
    await page.getByRole("button", { name: /^thv-0050-groups/ }).click()
    await page.getByText("ToolHive cannot run this file").waitFor()
    expect(await page.locator(".problem.refusal").count()).toBeGreaterThanOrEqual(3)
    await page.locator(".cm-lintRange-info").first().waitFor()
    await tab(page, "Tests")
    await page.getByText("All pass").waitFor()
    await tab(page, "Graph")
    const drawing = page.getByRole("img", { name: /Principal to aws\.sts/ })
    await drawing.getByText("exchange aws.sts").first().waitFor()
    await tab(page, "Plan")
    expect(await textOf(page, "Plan of the runtime, as JSON")).toContain('"kind": "aws.sts"')
  })

  it("comes back from its link as it was, and from a damaged one as it begins", async () => {
    const { page } = await open()
    await source(page).fill(exampleText("external-oidc").replaceAll("aws_mcp", "shared_flow"))
    await tab(page, "Try a caller")
    const claims = '{ "groups": ["admins"], "email": "zoe@partner.example", "city": "Zürich" }'
    await page.getByRole("textbox", { name: "Claims of the caller's token" }).fill(claims)
    await page.getByRole("button", { name: "Share" }).click()
    await page.getByText("Link copied").first().waitFor()
    const link = await page.evaluate<string>("navigator.clipboard.readText()")
    expect(link).toBe(page.url())
    expect(link.length).toBeLessThan(3000)

    const { page: other, complaints } = await open(link)
    expect(await textOf(other, "Source, an .authflow file")).toContain("flow shared_flow at")
    expect(await other.getByRole("tab", { selected: true }).textContent()).toBe("Try a caller")
    expect(await textOf(other, "Claims of the caller's token")).toBe(claims)
    expect(await other.locator("#panel-caller .outcome").textContent()).toContain("Allowed with")
    expect(complaints).toEqual([])

    const { page: third } = await open(`${address}#1.bm9uc2Vuc2U`)
    expect(await textOf(third, "Source, an .authflow file")).toBe(exampleText("thv-0050"))
  })

  it("works by keyboard alone", async () => {
    const { page } = await open()
    const { keyboard } = page
    const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''")
    await keyboard.press("Tab")
    expect(await focused()).toBe("Skip to the editor")

    // The examples are a menu of buttons; Escape closes it.
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await page.locator("#examples").waitFor({ state: "visible" })
    await keyboard.press("Escape")
    await page.locator("#examples").waitFor({ state: "hidden" })

    const until = async (name: RegExp) => {
      for (let presses = 0; presses < 20; presses++) {
        if (name.test(await focused())) return
        await keyboard.press("Tab")
      }
      throw new Error(`${name} cannot be reached with the Tab key`)
    }
    await until(/^Share$/)
    await keyboard.press("Tab")
    await keyboard.press("Control+Home")
    await keyboard.type("parm x = 1\n")
    await page.locator(".cm-lintRange-error").first().waitFor()
    await keyboard.press("F8")
    await keyboard.press("Control+.")
    await expect.poll(() => textOf(page, "Source, an .authflow file"), PATIENT).toMatch(/^param x = 1\n/)

    await keyboard.press("Tab")
    await until(/^YAML$/)
    await keyboard.press("ArrowRight")
    await keyboard.press("ArrowRight")
    expect(await page.getByRole("tab", { selected: true }).textContent()).toBe("Graph")
    await keyboard.press("End")
    expect(await page.getByRole("tab", { selected: true }).textContent()).toBe("Tests")

    await page.getByRole("separator").focus()
    const width = () => page.locator("#source").evaluate((element: { clientWidth: number }) => element.clientWidth)
    const before = await width()
    await keyboard.press("ArrowLeft")
    expect(await width()).toBeLessThan(before)
  })

  it.each(["light", "dark"] as const)("has nothing that axe finds fault with, %s", async (colorScheme) => {
    const { page } = await open(address, { colorScheme, viewport: { width: 1100, height: 520 } })
    expect(await page.locator("html").getAttribute("data-theme")).toBe(colorScheme)
    const faults = async (part = "body") => {
      await page.evaluate(axe)
      const found = await page.evaluate<{
        readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
      }>(`axe.run(${JSON.stringify(part)}, { resultTypes: ["violations"] })`)
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
    }
    for (const name of ["YAML", "Plan", "Graph", "Try a caller", "Tests"]) {
      await tab(page, name)
      expect(await faults(), name).toEqual([])
    }
    await page.getByRole("button", { name: "Examples" }).click()
    expect(await faults("#examples"), "the menu").toEqual([])
    await page.getByRole("button", { name: /^thv-0050-groups/ }).click()
    await tab(page, "YAML")
    expect(await faults("#result"), "a refusal").toEqual([])
    await source(page).press("Control+Home")
    await page.keyboard.type("parm x = 1\n")
    await page.locator(".cm-lintRange-error").first().waitFor()
    await page.locator(".problem summary").first().click()
    expect(await faults(), "a mistake").toEqual([])
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await faults(), "a phone").toEqual([])
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390)
    await page.getByRole("button", { name: /^Use (light|dark) colours$/ }).click()
    expect(await page.locator("html").getAttribute("data-theme")).not.toBe(colorScheme)
  })
})
