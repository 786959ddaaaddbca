import { describe, expect, it } from "vitest"
import { OUTSIDE, SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { checkWorkspace, createWorkspace } from "../../compiler/index.ts"
import { type Files, said } from "./sources.ts"

const checked = (files: Files) => {
  const workspace = createWorkspace()
  for (const [uri, text] of Object.entries(files)) workspace.open({ uri, text })
  return checkWorkspace(workspace, [Object.keys(files)]).diagnostics.map((each) => ({
    said: said(files, each),
    related: each.related.map(({ uri, span }) => `${(files[uri] ?? "").slice(span.start, span.end)} in ${uri}`),
  }))
}

const GATE = SOUND.slice(0, SOUND.indexOf("flow aws"))
const FLOW = SOUND.slice(SOUND.indexOf("flow aws"))

/** A flow with a name and a path of its own. */
const flow = (name: string, path = name): string =>
  FLOW.replace("flow aws", `flow ${name}`).replace("example.com/mcp", `example.com/${path}`)

describe("files beside each other", () => {
  it("are fine when they share a server by importing it", () => {
    const using = (name: string) => `import { corp, gate } from "./gate.authflow"\n\n${flow(name)}`
    expect(checked({ "gate.authflow": GATE, "a.authflow": using("a"), "b.authflow": using("b") })).toEqual([])
  })

  it("are fine when one server is written down in both as it is", () => {
    const found = checked({ "a.authflow": GATE + flow("a"), "b.authflow": GATE + flow("b") })
    expect(found).toEqual([{ said: "AF0224 gate in b.authflow", related: ["gate in a.authflow"] }])
  })

  it("cannot have two flows at one address, however it is written", () => {
    const found = checked({
      "a.authflow": OUTSIDE,
      "b.authflow": OUTSIDE.replace("flow aws", "flow other").replace("mcp.example.com/mcp", "MCP.example.com/mcp"),
    })
    expect(found).toEqual([
      {
        said: 'AF0704 "https://MCP.example.com/mcp" in b.authflow',
        related: ['"https://mcp.example.com/mcp" in a.authflow'],
      },
    ])
  })

  it("cannot configure one issuer in two ways", () => {
    const other = GATE.replace("server gate", "server door").replace('key: "2026"', 'key: "2025"')
    const flowOfOther = flow("b").replace("identify gate", "identify door")
    expect(checked({ "a.authflow": GATE + flow("a"), "b.authflow": other + flowOfOther })).toEqual([
      {
        said: 'AF0710 "https://auth.example.com" in b.authflow',
        related: ['"https://auth.example.com" in a.authflow'],
      },
    ])
  })

  it("cannot hide a server of another file behind a flow", () => {
    const hiding = OUTSIDE.replace("flow aws", "flow other").replace("mcp.example.com/mcp", "auth.example.com/oauth")
    expect(checked({ "a.authflow": SOUND, "b.authflow": hiding })).toEqual([
      {
        said: 'AF0708 "https://auth.example.com/oauth" in b.authflow',
        related: ['"https://auth.example.com" in a.authflow'],
      },
    ])
  })

  it("are warned of flows of one name, which Kubernetes would take for one", () => {
    const other = OUTSIDE.replace("example.com/mcp", "example.com/other")
    expect(checked({ "a.authflow": OUTSIDE, "b.authflow": other })).toEqual([
      { said: "AF0224 aws in b.authflow", related: ["aws in a.authflow"] },
    ])
  })

  it("are not warned of flows of one name in two namespaces", () => {
    const inNamespace = (name: string) => `deploy toolhive { namespace = "${name}" }\n\n${OUTSIDE}`
    const other = inNamespace("team-b").replace("example.com/mcp", "example.com/other")
    expect(checked({ "a.authflow": inNamespace("team-a"), "b.authflow": other })).toEqual([])
  })

  it("are told what is wrong in a file that both import once", () => {
    const using = (name: string) => `import { corp, gate } from "./gate.authflow"\n\n${flow(name)}`
    const broken = GATE.replace("login  = [corp]", "login  = [crop]")
    expect(checked({ "a.authflow": using("a"), "b.authflow": using("b"), "gate.authflow": broken })).toEqual([
      { said: "AF0201 crop in gate.authflow", related: [] },
    ])
  })
})

describe("a file that others import", () => {
  it("needs no flow, and is not told that nothing uses what they use", () => {
    const library = `${OUTSIDE}\nconst region = "us-east-1"\n`
    const using = `import { corp, region } from "./library.authflow"\n\n${OUTSIDE.slice(OUTSIDE.indexOf("flow aws"))
      .replace("flow aws", "flow other")
      .replace("example.com/mcp", "example.com/other")
      .replace('"us-east-1"', "region")}`
    expect(checked({ "library.authflow": library, "using.authflow": using })).toEqual([])
    expect(checked({ "library.authflow": library }).map(({ said }) => said)).toEqual([
      "AF0209 region in library.authflow",
    ])
    expect(checked({ "gate.authflow": GATE })).toEqual([])
  })

  it("has something to import: an empty file is still a mistake", () => {
    expect(checked({ "empty.authflow": "// nothing\n" }).map(({ said }) => said)).toEqual(["AF0409  in empty.authflow"])
  })
})
