import { readdirSync, readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatSource } from "../../compiler/index.ts"
import { compiled, documentsOf, imported, said } from "./import-source.ts"
import { compileForToolHive, EMBEDDED, OUTSIDE } from "./toolhive-source.ts"
import { wellTyped } from "./well-typed.ts"

const examples = readdirSync(new URL("../../examples", import.meta.url)).filter((name) => name.endsWith(".authflow"))

const read = (name: string): string => readFileSync(new URL(`../../examples/${name}`, import.meta.url), "utf8")

/** Diagnostics that something is not in the result, or not as it was. */
const LOSSES = /^AF10(?!12|17|22|14)/

/** Compiles, imports what comes out, and compiles that: twice the same, with nothing said to be lost. Whether it compiles. */
const thereAndBack = (source: string): boolean => {
  const there = compileForToolHive(source)
  if (there.artifacts.length === 0) return false
  const manifests = there.artifacts.map(({ text }) => text).join("")
  const { artifacts, diagnostics } = imported(manifests)
  expect(
    diagnostics.map(said).filter((each) => LOSSES.test(each)),
    `${source}\n${manifests}`,
  ).toEqual([])
  expect(artifacts).toHaveLength(1)
  const back = artifacts[0]?.text ?? ""
  expect(compiled(back), `${source}\n${back}`).toEqual(documentsOf(manifests))
  expect(formatSource({ uri: "back.authflow", text: back })).toEqual({ text: back, diagnostics: [] })
  return true
}

describe("what the target wrote is read back", () => {
  const works = examples.filter((name) => compileForToolHive(read(name)).artifacts.length > 0)

  it("of some examples", () => expect(works.length).toBeGreaterThanOrEqual(2))

  for (const name of works) it(`of ${name}`, () => expect(thereAndBack(read(name))).toBe(true))

  it("of generated programs that are right, as far as ToolHive runs them", () => {
    let tried = 0
    fc.assert(
      fc.property(wellTyped, (source) => {
        tried++
        thereAndBack(source)
      }),
      { numRuns: 150 },
    )
    expect(tried).toBe(150)
  })

  const text = fc.constantFrom(
    "admins",
    "a b",
    'say "hi"',
    "it's",
    "x//y",
    "é",
    "$" + "{y}",
    "back\\slash",
    "a && b",
    "(",
    "!(",
  )
  const quote = (value: string) => `"${value.replaceAll(/["\\$]/g, "\\$&")}"`
  const decision = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }).map((n) => `"arn:aws:iam::123456789012:role/r${n}"`) },
    { weight: 1, arbitrary: fc.constant("deny") },
  )
  const several = fc
    .uniqueArray(text, { minLength: 1, maxLength: 3 })
    .map((values) => `[${values.map(quote).join(", ")}]`)
  const cel = (claim: string) =>
    fc.constantFrom(
      `has(claims.${claim}) && size(claims.${claim}) > 3`,
      `has(claims.${claim}) && (size(claims.${claim}) > 5 || size(claims.${claim}) < 2)`,
      `has(claims.${claim}) && size(claims.${claim}) > 1 // more`,
      `!has(claims.${claim})`,
    )
  const condition = (claim: string, list: boolean) =>
    fc.oneof(
      { weight: 3, arbitrary: text.map((value) => `${list ? "contains" : "equals"} ${quote(value)}`) },
      { weight: 1, arbitrary: several.map((values) => `${list ? "contains_any" : "in"} ${values}`) },
      {
        weight: 1,
        arbitrary: list
          ? several.map((values) => `contains_all ${values}`)
          : text.map((value) => `ends_with ${quote(value)}`),
      },
      { weight: 1, arbitrary: cel(claim).map((expression) => `when ${quote(expression)}`) },
    )
  const rules = (claim: string, list: boolean) =>
    fc
      .tuple(fc.array(fc.tuple(condition(claim, list), decision), { minLength: 1, maxLength: 5 }), decision)
      .map(
        ([arms, otherwise]) =>
          `match claims.${claim} {\n${arms.map(([when, then]) => `      ${when} => ${then}`).join("\n")}\n      else => ${otherwise}\n    }`,
      )
  const scopes = fc.subarray(["openid", "email", "mcp:use", "a.b"]).map((some) => `[${some.map(quote).join(", ")}]`)
  const change = (source: string, roles: string, asked: string, minutes: number) =>
    source
      .replace(/match claims[\s\S]*?\n {4}\}/, () => roles)
      .replace(/scopes = \["(?:mcp:use|openid", "email)"\] \}/, () => `scopes = ${asked} }`)
      .replace("duration: 1h }", `duration: ${minutes}m }`)

  it("of any role rules, scopes and durations", () => {
    let ran = 0
    const outside = fc.tuple(fc.constant(OUTSIDE), rules("groups", true))
    const embedded = fc.tuple(
      fc.constant(EMBEDDED.replace(/provider corp_two[\s\S]*?\n\}\n/, "")),
      rules("email", false),
    )
    fc.assert(
      fc.property(
        fc.oneof(outside, embedded),
        scopes,
        fc.integer({ min: 15, max: 720 }),
        ([base, roles], asked, minutes) => {
          if (thereAndBack(change(base, roles, asked, minutes))) ran++
        },
      ),
      { numRuns: 120 },
    )
    // Some are refused, because one rule takes all that another would, or nobody gets a role.
    expect(ran).toBeGreaterThan(40)
  })
})
