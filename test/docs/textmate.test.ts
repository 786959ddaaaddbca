import { describe, expect, it } from "vitest"
import { textMateGrammar } from "../../editor/textmate/index.ts"
import { read } from "../architecture/source-files.ts"
import { exampleNames, exampleText } from "../examples.ts"
import { snapshotOf } from "../grammar/textmate-tokens.ts"

describe("the TextMate grammar", () => {
  it("is what the token list and the catalogue say; `npm run grammar` writes it", () => {
    const file = "grammar/authflow.tmLanguage.json"
    expect(read(file) === textMateGrammar(), `${file} is out of date: npm run grammar`).toBe(true)
  })

  it.each(exampleNames)(
    "colours examples/%s.authflow as before; `npm run grammar` writes what is new",
    async (name) => {
      await expect(await snapshotOf(exampleText(name))).toMatchFileSnapshot(
        `../grammar/textmate/examples/${name}.authflow.snap`,
      )
    },
  )
})
