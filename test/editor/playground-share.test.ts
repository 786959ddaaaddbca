import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fromFragment, type Shared, tabs, toFragment } from "../../editor/playground/share.ts"

const optional = fc.option(fc.string({ unit: "grapheme" }), { nil: undefined })

const shared: fc.Arbitrary<Shared> = fc
  .record({
    text: fc.string({ unit: "grapheme" }),
    tab: fc.constantFrom(...tabs),
    env: optional,
    flow: optional,
    claims: optional,
  })
  .map(({ text, tab, ...more }) => ({
    text,
    tab,
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)),
  }))

describe("a link", () => {
  it("brings back what it was made of, in characters that need no escape", async () => {
    await fc.assert(
      fc.asyncProperty(shared, async (given) => {
        const fragment = await toFragment(given)
        expect(fragment).toMatch(/^#1\.[\w-]+$/)
        expect(await fromFragment(fragment)).toEqual(given)
      }),
      { numRuns: 50 },
    )
  })

  it("that is damaged brings nothing, and is no mistake", async () => {
    const whole = await toFragment({ text: "flow", tab: "yaml" })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.nat(whole.length - 1).map((end) => whole.slice(0, end)),
        ),
        async (text) => {
          expect(await fromFragment(text)).toBeUndefined()
          expect(await fromFragment(`#1.${text.replaceAll(/[^\w-]/g, "")}`)).toBeUndefined()
        },
      ),
      { numRuns: 50 },
    )
  })

  it("that would inflate to more than any file has brings nothing", async () => {
    const huge = await toFragment({ text: " ".repeat(5 * 1024 * 1024), tab: "yaml" })
    expect(huge.length).toBeLessThan(20_000)
    expect(await fromFragment(huge)).toBeUndefined()
  })
})
