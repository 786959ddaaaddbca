/**
 * Builds and links the command once before the tests, as `npm ci` does.
 *
 * @module
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

export const setup = (): void => {
  for (const script of ["cli/build.ts", "cli/link.ts"]) {
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: root, encoding: "utf8" })
    if (status !== 0) throw new Error(`${script} failed: ${stderr}`)
  }
}
