/**
 * Writes how each example is coloured: a part of `npm run grammar`.
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { exampleNames, exampleText } from "../examples.ts"
import { snapshotOf } from "./textmate-tokens.ts"

const folder = new URL("textmate/examples/", import.meta.url)

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const name of exampleNames)
  writeFileSync(new URL(`${name}.authflow.snap`, folder), await snapshotOf(exampleText(name)))
