import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { createHighlighterCore, type ThemeRegistrationRaw } from "@shikijs/core"
import { createOnigurumaEngine } from "@shikijs/engine-oniguruma"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type WordClass, words } from "../../compiler/catalogue/words.ts"
import { keywords, parse, print, units } from "../../grammar/index.ts"
import { StringEnd, StringStart, sharedLexer } from "../../grammar/tokens.ts"
import { read, root } from "../architecture/source-files.ts"
import { exampleNames, exampleText } from "../examples.ts"
import { program } from "./arbitrary-program.ts"
import { coloured } from "./textmate-tokens.ts"

const GRAMMAR = "grammar/authflow.tmLanguage.json"

describe("scopes", () => {
  it.each(["strings", "items"])("in %s.authflow are those that are written below them", (name) => {
    const tool = join(root, "node_modules/vscode-tmgrammar-test/dist/unit.js")
    const run = () =>
      execFileSync(process.execPath, [tool, "-c", "-g", GRAMMAR, `test/grammar/textmate/${name}.authflow`], {
        cwd: root,
        encoding: "utf8",
        stdio: "pipe",
      })
    expect(run).not.toThrow()
  })

  /** A word of each class in its place, marked, and the scope it has there. */
  const places: { readonly [C in WordClass]: readonly [before: string, after: string, scope: string] } = {
    verbs: ['flow f at "https://a.example" {\n  ', " gate\n}", "keyword.control.stage"],
    stageKinds: ['flow f at "https://a.example" {\n  exchange ', " {}\n}", "support.type.stage"],
    declarationKinds: ["provider p = ", " {}", "support.type.declaration"],
    engines: ["deploy ", " {}", "support.type.engine"],
    paramTypes: ["param p: ", " = 1", "support.type.param"],
    ruleWords: ["const r = match {\n  ", ' "x" => deny\n}', "keyword"],
    functions: ["const c = ", '("a")', "support.function"],
    subjects: ['test "t" {\n  given ', " {}\n}", "support.type.subject"],
    observations: ['test "t" {\n  expect f.', " == 1\n}", "support.variable.observation"],
    tokens: ["const c = corp.", "", "support.variable.token"],
    values: ["env e {\n  a = ", "\n}", "constant.language"],
  }

  const cases = (Object.keys(places) as readonly WordClass[]).flatMap((of) =>
    words[of].map((word) => [of, word] as const),
  )

  it.each(cases)("know %s: %s", async (of, word) => {
    const [before, after, scope] = places[of]
    const pieces = await coloured(`${before}${word}${after}\n`)
    const own = pieces.filter(({ start, end }) => start < before.length + word.length && end > before.length)
    expect(own.map(({ text }) => text).join("")).toBe(word)
    expect(own.every(({ scopes }) => scopes.some((each) => each.startsWith(scope)))).toBe(true)
  })

  it("know every keyword of the grammar and every unit", async () => {
    const text = [
      'import { a as b } from "./x.authflow"',
      'param p in ["a"] = "a"',
      "const c = 1",
      "env e {}",
      "provider p = oidc {}",
      "server s = auth_server {}",
      "callers c = api_keys {}",
      "deploy toolhive {}",
      'flow f at "https://a.example" { exchange aws.sts { role = match claims.x { else => deny } } }',
      'test "t" {\n  given claims {}\n  expect f.role == none\n}',
      ...units.map((unit) => `const c = 12${unit}`),
    ].join("\n")
    const pieces = await coloured(text)
    const coloursOf = (word: string, kind: RegExp) =>
      pieces.some((piece) => piece.text === word && kind.test(piece.scopes.at(-1) ?? ""))
    expect(keywords.filter((word) => !coloursOf(word, /^keyword\./))).toEqual([])
    expect(units.filter((unit) => !coloursOf(unit, /^keyword\.other\.unit$/))).toEqual([])
  })
})

describe("comments and strings", () => {
  /** What the compiler's own reading says each character is part of. */
  const read = (text: string): readonly string[] => {
    const kinds = Array.from(text, () => "code")
    const mark = (start: number, end: number, kind: string) => kinds.fill(kind, start, end)
    let opened = 0
    for (const { startOffset, tokenType } of sharedLexer().tokenize(text).tokens) {
      if (tokenType === StringStart) opened = startOffset
      if (tokenType === StringEnd) mark(opened, startOffset + 1, "string")
    }
    for (const { span } of parse(text).file.comments) mark(span.start, span.end, "comment")
    return kinds
  }

  const shown = async (text: string): Promise<readonly string[]> => {
    const kinds = Array.from(text, () => "code")
    for (const { start, end, scopes } of await coloured(text)) {
      const is = (of: RegExp) => scopes.some((scope) => of.test(scope))
      // A quoted key has the colour of a key, an expression in CEL those of CEL: inside of quotes all the same.
      if (is(/^comment/)) kinds.fill("comment", start, end)
      else if (is(/^string|^meta\.embedded|property-name|^meta\.template/)) kinds.fill("string", start, end)
    }
    return kinds
  }

  /** Where the two differ, as text; line ends have no colour, and words before a quote may share its rule. */
  const differences = async (text: string): Promise<readonly string[]> => {
    const [ours, theirs] = [read(text), await shown(text)]
    return Array.from(text).flatMap((character, at) => {
      if (/\s/.test(character) || ours[at] === theirs[at]) return []
      return ours[at] === "code" && theirs[at] === "string" ? [] : [`${at}: ${character} ${ours[at]} ${theirs[at]}`]
    })
  }

  it.each(exampleNames)("in %s are coloured as what the compiler reads them for", async (name) => {
    expect(await differences(exampleText(name))).toEqual([])
  })

  it("in any program are coloured as what the compiler reads them for", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (file) => {
        expect(await differences(print(file))).toEqual([])
      }),
      { numRuns: 30 },
    )
  })
})

describe("Shiki", () => {
  const themes = ["dark-plus", "light-plus", "github-dark", "github-light", "one-dark-pro", "monokai"] as const

  const highlighter = async () => {
    const loaded = await Promise.all(
      themes.map(
        async (name): Promise<ThemeRegistrationRaw> =>
          (await import(/* @vite-ignore */ `@shikijs/themes/${name}`)).default,
      ),
    )
    const language = { ...JSON.parse(readGrammar()), name: "authflow" }
    return createHighlighterCore({
      themes: loaded,
      langs: [language],
      engine: createOnigurumaEngine(import("@shikijs/engine-oniguruma/wasm-inlined")),
    })
  }
  const readGrammar = (): string => read(GRAMMAR)

  it("renders an example with the colours of VS Code's own theme", async () => {
    const text = exampleText("external-oidc")
    const shiki = await highlighter()
    const { tokens } = shiki.codeToTokens(text, { lang: "authflow", theme: "dark-plus", tokenizeTimeLimit: 0 })
    const colour = (word: string) => tokens.flat().find(({ content }) => content.trim() === word)?.color
    expect({
      keyword: colour("flow"),
      verb: colour("exchange"),
      kind: colour("aws.sts"),
      field: colour("region"),
      flow: colour("aws_mcp"),
      string: colour('"eu-central-1"'),
      arn: colour("arn"),
      call: colour("endsWith"),
      unit: colour("30m"),
      choice: colour("reject"),
    }).toEqual({
      keyword: "#569CD6",
      verb: "#C586C0",
      kind: "#4EC9B0",
      field: "#9CDCFE",
      flow: "#DCDCAA",
      string: "#CE9178",
      arn: "#569CD6",
      call: "#DCDCAA",
      unit: "#B5CEA8",
      choice: "#569CD6",
    })
    const html = shiki.codeToHtml(text, { lang: "authflow", theme: "dark-plus", tokenizeTimeLimit: 0 })
    expect(html).toContain('<span style="color:#C586C0">  exchange</span>')
    expect(html.replaceAll(/<[^>]+>/g, "").replaceAll("&#x26;", "&")).toBe(text.replaceAll("<", "&#x3C;"))
    shiki.dispose()
  })

  it.each(themes)("has in %s a colour for each kind of word", async (theme) => {
    const shiki = await highlighter()
    const { tokens, fg = "" } = shiki.codeToTokens(exampleText("thv-0050"), {
      lang: "authflow",
      theme,
      tokenizeTimeLimit: 0,
    })
    const colour = (word: string) => tokens.flat().find(({ content }) => content.trim() === word)?.color
    // One Dark gives names of properties the colour of plain text, in every language.
    const fields = theme === "one-dark-pro" ? [] : ["region"]
    for (const word of ["flow", "exchange", ...fields, '"us-east-1"', "1h", "deny", "jwt"])
      expect(colour(word)?.toUpperCase(), word).not.toBe(fg.toUpperCase())
    expect(new Set(tokens.flat().map(({ color }) => color)).size).toBeGreaterThanOrEqual(5)
    shiki.dispose()
  })
})
