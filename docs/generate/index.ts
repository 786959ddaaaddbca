/**
 * The generated pages.
 *
 * @module
 */
import { capabilitiesPage } from "./capabilities.ts"
import { diagnosticsPage } from "./diagnostics.ts"
import { stagesPage } from "./stages.ts"

/** Texts by file name in docs/. The same catalogue gives the same bytes. */
export const pages = (): Readonly<Record<string, string>> => ({
  "stages.md": stagesPage(),
  "diagnostics.md": diagnosticsPage(),
  "capabilities.md": capabilitiesPage(),
})
