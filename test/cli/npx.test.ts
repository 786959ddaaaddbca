import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { folder, root } from "./authflow.ts"

it("npx runs the checkout's own command, without a network and without a cache of its own", () => {
  const cache = folder()
  const { status, stdout } = spawnSync("npx", ["authflow", "--version"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, npm_config_cache: cache, npm_config_offline: "true", npm_config_update_notifier: "false" },
  })
  expect({ status, stdout }).toEqual({ status: 0, stdout: `authflow ${manifest.version}\n` })
  expect(readdirSync(cache)).not.toContain("_npx")
})
