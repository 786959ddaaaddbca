import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { authflow, folder } from "./authflow.ts"
import { examples, good } from "./sources.ts"

const sloppy = good.replaceAll("  ", " ").replace("sign aws.sigv4", "\n\n\n   sign   aws.sigv4")

describe("fmt", () => {
  it("finds the examples formatted", async () => {
    const { code, stdout, stderr } = await authflow(["fmt", "--check", ...examples])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("names the files that are not, changes none of them, and exits 1", async () => {
    const cwd = folder({ "a.authflow": sloppy, "b.authflow": good })
    const { code, stdout } = await authflow(["fmt", "--check", "a.authflow", "b.authflow"], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: "a.authflow\n" })
    expect(readFileSync(join(cwd, "a.authflow"), "utf8")).toBe(sloppy)
  })

  it("formats in place, once and for all", async () => {
    const cwd = folder({ "a.authflow": sloppy })
    const first = await authflow(["fmt", "a.authflow"], { cwd })
    expect(first).toMatchObject({ code: 0, stdout: "", stderr: "formatted a.authflow\n" })
    const formatted = readFileSync(join(cwd, "a.authflow"), "utf8")
    expect(formatted).not.toBe(sloppy)
    const second = await authflow(["fmt", "a.authflow"], { cwd })
    expect(second).toMatchObject({ code: 0, stdout: "", stderr: "" })
    expect(readFileSync(join(cwd, "a.authflow"), "utf8")).toBe(formatted)
  })

  it("keeps the permissions of a file, and a link a link", async () => {
    const cwd = folder({ "a.authflow": sloppy })
    chmodSync(join(cwd, "a.authflow"), 0o640)
    symlinkSync("a.authflow", join(cwd, "link.authflow"))
    expect(await authflow(["fmt", "link.authflow"], { cwd })).toMatchObject({ code: 0 })
    expect(statSync(join(cwd, "a.authflow")).mode & 0o777).toBe(0o640)
    expect(lstatSync(join(cwd, "link.authflow")).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(cwd, "a.authflow"), "utf8")).not.toBe(sloppy)
  })

  it("reads standard input and writes standard output for -", async () => {
    const once = await authflow(["fmt", "-"], { stdin: sloppy })
    expect(once).toMatchObject({ code: 0, stderr: "" })
    const twice = await authflow(["fmt", "-"], { stdin: once.stdout })
    expect(twice.stdout).toBe(once.stdout)
  })

  it("leaves a file that cannot be parsed as it is, says why on stderr, and formats the others", async () => {
    const broken = `${sloppy}\nflow {`
    const cwd = folder({ "a.authflow": broken, "b.authflow": sloppy })
    const { code, stdout, stderr } = await authflow(["fmt", "a.authflow", "b.authflow"], { cwd })
    expect(stderr).toMatch(/^error\[AF01\d\d\][\s\S]*formatted b\.authflow\n$/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(readFileSync(join(cwd, "a.authflow"), "utf8")).toBe(broken)
  })

  it("has no opinion on what a file means", async () => {
    const stdin = good.replace("regiom", "region").replace("aws.sts", "aws.nothing")
    expect(await authflow(["fmt", "-"], { stdin })).toMatchObject({ code: 0, stderr: "" })
  })
})
