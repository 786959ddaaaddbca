/**
 * Puts `authflow` among the commands of this checkout's own node_modules, so that `npx authflow` finds it there at once.
 * Without it npx installs the checkout into a cache of its own first, which is slow and, once interrupted, stays broken.
 * On Windows, where commands are shims that npm writes, npx goes that longer way.
 *
 * @module
 */
import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"

if (process.platform !== "win32") {
  const commands = join(import.meta.dirname, "../node_modules/.bin")
  const command = join(commands, "authflow")
  mkdirSync(commands, { recursive: true })
  rmSync(command, { force: true })
  symlinkSync("../../cli/launcher.js", command)
}
