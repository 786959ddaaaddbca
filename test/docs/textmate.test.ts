import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { textMateGrammar } from "../../editor/textmate/index.ts"
import { snapshotOf } from "../../editor/textmate/snapshot.ts"
import { read, root } from "../architecture/source-files.ts"
import { exampleNames, exampleText } from "../examples.ts"

describe("the TextMate grammar", () => {
  it("is what the token list and the catalogue say; `npm run grammar` writes it", () => {
    const file = "grammar/authflow.tmLanguage.json"
    expect(read(file) === textMateGrammar(), `${file} is out of date: npm run grammar`).toBe(true)
  })

  it.each(exampleNames)(
    "colours examples/%s.authflow as before; `npm run grammar` writes what is new",
    async (name) => {
      const file = `editor/textmate/snapshots/${name}.authflow.snap`
      expect(existsSync(join(root, file)), `${file} is missing: npm run grammar`).toBe(true)
      expect(await snapshotOf(exampleText(name)), "npm run grammar writes what is new").toBe(read(file))
    },
  )
})
