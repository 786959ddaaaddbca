import { describe, expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { authflow, folder } from "./authflow.ts"
import { good } from "./sources.ts"

describe("authflow", () => {
  it("says its version", async () => {
    const { code, stdout, stderr } = await authflow(["--version"])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `authflow ${manifest.version}\n`, stderr: "" })
  })

  it("shows help on stdout when asked to", async () => {
    const { code, stdout, stderr } = await authflow(["--help"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    for (const command of ["check", "compile", "run", "test", "trace", "fmt", "explain"])
      expect(stdout).toMatch(`  ${command} `)
  })

  it("shows the help of a command", async () => {
    const { code, stdout } = await authflow(["compile", "--help"])
    expect(code).toBe(0)
    for (const flag of ["--target", "--output", "-o", "--param", "--validate-with"]) expect(stdout).toContain(flag)
  })

  it.each([
    ["no command", [], /USAGE/],
    ["an unknown command", ["chek"], /Unknown subcommand "chek"[\s\S]*check/],
    ["no file", ["check"], /Missing required argument: FILE/],
    ["an unknown flag", ["check", "--formta", "json", "x"], /Unrecognized flag: --formta[\s\S]*--format/],
    ["an unknown format", ["check", "--format", "xml", "x"], /--format.*xml/],
    ["an unknown target", ["compile", "x", "--target", "nomad"], /--target.*nomad/],
    ["no target", ["compile", "x"], /Missing required flag: --target/],
    ["a parameter without a value", ["check", "x", "--param", "domain"], /--param domain: write it as name=value/],
    ["a parameter given twice", ["check", "x", "--param", "a=1", "--param", "a=2"], /--param a is given twice/],
    ["standard input given twice", ["check", "-", "-"], /standard input can be read only once/],
    ["an unknown code", ["explain", "AF0100"], /no diagnostic has the code AF0100; did you mean AF0101\?/],
    ["a code that is none", ["explain", "help"], /no diagnostic has the code help; codes look like AF/],
    ["an address without a port", ["run", "x", "--listen", "127.0.0.1"], /write it as HOST:PORT/],
    ["a port that is none", ["run", "x", "--listen", "127.0.0.1:70000"], /write it as HOST:PORT/],
    ["an address for everybody", ["run", "x", "--listen", "0.0.0.0:8080"], /add --listen-any/],
    ["an address for everybody, IPv6", ["run", "x", "--listen", "[::]:8080"], /add --listen-any/],
    ["an address in the sandbox", ["run", "x", "--sandbox", "--listen", "127.0.0.1:1"], /leave out --listen/],
    ["CRDs for the plan", ["compile", "x", "-t", "plan", "--validate-with", "."], /is for --target toolhive/],
  ])("exits 2 and says why on stderr: %s", async (_, args, why) => {
    const { code, stdout, stderr } = await authflow(args)
    expect(stderr).toMatch(why)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  })

  it.each([
    ["a file that is not there", ["check", "nothing.authflow"], "stdout", /no such file[\s\S]*nothing\.authflow/],
    ["a directory, for fmt", ["fmt", "."], "stderr", /it is a directory/],
    [
      "a file that is not there, for compile",
      ["compile", "-t", "plan", "no.authflow"],
      "stderr",
      /cannot read no\.authflow/,
    ],
    ["a file that is not there, for fmt", ["fmt", "no.authflow"], "stderr", /cannot read no\.authflow: no such file/],
    ["a directory, for run", ["run", "."], "stderr", /cannot read \.: it is a directory/],
    [
      "a place that cannot be written",
      ["compile", "good.authflow", "-t", "plan", "-o", "good.authflow/x"],
      "stderr",
      /cannot write good\.authflow\/x/,
    ],
  ] as const)("exits 3 and says why: %s", async (_, args, stream, why) => {
    const ended = await authflow(args, { cwd: folder({ "good.authflow": good }) })
    expect(ended[stream]).toMatch(why)
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at /m)
    expect(ended.code).toBe(3)
  })

  it.each(["bash", "zsh", "fish"])("writes a completion script that %s would take", async (shell) => {
    const { code, stdout, stderr } = await authflow(["--completions", shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    for (const word of ["check", "explain", "validate-with"]) expect(stdout).toContain(word)
  })
})

describe("explain", () => {
  it.each(["AF0111", "af0111"])("tells what %s means", async (code) => {
    const ended = await authflow(["explain", code])
    expect(ended.stdout).toMatch(/^AF0111: .*\(error\)\n\n[\s\S]*What to do\n[\s\S]*Wrong\n {4}[\s\S]*Right\n {4}/)
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" })
  })
})
