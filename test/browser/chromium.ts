/**
 * Real Chromium for the pages a person sees. It is Debian's (`apt-get install chromium`) or whatever AUTHFLOW_CHROMIUM names;
 * without it the tests say so and are skipped, and where CI is set they fail.
 *
 * @module
 */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"
import { afterAll, beforeAll, describe } from "vitest"

const executablePath = [process.env["AUTHFLOW_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
)
const missing = executablePath === undefined && process.env["CI"] === undefined
if (missing) console.warn("no Chromium here: the tests of the pages are skipped (install it, or set AUTHFLOW_CHROMIUM)")

/** Nothing but the pages under test is reached: Chromium's own errands are switched off, and it resolves no outside name. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

/** A `describe` whose tests have a browser: call the argument inside a test. */
export const inChromium = (name: string, tests: (browser: () => Browser) => void): void => {
  describe.skipIf(missing)(name, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: executablePath ?? "/usr/bin/chromium", args: ARGUMENTS })
    })
    afterAll(async () => {
      await browser?.close()
    })
    tests(() => {
      if (browser === undefined) throw new Error("the browser has not started")
      return browser
    })
  })
}
