import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { authflow, folder, launcher, root, start } from "./authflow.ts"
import { examples, good, misspelt } from "./sources.ts"

/** Runs a line of shell with the command as `$AUTHFLOW`. */
const shell = (line: string, stdin = "", cwd = root) =>
  spawnSync("/bin/bash", ["-o", "pipefail", "-c", line], {
    cwd,
    input: stdin,
    encoding: "utf8",
    env: { ...process.env, AUTHFLOW: `${process.execPath} ${launcher}` },
  })

/** A program whose plan is far longer than a pipe holds. */
const many = {
  "many.authflow": `${good.slice(0, good.indexOf("\nflow "))}${Array.from({ length: 400 }, (_, at) =>
    good
      .slice(good.indexOf("\nflow "), good.indexOf("\ntest ") < 0 ? undefined : good.indexOf("\ntest "))
      .replace("flow aws_mcp", `flow f${at}`)
      .replace(/(at "[^"]*)"/, `$1/f${at}"`),
  ).join("")}`,
}

describe("stdout", () => {
  it("holds all of a large result, whatever it is connected to", async () => {
    const args = ["compile", "examples/thv-0050.authflow", "-t", "plan"]
    const { stdout } = await authflow(args)
    const piped = shell(`$AUTHFLOW ${args.join(" ")} | cat`)
    const file = shell(`file=$(mktemp) && $AUTHFLOW ${args.join(" ")} > "$file" && cat "$file" && rm "$file"`)
    expect(piped.stdout).toBe(stdout)
    expect(file.stdout).toBe(stdout)
  })

  it("may be closed by its reader, and the command still ends with its own exit code", () => {
    const clean = shell("$AUTHFLOW compile examples/thv-0050.authflow -t plan | head -c 1 >/dev/null")
    expect(clean).toMatchObject({ status: 0, stderr: "" })
    // Far more than a pipe holds, so that writing does fail.
    const broken = shell("$AUTHFLOW compile many.authflow -t plan | head -c 1 >/dev/null", "", folder(many))
    expect(broken).toMatchObject({ status: 0, stderr: "" })
  })

  it("closed while errors are written leaves exit code 1, one line of summary and no stack trace", () => {
    const files = Array.from({ length: 300 }, (_, at) => [`${at}.authflow`, misspelt] as const)
    const { status, stderr } = shell(
      "$AUTHFLOW check *.authflow | head -c 1 >/dev/null",
      "",
      folder(Object.fromEntries(files)),
    )
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m)
    expect(stderr).toMatch(/^\d+ errors? in 300 files\n$/)
    expect(status).toBe(1)
  })
})

describe("a Node that is too old", () => {
  // The machine's own node. Where that is no older than authflow needs, this only shows that it works without handing over.
  const node = shell("PATH=/usr/local/bin:/usr/bin:/bin; command -v node").stdout.trim() || process.execPath

  it("hands over to the one that was installed along, with streams, arguments and exit code", async () => {
    const { code, stdout, stderr } = await authflow(["check", "-", ...examples], { stdin: misspelt, node })
    expect(stdout).toMatch(/^error\[AF/)
    expect(stderr).toMatch(new RegExp(`^\\d+ errors? in ${examples.length + 1} files\\n$`))
    expect(code).toBe(1)
  })

  it("passes signals on", async () => {
    const child = start(["run", "examples/thv-0050.authflow", "--sandbox"], { node })
    await child.written("stderr", /Ctrl-C drains and ends/)
    child.kill("SIGINT")
    expect(await child.ended).toMatchObject({ code: 0 })
  })
})
