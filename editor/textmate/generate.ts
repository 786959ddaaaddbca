/**
 * Writes the TextMate grammar, and how it colours each example: `npm run grammar`, and a part of `npm run docs`.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { textMateGrammar } from "./index.ts"
import { snapshotOf } from "./snapshot.ts"

const examples = new URL("../../examples/", import.meta.url)
const snapshots = new URL("snapshots/", import.meta.url)

writeFileSync(new URL("../../grammar/authflow.tmLanguage.json", import.meta.url), textMateGrammar())
rmSync(snapshots, { recursive: true, force: true })
mkdirSync(snapshots, { recursive: true })
for (const name of readdirSync(examples).filter((file) => file.endsWith(".authflow")))
  writeFileSync(new URL(`${name}.snap`, snapshots), await snapshotOf(readFileSync(new URL(name, examples), "utf8")))
