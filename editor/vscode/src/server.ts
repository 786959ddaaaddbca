/**
 * The language server that comes with the extension, in a process of its own.
 *
 * @module
 */

import { serve } from "../../language-server/index.ts"
import manifest from "../manifest.json" with { type: "json" }

serve({ version: manifest.version, docs: undefined })
