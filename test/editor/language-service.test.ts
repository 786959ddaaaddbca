/** What holds of all answers of the language service, whatever the text and wherever the cursor is. */
import { readdirSync, readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { catalogue, createWorkspace } from "../../compiler/index.ts"
import * as service from "../../editor/language-service/index.ts"
import { parse } from "../../grammar/index.ts"

const EXAMPLES = new URL("../../examples/", import.meta.url)
const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".authflow"))
  .map((name) => readFileSync(new URL(name, EXAMPLES), "utf8"))

const URI = "file:///w/a.authflow"

const filesOf = (text: string): service.Files => {
  const workspace = createWorkspace()
  workspace.open({ uri: URI, text })
  return { workspace }
}

interface Span {
  readonly start: number
  readonly end: number
}

const isWithin = (text: string, { start, end }: Span): boolean =>
  Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= text.length

/** An example, whole or with a piece taken out, and a place in it. */
const cursor = fc
  .tuple(fc.constantFrom(...examples), fc.nat(), fc.nat(), fc.nat(30), fc.boolean())
  .map(([example, place, cut, length, whole]) => {
    const from = cut % example.length
    const text = whole ? example : example.slice(0, from) + example.slice(from + length)
    return { text, offset: place % (text.length + 1) }
  })

const runs = { numRuns: 150 }

describe("whatever the text, at any place", () => {
  it("hover and completion answer with places in it", () => {
    fc.assert(
      fc.property(cursor, ({ text, offset }) => {
        const files = filesOf(text)
        const hover = service.hover(files, URI, offset)
        if (hover) {
          expect(isWithin(text, hover.span)).toBe(true)
          expect(hover.span.start <= offset && offset <= hover.span.end, "is about the word at the cursor").toBe(true)
          expect(hover.text.trim()).not.toBe("")
        }
        const offered = service.completion(files, URI, offset)
        for (const { span, snippet, label } of offered) {
          expect(isWithin(text, span)).toBe(true)
          expect(span.start <= offset && offset <= span.end, "replaces what the cursor is in").toBe(true)
          expect(label).not.toBe("")
          expect(service.withoutPlaces(snippet)).not.toMatch(/\$\{\d|\$\d/)
        }
        expect(new Set(offered.map(({ label }) => label)).size, "offers nothing twice").toBe(offered.length)
      }),
      runs,
    )
  })

  it("selection ranges grow from the cursor to the whole file", () => {
    fc.assert(
      fc.property(cursor, ({ text, offset }) => {
        let last: Span = { start: offset, end: offset }
        for (const span of service.selectionRanges(filesOf(text), URI, offset)) {
          expect(span.start <= last.start && last.end <= span.end).toBe(true)
          last = span
        }
        if (text !== "") expect(last).toEqual({ start: 0, end: text.length })
      }),
      runs,
    )
  })

  it("semantic tokens are in order and do not overlap; folds, links, lenses, hints and symbols lie in the text", () => {
    fc.assert(
      fc.property(cursor, ({ text }) => {
        const files = filesOf(text)
        let last = 0
        for (const { span } of service.semanticTokens(files, URI)) {
          expect(isWithin(text, span) && span.start < span.end && span.start >= last).toBe(true)
          last = span.end
        }
        const lines = text.split("\n").length
        for (const { start, end } of service.folding(files, URI))
          expect(0 <= start && start < end && end < lines).toBe(true)
        const spans = [
          ...service.documentLinks(files, URI).map(({ span }) => span),
          ...service.codeLenses(files, URI, 0).map(({ span }) => span),
          ...service.documentSymbols(files, URI).flatMap(({ span, selection }) => [span, selection]),
          ...service
            .inlayHints(files, URI, { start: 0, end: text.length })
            .map(({ offset }) => ({ start: offset, end: offset })),
        ]
        expect(spans.filter((span) => !isWithin(text, span))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it("what names an item is among the places that name it, and renaming it and back changes nothing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.nat(), (text, place) => {
        const offset = place % text.length
        const files = filesOf(text)
        const all = service.references(files, URI, offset)
        if (all.length === 0) return
        expect(all.some(({ span }) => span.start <= offset && offset <= span.end)).toBe(true)
        const definition = service.definition(files, URI, offset)
        const declared = all.filter(({ role }) => role === "declaration").map(({ span }) => span)
        expect(declared).toEqual([definition?.span])
        const renaming = service.rename(files, URI, offset, "quite_another")
        if ("refusal" in renaming) throw new Error(renaming.refusal)
        const renamed = applied(text, renaming.edits)
        expect(renamed.split("quite_another").length - 1).toBe(all.length)
        const [first] = renaming.edits
        const name = text.slice(first?.span.start, first?.span.end)
        const back = service.rename(filesOf(renamed), URI, first?.span.start ?? 0, name)
        expect("edits" in back && applied(renamed, back.edits)).toBe(text)
        expect(codes(renamed)).toEqual(codes(text))
      }),
      { numRuns: 60 },
    )
  })
})

const codes = (text: string): readonly string[] => service.diagnosticsOf(filesOf(text), URI).map(({ code }) => code)

const applied = (text: string, edits: readonly { readonly span: Span; readonly text: string }[]): string =>
  edits
    .toSorted((a, b) => b.span.start - a.span.start)
    .reduce((text, { span, text: by }) => text.slice(0, span.start) + by + text.slice(span.end), text)

describe("formatting", () => {
  it.each(examples)("makes the one true style of any spacing, by one edit", (text) => {
    const loose = text.replaceAll(/^ +/gm, "").replaceAll(" = ", "   =   ")
    const edits = service.formatting({ uri: URI, text: loose }) ?? []
    expect(edits.length).toBe(1)
    expect(applied(loose, edits)).toBe(text)
    expect(service.formatting({ uri: URI, text })).toEqual([])
  })

  it("leaves alone what cannot be parsed", () => {
    expect(service.formatting({ uri: URI, text: "flow {" })).toBeUndefined()
  })
})

it("every snippet that is offered for a stage is one, once its places are left as they are", () => {
  const text = `provider corp = oidc {
  issuer    = "https://idp.example.com"
  client_id = "mcp-gateway"
}
server gate = auth_server { issuer = "https://auth.example.com", login = [corp] }
flow tools at "https://mcp.example.com/tools" {
  identify gate
  
}
`
  const offset = text.indexOf("  \n}") + 2
  const stages = service.completion(filesOf(text), URI, offset)
  expect(stages.length).toBeGreaterThan(10)
  for (const { snippet, span, label } of stages) {
    const whole = text.slice(0, span.start) + service.withoutPlaces(snippet) + text.slice(span.end)
    const { problems } = parse(whole)
    // Only what is to be filled in may be missing.
    expect(
      problems.filter(({ kind }) => kind !== "UnexpectedToken"),
      `${label}\n${whole}`,
    ).toEqual([])
  }
})

describe("everything in the catalogue is offered and explained", () => {
  const declared = `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt, audience: "a" }
}
`
  interface Listed {
    readonly verb: string
    readonly doc: string
    readonly operand: { readonly by: string; readonly name?: string; readonly of?: string; readonly example?: string }
    readonly fields: Readonly<Record<string, { readonly doc: string }>>
  }
  // Each construct is of its own kind; what is asked of it here does not depend on the kind.
  const stages = Object.entries(catalogue.stages) as unknown as readonly (readonly [string, Listed])[]
  const written = stages.filter(([, { operand }]) => operand.of === undefined || operand.of === "oidc")

  it.each(written)("%s", (_, { verb, operand, doc, fields }) => {
    const name = operand.name ?? (operand.by === "value" ? operand.example : "corp")
    const at = (stage: string): { readonly files: service.Files; readonly offset: number } => {
      const source = `${declared}flow tools at "https://mcp.example.com/tools" {\n${stage}\n}\n`
      return { files: filesOf(source.replace("<|>", "")), offset: source.indexOf("<|>") }
    }
    const head = at("  <|>")
    const label = operand.by === "value" ? verb : `${verb} ${name}`
    expect(service.completion(head.files, URI, head.offset).map((each) => each.label)).toContain(label)
    const word = at(`  ${verb}<|> ${name} { }`)
    expect(service.hover(word.files, URI, word.offset)?.text).toContain(doc)
    const inside = at(`  ${verb} ${name} { <|> }`)
    const offered = new Map(service.completion(inside.files, URI, inside.offset).map((each) => [each.label, each.doc]))
    for (const [field, { doc }] of Object.entries(fields)) expect(offered.get(field)).toContain(doc)
  })

  it.each(Object.values(catalogue.declarations))("$keyword $kind", ({ keyword, kind, doc, fields }) => {
    const text = `${keyword} x = ${kind} {  }\n`
    const files = filesOf(text)
    expect(service.hover(files, URI, text.indexOf(kind) + 1)?.text).toContain(doc)
    const offered = service.completion(files, URI, text.indexOf("{") + 2).map(({ label }) => label)
    expect(offered.toSorted()).toEqual(Object.keys(fields).toSorted())
  })

  it("names no stage in the sources: a new one needs no edit", () => {
    const folder = new URL("../../editor/", import.meta.url)
    const sources = ["language-service", "language-server"].flatMap((part) =>
      readdirSync(new URL(part, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => readFileSync(new URL(`${part}/${name}`, folder), "utf8")),
    )
    expect(sources.length).toBeGreaterThan(40)
    const code = sources.join("\n").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    const kinds = stages.map(([kind]) => kind).filter((kind) => /[._]/.test(kind))
    expect(kinds.filter((kind) => code.includes(`"${kind}"`))).toEqual([])
  })
})
