import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { authflow, folder, start } from "./authflow.ts"
import { good, misspelt } from "./sources.ts"

const watching = (cwd: string) => start(["compile", "in.authflow", "-t", "plan", "-o", "out", "--watch"], { cwd })

/** Rounds that are told of, one line each, of which `count` came. */
const rounds = (count: number, how: string) =>
  new RegExp(`(?:^\\d\\d:\\d\\d:\\d\\d ${how}; watching [^\\n]*\\n[\\s\\S]*?){${count}}`, "m")

const resource = (cwd: string): string => JSON.parse(readFileSync(join(cwd, "out/plan.json"), "utf8")).flows[0].resource
const elsewhere = (path: string) =>
  good.replace("/mcp" + '" {', `/${path}" {`).replace('/mcp", scopes', `/${path}", scopes`)

describe("compile --watch", () => {
  it("compiles again after a change, says so, and ends with 0 on Ctrl-C", async () => {
    const cwd = folder({ "in.authflow": good })
    const running = watching(cwd)
    await running.written("stderr", rounds(1, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/mcp")
    writeFileSync(join(cwd, "in.authflow"), elsewhere("second"))
    await running.written("stderr", rounds(2, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/second")
    running.kill("SIGINT")
    const { code, stdout, stderr } = await running.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" })
    expect(stderr).toMatch(/ in\.authflow changed\nwrote out\/plan\.json\n.* done; watching in\.authflow\nstopped\n$/)
  })

  it("survives errors and keeps what was written before", async () => {
    const cwd = folder({ "in.authflow": good })
    const running = watching(cwd)
    await running.written("stderr", rounds(1, "done"))
    const before = readFileSync(join(cwd, "out/plan.json"), "utf8")
    writeFileSync(join(cwd, "in.authflow"), misspelt)
    await running.written("stderr", rounds(1, "failed"))
    await running.written("stderr", /error\[AF0301\]/)
    expect(readFileSync(join(cwd, "out/plan.json"), "utf8")).toBe(before)
    writeFileSync(join(cwd, "in.authflow"), elsewhere("mended"))
    await running.written("stderr", rounds(2, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/mended")
    expect(readdirSync(join(cwd, "out"))).toEqual(["plan.json"])
  })

  it("follows a file through what editors do: renamed over, deleted and made anew, its folder replaced", async () => {
    const cwd = folder()
    const at = (...path: readonly string[]) => join(cwd, ...path)
    mkdirSync(at("src"))
    writeFileSync(at("src/in.authflow"), good)
    const running = start(["compile", "src/in.authflow", "-t", "plan", "-o", "out", "--watch"], { cwd })
    await running.written("stderr", rounds(1, "done"))
    writeFileSync(at("src/in.authflow.new"), elsewhere("renamed"))
    renameSync(at("src/in.authflow.new"), at("src/in.authflow"))
    await running.written("stderr", rounds(2, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/renamed")

    rmSync(at("src/in.authflow"))
    await running.written(
      "stderr",
      /in\.authflow is gone\n.* cannot read src\/in\.authflow: no such file; watching src/,
    )
    expect(resource(cwd)).toBe("https://mcp.example.com/renamed")
    writeFileSync(at("src/in.authflow"), elsewhere("anew"))
    await running.written("stderr", rounds(3, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/anew")

    mkdirSync(at("other"))
    writeFileSync(at("other/in.authflow"), elsewhere("moved"))
    renameSync(at("src"), at("old"))
    renameSync(at("other"), at("src"))
    await running.written("stderr", rounds(4, "done"))
    expect(resource(cwd)).toBe("https://mcp.example.com/moved")
  })

  it("waits for a file that is not there yet", async () => {
    const cwd = folder()
    const running = watching(cwd)
    await running.written("stderr", /cannot read in\.authflow: no such file; watching in\.authflow/)
    writeFileSync(join(cwd, "in.authflow"), good)
    await running.written("stderr", rounds(1, "done"))
    expect(existsSync(join(cwd, "out/plan.json"))).toBe(true)
  })

  it("compiles again after a change of a file that it imports, at any depth, and of one that comes to be there", async () => {
    const cwd = folder({
      "in.authflow": good.replace(/^param domain:.*$/m, 'import { domain } from "./names.authflow"'),
      "names.authflow": 'import { zone } from "./zone.authflow"\n\nconst domain = "mcp.${zone}"\n',
    })
    const running = watching(cwd)
    await running.written("stderr", rounds(1, "failed"))
    writeFileSync(join(cwd, "zone.authflow"), 'const zone = "example.com"\n')
    await running.written("stderr", rounds(1, "done"))
    expect(resource(cwd)).toBe("https://mcp.mcp.example.com/mcp")
    writeFileSync(join(cwd, "zone.authflow"), 'const zone = "example.org"\n')
    await running.written("stderr", rounds(2, "done"))
    expect(resource(cwd)).toBe("https://mcp.mcp.example.org/mcp")
  })

  it("has the output whole at any time, however often the file changes", async () => {
    const cwd = folder({ "in.authflow": good })
    const running = watching(cwd)
    await running.written("stderr", rounds(1, "done"))
    const seen = new Set<string>()
    for (let round = 0; round < 8; round++) {
      writeFileSync(join(cwd, "in.authflow"), elsewhere(`r${round}`))
      for (let look = 0; look < 40; look++) {
        seen.add(resource(cwd)) // throws on half a document
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    await running.written("stderr", rounds(2, "done"))
    writeFileSync(join(cwd, "in.authflow"), elsewhere("last"))
    while (resource(cwd) !== "https://mcp.example.com/last") await new Promise((resolve) => setTimeout(resolve, 20))
    running.kill("SIGTERM")
    expect((await running.ended).code).toBe(0)
    expect(seen.has("https://mcp.example.com/mcp")).toBe(true)
  })

  it.each([
    [["compile", "in.authflow", "-t", "plan", "--watch"], /--watch needs -o DIR/],
    [["compile", "-", "-t", "plan", "-o", "out", "--watch"], /--watch needs a file/],
    [["compile", "in.authflow", "-t", "plan", "-o", "out", "--watch", "--format", "sarif"], /leave out --format sarif/],
    [["check", "--watch", "-"], /--watch needs a file/],
  ])("is refused where it makes no sense: %j", async (args, message) => {
    const { code, stderr } = await authflow(args, { cwd: folder({ "in.authflow": good }) })
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})

describe("check --watch", () => {
  it("watches each of the files, also one that cannot be read", async () => {
    const cwd = folder({ "a.authflow": good, "b.authflow": misspelt })
    const running = start(["check", "--watch", "a.authflow", "b.authflow", "c.authflow"], { cwd })
    await running.written("stderr", rounds(1, "failed"))
    await running.written("stdout", /error\[AF0301\]/)
    writeFileSync(join(cwd, "b.authflow"), good)
    writeFileSync(join(cwd, "c.authflow"), good)
    await running.written("stderr", /no problems in 3 files\n.* done; watching a\.authflow, b\.authflow, c\.authflow/)
    running.kill("SIGINT")
    expect((await running.ended).code).toBe(0)
  })
})

describe("compile --format", () => {
  it("writes SARIF to stdout and the files to the directory", async () => {
    const cwd = folder({ "in.authflow": good, "bad.authflow": misspelt })
    const fine = await authflow(["compile", "in.authflow", "-t", "plan", "-o", "out", "--format", "sarif"], { cwd })
    expect(JSON.parse(fine.stdout).runs[0].results).toEqual([])
    expect({ code: fine.code, stderr: fine.stderr }).toEqual({ code: 0, stderr: "wrote out/plan.json\n" })
    const bad = await authflow(["compile", "bad.authflow", "-t", "plan", "-o", "none", "--format", "sarif"], { cwd })
    expect(JSON.parse(bad.stdout).runs[0].results[0].ruleId).toBe("AF0301")
    expect({ code: bad.code, made: existsSync(join(cwd, "none")) }).toEqual({ code: 1, made: false })
  })

  it("tells what the target refuses as well", async () => {
    const args = ["compile", "examples/thv-0050-groups.authflow", "-t", "toolhive", "-o", join(folder(), "out")]
    const { code, stdout } = await authflow([...args, "--format", "json"])
    expect(code).toBe(1)
    expect(JSON.parse(stdout).map((each: { readonly code: string }) => each.code)).toContain("AF0801")
  })

  it("does not mix diagnostics with the result", async () => {
    const { code, stderr } = await authflow(["compile", "examples/thv-0050.authflow", "-t", "plan", "--format", "json"])
    expect(stderr).toContain("say where the files go with -o DIR")
    expect(code).toBe(2)
  })
})
