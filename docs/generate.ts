/**
 * Writes the pages that are made from the catalogue and the registry: `npm run docs`.
 *
 * @module
 */
import { writeFileSync } from "node:fs"
import { pages } from "./generate/index.ts"

for (const [name, text] of Object.entries(pages())) writeFileSync(new URL(name, import.meta.url), text)
