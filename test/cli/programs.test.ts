import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { authflow, folder } from "./authflow.ts"

const identity = `param domain: hostname

provider corp = oidc {
  issuer       = "https://idp.\${domain}"
  access_token = { format: jwt, claims: { groups: strings } }
}

env prod { domain = "corp.example" }
env dev  { domain = "dev.example" }
`

const flow = (name: string, path = name): string => `import { corp, domain } from "../identity.authflow"

flow ${name} at "https://mcp.\${domain}/${path}" {
  identify corp
  exchange aws.sts {
    subject = corp.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/reader"
    session = { name: claims.sub, on_invalid: reject }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://up.example/mcp"
}
`

const tree = (files: Readonly<Record<string, string>>): string => {
  const root = folder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

const sound = { "identity.authflow": identity, "flows/orders.authflow": flow("orders") }

describe("a program of several files", () => {
  it("is checked with what it imports, in every environment", async () => {
    const cwd = tree(sound)
    expect(await authflow(["check", "flows/orders.authflow"], { cwd })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "no problems in 1 file\n",
    })
  })

  it("is compiled for the environment that is asked for", async () => {
    const cwd = tree(sound)
    for (const [env, domain] of [
      ["prod", "corp.example"],
      ["dev", "dev.example"],
    ] as const) {
      const { code, stdout } = await authflow(["compile", "-t", "plan", "--env", env, "./flows/orders.authflow"], {
        cwd,
      })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        providers: [{ issuer: `https://idp.${domain}` }],
        flows: [{ resource: `https://mcp.${domain}/orders` }],
      })
    }
    const given = await authflow(
      ["compile", "-t", "plan", "--env", "dev", "--param", "domain=mine.example", "flows/orders.authflow"],
      { cwd },
    )
    expect(given.stdout).toContain("https://idp.mine.example")
  })

  it("is refused for an environment there is not, with the nearest, and without a value", async () => {
    const cwd = tree(sound)
    const unknown = await authflow(["compile", "-t", "plan", "--env", "prd", "flows/orders.authflow"], { cwd })
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/AF0906.*did you mean `prod`/) })
    const none = await authflow(["compile", "-t", "plan", "flows/orders.authflow"], { cwd })
    expect(none.stderr).toMatch(/AF0903[\s\S]*--> identity\.authflow:1:7/)
  })

  it("shows a mistake in an imported file with that file's text", async () => {
    const cwd = tree({ ...sound, "identity.authflow": identity.replace("issuer ", "isuer ") })
    const { code, stdout } = await authflow(["check", "flows/orders.authflow"], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/AF0301[\s\S]*--> identity\.authflow:4:3[\s\S]*isuer {7}= "https/)
    const { stdout: json } = await authflow(["check", "--format", "json", "flows/orders.authflow"], { cwd })
    expect(JSON.parse(json)[0]).toMatchObject({ code: "AF0301", file: "identity.authflow", line: 4, column: 3 })
  })

  it("reads nothing outside of the directory it is worked in", async () => {
    const cwd = join(tree(sound), "flows")
    const { stdout } = await authflow(["check", "orders.authflow"], { cwd })
    expect(stdout).toMatch(/AF0217/)
  })
})

describe("files that are checked together", () => {
  it("are found below a directory, and what collides is told once with both places", async () => {
    const cwd = tree({ ...sound, "flows/twin.authflow": flow("twin", "orders"), "node_modules/x/a.authflow": "junk" })
    const { code, stdout, stderr } = await authflow(["check", "--format", "json", "."], { cwd })
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        code: "AF0704",
        file: "flows/twin.authflow",
        line: 3,
        related: [expect.objectContaining({ file: "flows/orders.authflow", line: 3 })],
      }),
    ])
    expect(stderr).toBe("1 error in 3 files\n")
    expect(code).toBe(1)
  })

  it("are those of a directory: files that are named are each a deployment of their own", async () => {
    const cwd = tree({ ...sound, "flows/twin.authflow": flow("twin", "orders") })
    const named = ["identity.authflow", "flows/orders.authflow", "flows/twin.authflow"]
    const answer = await authflow(["check", ...named], { cwd })
    expect(answer).toMatchObject({ code: 0, stdout: "", stderr: "no problems in 3 files\n" })
  })

  it("may share what they import, and be named twice", async () => {
    const cwd = tree({ ...sound, "flows/other.authflow": flow("other") })
    const names = ["./flows/other.authflow", "flows", "identity.authflow", "./identity.authflow"]
    expect(await authflow(["check", ...names], { cwd })).toMatchObject({ code: 0, stdout: "" })
  })

  it("a directory without any is a mistake of the command line", async () => {
    const { code, stderr } = await authflow(["check", "."], { cwd: folder() })
    expect(code).toBe(2)
    expect(stderr).toContain("no .authflow files")
  })
})
