/**
 * Puts `authflow` among the commands of this checkout's own node_modules, where `npx authflow` and npm's scripts find it.
 *
 * package.json has no `bin` for it on purpose: with one, npx would first install the checkout into a cache of its own, which
 * takes seconds and, once interrupted, stays broken for that checkout.
 *
 * @module
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const commands = join(import.meta.dirname, "../node_modules/.bin")
const command = join(commands, "authflow")

mkdirSync(commands, { recursive: true })
rmSync(command, { force: true })
if (process.platform === "win32") {
  // Links need a privilege there; these are the shims that npm would write.
  writeFileSync(command, '#!/bin/sh\nexec node "$(dirname "$0")/../../cli/launcher.js" "$@"\n')
  writeFileSync(`${command}.cmd`, '@node "%~dp0\\..\\..\\cli\\launcher.js" %*\r\n')
} else {
  symlinkSync("../../cli/launcher.js", command)
}
