import { describe, expect, it } from "vitest"
import { SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { checkWorkspace, createWorkspace } from "../../compiler/index.ts"
import { analyzedFiles, type Files, problemsIn, said } from "./sources.ts"

const text = (params: string, envs: string): string =>
  `${params}\n\n${SOUND.replace("idp.example.com", "idp.${domain}")}\n${envs}\n`

const main = (envs: string, params = 'param domain: hostname = "example.com"'): Files => ({
  "main.authflow": text(params, envs),
})

const issuer = (files: Files, options: Parameters<typeof analyzedFiles>[1]) =>
  analyzedFiles(files, options).program?.providers[0]?.fields.issuer?.value

/** What checking all files together says, with its notes on environments. */
const checked = (files: Files) => {
  const workspace = createWorkspace()
  for (const [uri, text] of Object.entries(files)) workspace.open({ uri, text })
  return checkWorkspace(workspace, [Object.keys(files)]).diagnostics.map((each) => ({
    said: said(files, each),
    environments: each.notes.filter((note) => note.startsWith("in the environment")),
  }))
}

describe("an environment", () => {
  const both = main('env prod { domain = "corp.example" }\nenv dev { domain = "dev.example" }')

  it("gives parameters their values, and the command line has the last word", () => {
    expect(issuer(both, {})).toBe("https://idp.example.com")
    expect(issuer(both, { env: "prod" })).toBe("https://idp.corp.example")
    expect(issuer(both, { env: "dev" })).toBe("https://idp.dev.example")
    expect(issuer(both, { env: "dev", params: { domain: "mine.example" } })).toBe("https://idp.mine.example")
  })

  it("that there is not is refused, with the nearest", () => {
    expect(analyzedFiles(both, { env: "porod" }).diagnostics).toMatchObject([
      { code: "AF0906", message: expect.stringContaining("did you mean `prod`?") },
    ])
  })

  it.each<[string, readonly string[]]>([
    ['env prod { domian = "x.example" }', ["AF0907 domian in main.authflow"]],
    ['env prod { domain = "not a host" }', ['AF0904 "not a host" in main.authflow']],
    ["env prod { domain = 3 }", ["AF0904 3 in main.authflow"]],
    ['env prod { domain = "${domain}" }', ['AF0908 "${domain}" in main.authflow']],
    ["env prod { domain = [1] }", ["AF0908 [1] in main.authflow"]],
    ['env prod { domain = "a.example", domain = "b.example" }', ["AF0303 domain in main.authflow"]],
    ["env prod {}\nenv prod {}", ["AF0202 prod in main.authflow"]],
  ])("%s is told of", (envs, expected) => {
    expect(problemsIn(main(envs), { env: "prod" })).toEqual(expected)
  })

  it("may be called as something else is: it is named only on the command line", () => {
    expect(problemsIn(main('env gate { domain = "x.example" }'), { env: "gate" })).toEqual([])
  })

  it("also gives values to parameters of imported files; the file that imports has the last word", () => {
    const files = {
      "main.authflow": `import { domain } from "./shared.authflow"\n\n${text("", 'env prod { domain = "main.example" }')}`,
      "shared.authflow":
        'param domain: hostname\n\nenv prod { domain = "shared.example" }\nenv dev { domain = "dev.example" }\n',
    }
    expect(issuer(files, { env: "prod" })).toBe("https://idp.main.example")
    expect(issuer(files, { env: "dev" })).toBe("https://idp.dev.example")
    expect(analyzedFiles(files).environments).toEqual(["prod", "dev"])
  })
})

describe("a check without a choice of environment", () => {
  it("is of every one, and says in which a mistake is found", () => {
    const files = main('env prod { domain = "corp.example" }\nenv dev {}', "param domain: hostname")
    expect(checked(files)).toEqual([
      { said: "AF0903 domain in main.authflow", environments: ["in the environment `dev`"] },
    ])
  })

  it("says once what is wrong in all of them", () => {
    const files = main('env prod { domain = "corp.example" }\nenv dev { domain = "dev.example" }')
    const broken = { "main.authflow": (files["main.authflow"] ?? "").replace("login  = [corp]", "login  = [crop]") }
    expect(checked(broken)).toEqual([{ said: "AF0201 crop in main.authflow", environments: [] }])
  })

  it("takes samples only where there is no environment", () => {
    expect(checked(main("", "param domain: hostname"))).toEqual([])
  })
})
