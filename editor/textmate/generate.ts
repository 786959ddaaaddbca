/**
 * Writes the TextMate grammar: `npm run grammar`.
 *
 * @module
 */
import { writeFileSync } from "node:fs"
import { textMateGrammar } from "./index.ts"

writeFileSync(new URL("../../grammar/authflow.tmLanguage.json", import.meta.url), textMateGrammar())
