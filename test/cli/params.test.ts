import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { readParameterFile } from "../../compiler/parameter-file.ts"
import { authflow, folder, start } from "./authflow.ts"
import { good, parameterized } from "./sources.ts"

const compile = (cwd: string, ...args: readonly string[]) =>
  authflow(["compile", "in.authflow", "-t", "plan", ...args], { cwd })

describe("--params FILE", () => {
  const cwd = () =>
    folder({
      "in.authflow": parameterized,
      "p.json": '{ "account": "210987654321" }',
      "p.yaml": "# an account number keeps its zeros\naccount: 012345678901\n",
      "unknown.yaml": "acount: '123456789012'\n",
      "list.yaml": "account: [1]\n",
      "text.yaml": "account\n",
      "broken.yaml": "account: [\n",
    })

  it.each([
    ["JSON", ["--params", "p.json"], "210987654321"],
    ["YAML", ["--params", "p.yaml"], "012345678901"],
    [
      "a value of the command line before it",
      ["--params", "p.json", "--param", "account=111111111111"],
      "111111111111",
    ],
  ])("%s", async (_, args, account) => {
    const { code, stdout, stderr } = await compile(cwd(), ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toContain(`arn:aws:iam::${account}:role/`)
  })

  it.each([
    ["a parameter that there is not", "unknown.yaml", 1, /acount/],
    ["a list", "list.yaml", 2, /--params list\.yaml: `account` has no value that a parameter can have/],
    ["no map", "text.yaml", 2, /--params text\.yaml: it is not a map of names and values/],
    ["no YAML", "broken.yaml", 2, /--params broken\.yaml: /],
    ["no file", "none.yaml", 3, /cannot read none\.yaml/],
    ["standard input", "-", 2, /--params needs a file/],
  ])("%s is refused", async (_, file, exit, message) => {
    const { code, stdout, stderr } = await compile(cwd(), "--params", file)
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" })
    expect(stderr).toMatch(message)
  })

  it("is taken by every command that takes --param", async () => {
    const at = cwd()
    const claims = join(at, "claims.json")
    writeFileSync(claims, "{}")
    for (const args of [
      ["check", "in.authflow"],
      ["graph", "in.authflow"],
      ["test", "in.authflow"],
      ["trace", "in.authflow", "--claims", claims],
    ]) {
      const { stderr } = await authflow([...args, "--params", "none.yaml"], { cwd: at })
      expect(stderr, args[0]).toContain("cannot read none.yaml")
    }
  })

  it("says true, false and numbers as they are written", () => {
    expect(readParameterFile('{"a": true, "b": 12, "c": "x", "d": "5m"}')).toEqual({
      values: { a: "true", b: "12", c: "x", d: "5m" },
    })
    expect(readParameterFile("")).toEqual({ values: {} })
    expect(readParameterFile("a: ~")).toEqual({ problem: expect.stringContaining("`a`") })
  })
})

describe("check --watch", () => {
  it("notices files that come to a directory and go, and values that change", async () => {
    const cwd = folder({ "a.authflow": good, "p.yaml": "{}" })
    const running = start(["check", "--watch", "--params", "p.yaml", "."], { cwd })
    await running.written("stderr", /no problems in 1 file\n/)
    writeFileSync(join(cwd, "b.authflow"), good.replace("mcp.example.com/mcp", "mcp.example.com/other"))
    await running.written("stderr", /2 files\n/)
    rmSync(join(cwd, "b.authflow"))
    await running.written("stderr", /2 files\n[\s\S]*no problems in 1 file\n/)
    writeFileSync(join(cwd, "p.yaml"), "nobody: 1\n")
    await running.written("stdout", /nobody/)
    running.kill("SIGINT")
    expect((await running.ended).code).toBe(0)
  })
})
