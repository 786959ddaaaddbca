import { describe, expect, it } from "vitest"
import { exampleNames, exampleText, exampleUri, testedHere } from "../examples.ts"
import { authflow, folder } from "./authflow.ts"
import { examples, good, misspelt, parameterized } from "./sources.ts"

const groups = exampleText("thv-0050-groups")
/** Two of its tests fail. */
const failing = groups.replaceAll("== 403", "== 401")
const untested = good.slice(0, good.indexOf("\ntest "))

describe("test", () => {
  it("passes on the examples, and each whose stages are all evaluated has tests", async () => {
    const { code, stdout, stderr } = await authflow(["test", ...examples])
    expect(code).toBe(0)
    for (const name of testedHere) expect(stdout).toContain(`${exampleUri(name)}\n  ok      `)
    expect(stdout).not.toContain("failed")
    const count = stdout.match(/^ {2}ok /gm)?.length
    expect(count).toBeGreaterThan(10)
    // What the others do is not known without the engine that runs them, or without what their callers bring (AF1109).
    const untested = exampleNames
      .filter((name) => !testedHere.includes(name))
      .map((name) => `${exampleUri(name)} has no tests\n`)
    expect(stderr).toBe(`${untested.join("")}${count} passed\n`)
  })

  it("without a file takes those of the directory", async () => {
    const cwd = folder({ "a.authflow": groups, "b.authflow": good, "c.txt": "no" })
    const { code, stdout } = await authflow(["test"], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^a\.authflow\n[\s\S]*^b\.authflow\n/m)
    const empty = await authflow(["test"], { cwd: folder() })
    expect(empty.code).toBe(2)
    expect(empty.stderr).toContain("this directory has no .authflow files")
  })

  it("shows where a test fails, what was seen, and the way that led there, and exits 1", async () => {
    const cwd = folder({ "gate.authflow": failing })
    const { code, stdout, stderr } = await authflow(["test", "gate.authflow"], { cwd })
    expect(code).toBe(1)
    const line = failing.split("\n").findIndex((text) => text.includes("== 401")) + 1
    expect(stdout).toContain("failed  people of no group are refused and told why")
    expect(stdout).toContain("error: expected aws_mcp.status to be 401, and it is 403")
    expect(stdout).toContain(`--> gate.authflow:${line}:3`)
    expect(stdout).toContain(`rule 1: claims.groups contains "admins": does not apply, claims.groups is ["sales"]`)
    expect(stdout).toContain("=> refused with 403 role-denied")
    expect(stderr).toBe("4 passed, 2 failed\n")
  })

  it("runs only what --filter names, and says when that is nothing", async () => {
    const cwd = folder({ "gate.authflow": failing })
    const some = await authflow(["test", "gate.authflow", "--filter", "ADMIN"], { cwd })
    expect(some).toMatchObject({ code: 0, stderr: "2 passed\n" })
    const none = await authflow(["test", "gate.authflow", "--filter", "zebra"], { cwd })
    expect(none).toMatchObject({ code: 0, stdout: "", stderr: "no test's title has zebra\n0 passed\n" })
  })

  it("says so of a file without tests", async () => {
    const cwd = folder({ "gate.authflow": untested })
    const { code, stdout, stderr } = await authflow(["test", "gate.authflow"], { cwd })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "gate.authflow has no tests\n0 passed\n" })
  })

  it("shows errors as check does and exits 1, and still runs the other files", async () => {
    const cwd = folder({ "bad.authflow": misspelt, "good.authflow": good })
    const { code, stdout, stderr } = await authflow(["test", "bad.authflow", "good.authflow"], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error\[AF0301\]/m)
    expect(stdout).toContain("good.authflow\n  ok")
    expect((await authflow(["test", "gone.authflow"], { cwd })).code).toBe(3)
  })

  it("reads standard input and takes parameters", async () => {
    const { code, stderr } = await authflow(["test", "-", "--param", "account=210987654321"], { stdin: parameterized })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "5 passed\n" })
    expect((await authflow(["test", "-"], { stdin: parameterized })).code).toBe(0)
    expect((await authflow(["test", "-", "--format", "xml"])).code).toBe(2)
  })
})

describe("results for machines", () => {
  const run = async (format: string, text = failing) => {
    const cwd = folder({ "gate.authflow": text })
    return (await authflow(["test", "gate.authflow", "--format", format], { cwd })).stdout
  }

  it("are TAP 14", async () => {
    const lines = (await run("tap")).split("\n")
    expect(lines.slice(0, 2)).toEqual(["TAP version 14", "1..6"])
    const points = lines.flatMap(
      (line) =>
        line
          .match(/^(ok|not ok) (\d) - /)
          ?.slice(1, 3)
          .join(" ") ?? [],
    )
    expect(points).toEqual(["ok 1", "ok 2", "not ok 3", "ok 4", "not ok 5", "ok 6"])
    expect(lines).toContain('  message: "expected aws_mcp.status to be 401, and it is 403"')
    const odd = await run("tap", groups.replace('test "nobody', 'test "# TODO \\\\ nobody'))
    expect(odd).toContain("ok 6 - \\# TODO \\\\ nobody")
  })

  it("are JSON, with the trace of each flow", async () => {
    const results: readonly Record<string, unknown>[] = JSON.parse(await run("json"))
    expect(results.map(({ passed }) => passed)).toEqual([true, true, false, true, false, true])
    const line = failing.split("\n").findIndex((text) => text.includes("== 401")) + 1
    expect(results[2]).toMatchObject({
      file: "gate.authflow",
      title: "people of no group are refused and told why",
      expectations: [
        { of: "aws_mcp.status", operator: "==", expected: 401, seen: 403, holds: false, line },
        { of: "aws_mcp.reason", holds: true },
        { of: "aws_mcp.detail", holds: true },
      ],
      traces: [{ flow: "aws_mcp", outcome: { kind: "refused", status: 403, code: "role-denied" } }],
    })
  })

  it("are JUnit XML", async () => {
    const text = await run("junit", failing.replace('test "people of', 'test "<people> & \\u{1} \\"of'))
    expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="6" failures="2"/)
    expect(text).toContain('<testcase name="&lt;people&gt; &amp; \ufffd &quot;of no group')
    expect(text).toContain('<failure message="expected aws_mcp.status to be 401, and it is 403">flow aws_mcp')
    expect(text.match(/<testcase /g)).toHaveLength(6)
    expect(text.match(/<\/testcase>|<testcase [^>]*\/>/g)).toHaveLength(6)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has none of these
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })
})
