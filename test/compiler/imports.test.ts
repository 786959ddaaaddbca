import { describe, expect, it } from "vitest"
import { IDENTITY, IMPORTING, OUTSIDE, SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { createWorkspace, renderTerminal, targets } from "../../compiler/index.ts"
import { toolhive } from "../../compiler/targets/toolhive/index.ts"
import { change } from "./problems.ts"
import { analyzedFiles, type Files, problemsIn } from "./sources.ts"

const files = (changed: Files = {}): Files => ({
  "main.authflow": IMPORTING,
  "identity.authflow": IDENTITY,
  ...changed,
})

const planOf = (from: Files, options = {}) => {
  const { program, diagnostics } = analyzedFiles(from, options)
  expect(diagnostics).toEqual([])
  return program && targets.plan.lowerPlan(program).plan
}

describe("an import", () => {
  it("makes the same program as one file with everything in it", () => {
    const apart = planOf(files())
    const inOne = planOf({ "main.authflow": SOUND })
    expect(apart).toEqual(inOne)
    expect(apart?.providers).toHaveLength(1)
  })

  it("gives another name to what it imports, here and not there", () => {
    const renamed = IMPORTING.replace("{ corp }", "{ corp as staff }").replaceAll("corp]", "staff]")
    const main = renamed.replaceAll("corp.id_token", "staff.id_token")
    expect(planOf(files({ "main.authflow": main }))).toEqual(planOf(files()))
  })

  it("brings along the providers that an imported server logs people in at", () => {
    const flow = SOUND.slice(SOUND.indexOf("flow aws")).replace(
      "subject = corp.id_token",
      "subject = front.access_token",
    )
    const main = `import { gate as front } from "./gate.authflow"\n\n${flow.replace("identify gate", "identify front")}`
    const from = { "main.authflow": main, "gate.authflow": SOUND.slice(0, SOUND.indexOf("flow aws")) }
    const { program, diagnostics } = analyzedFiles(from)
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([])
    expect(program?.providers.map(({ name }) => name.value)).toEqual(["corp"])
    expect(program?.servers.map(({ name }) => name.value)).toEqual(["gate"])
  })

  it("reaches through folders, and a file that two import is one file", () => {
    const from = {
      "flows/main.authflow": `import { corp } from "../shared/identity.authflow"\nimport { region } from "./places.authflow"\n\n${OUTSIDE.slice(OUTSIDE.indexOf("flow aws")).replace('"us-east-1"', "region")}`,
      "flows/places.authflow":
        'import { area } from "../shared/identity.authflow"\n\nconst region = "${area}-east-1"\n',
      "shared/identity.authflow": `const area = "us"\n\n${OUTSIDE.slice(0, OUTSIDE.indexOf("flow aws"))}`,
    }
    expect(problemsIn(from)).toEqual([])
    expect(analyzedFiles(from).sources.map(({ uri }) => uri)).toEqual([
      "flows/main.authflow",
      "shared/identity.authflow",
      "flows/places.authflow",
    ])
  })

  it.each<[string, string, string]>([
    ["a path that is none", '"identity.authflow"', "AF0217"],
    ["an absolute path", '"/etc/identity.authflow"', "AF0217"],
    ["a URL", '"https://x.example/identity.authflow"', "AF0217"],
    ["backslashes", '".\\\\identity.authflow"', "AF0217"],
    ["a path out of the workspace", '"./a/../../identity.authflow"', "AF0217"],
    ["a file there is not", '"./idnetity.authflow"', "AF0218"],
    ["the file itself", '"./main.authflow"', "AF0219"],
  ])("is refused with %s, and says nothing of what is used from it", (_, path, code) => {
    const main = IMPORTING.replace('"./identity.authflow"', path)
    expect(problemsIn(files({ "main.authflow": main }))).toEqual([`${code} ${path} in main.authflow`])
  })

  it("stays below the folder of a file that lies elsewhere, or below the one that is said", () => {
    const elsewhere = { "../other/main.authflow": IMPORTING, "../other/identity.authflow": IDENTITY }
    expect(problemsIn(elsewhere)).toEqual([])
    const above = { "/repo/flows/main.authflow": IMPORTING.replace("./", "../"), "/repo/identity.authflow": IDENTITY }
    expect(problemsIn(above)).toEqual(['AF0217 "../identity.authflow" in /repo/flows/main.authflow'])
    expect(problemsIn(above, { root: "/repo" })).toEqual([])
    const addressed = {
      "file:///repo/flows/main.authflow": IMPORTING.replace("./identity", "../who is it"),
      "file:///repo/who%20is%20it.authflow": IDENTITY,
    }
    expect(problemsIn(addressed, { root: "file:///repo" })).toEqual([])
  })

  it("names the whole chain of files that import each other", () => {
    const from = {
      "main.authflow": `import { a } from "./a.authflow"\n\n${SOUND}`,
      "a.authflow": 'import { b } from "./b.authflow"\n\nconst a = b\n',
      "b.authflow": 'import { a } from "./a.authflow"\n\nconst b = a\n',
    }
    const { diagnostics } = analyzedFiles(from)
    expect(diagnostics.map(({ message, uri }) => [message, uri])).toEqual([
      ["these files import each other: a.authflow → b.authflow → a.authflow", "b.authflow"],
    ])
  })

  it.each<[string, string, readonly string[]]>([
    ["a name that is nearly right", "crop as corp", ["AF0220 crop in main.authflow"]],
    ["one name twice", "corp, corp", ["AF0202 corp in main.authflow"]],
    ["a name that the file uses itself", "corp, domain as gate", ["AF0202 gate in main.authflow"]],
    ["what nothing uses", "corp, domain", ["AF0209 domain in main.authflow"]],
  ])("is told of %s", (_, names, expected) => {
    expect(problemsIn(files({ "main.authflow": IMPORTING.replace("{ corp }", `{ ${names} }`) }))).toEqual(expected)
  })

  it("of a name that the other file only imports itself is refused", () => {
    const from = files({
      "main.authflow": IMPORTING.replace("identity", "between"),
      "between.authflow": 'import { corp } from "./identity.authflow"\n',
    })
    expect(problemsIn(from)).toEqual(["AF0220 corp in main.authflow"])
  })
})

describe("a mistake in an imported file", () => {
  const broken = files({ "identity.authflow": change(IDENTITY, '"openid", "email"', '"openid", 3') })

  it("is told there, once, and nothing that follows from it", () => {
    expect(problemsIn(broken)).toEqual(["AF0304 3 in identity.authflow"])
    expect(analyzedFiles(broken).program).toBeUndefined()
  })

  it("is shown with the text of its own file", () => {
    const { diagnostics, sources } = analyzedFiles(broken)
    const frames = renderTerminal(diagnostics, sources, { color: false, width: 120 })
    expect(frames).toContain("--> identity.authflow:7:30")
    expect(frames).toContain('scopes        = ["openid", 3]')
  })

  it("is told of its syntax, too", () => {
    const from = files({ "identity.authflow": change(IDENTITY, "client_id     =", "client_id     ") })
    expect(problemsIn(from)).toEqual(['AF0116 " in identity.authflow'])
  })

  it("is fixed in that file", () => {
    const from = files({ "identity.authflow": change(IDENTITY, "issuer  ", "isuer  ") })
    const [diagnostic] = analyzedFiles(from).diagnostics
    expect(diagnostic?.fix?.edits).toMatchObject([{ uri: "identity.authflow", text: "issuer" }])
  })

  it("points at both files where both have to do with it", () => {
    const main = IMPORTING.replace("corp.id_token.groups", "corp.id_token.team")
    const [diagnostic] = analyzedFiles(files({ "main.authflow": main })).diagnostics
    expect(diagnostic).toMatchObject({ code: "AF0507", uri: "main.authflow", related: [{ uri: "identity.authflow" }] })
    const { start = 0, end = 0 } = diagnostic?.related[0]?.span ?? {}
    expect(IDENTITY.slice(start, end)).toBe("{ claims: { groups: strings } }")
  })
})

describe("whatever is wrong with one of the files", () => {
  const pieces = (text: string) => text.match(/\s+|\w+|"[^"\n]*"|./gsu) ?? []
  it("every place that is told lies in its own file, and there is a program exactly when nothing is an error", () => {
    for (const uri of ["main.authflow", "identity.authflow"]) {
      const tokens = pieces(files()[uri] ?? "")
      for (const index of tokens.keys()) {
        const from = files({ [uri]: tokens.toSpliced(index, 1).join("") })
        const { diagnostics, program } = analyzedFiles(from)
        const places = diagnostics.flatMap((each) => [each, ...each.related, ...(each.fix?.edits ?? [])])
        for (const place of places) {
          const { length } = from[place.uri] ?? ""
          expect(place.span.start >= 0 && place.span.start <= place.span.end && place.span.end <= length).toBe(true)
        }
        expect(program === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"))
      }
    }
  })
})

describe("the lines that manifests point back at", () => {
  it("are those of the file a thing is declared in", () => {
    const { program } = analyzedFiles({
      "main.authflow": `import { corp } from "./identity.authflow"\n\n${OUTSIDE.slice(OUTSIDE.indexOf("flow aws"))}`,
      "identity.authflow": `const idp = "https://idp.example.com"\n\n${OUTSIDE.slice(0, OUTSIDE.indexOf("flow aws")).replace('"https://idp.example.com"', "idp")}`,
    })
    const text = program && toolhive.lower(program).artifacts[0]?.text
    expect(text).toMatch(/from main\.authflow:\d/)
    expect(text).toContain("from identity.authflow:4")
  })
})

describe("a workspace", () => {
  it("answers after an edit as if everything were new", () => {
    const workspace = createWorkspace()
    const open = (from: Files) => {
      for (const [uri, text] of Object.entries(from)) workspace.open({ uri, text })
    }
    const answer = () => workspace.analyze("main.authflow")?.diagnostics.map(({ code, uri }) => `${code} ${uri}`)
    open(files())
    expect(answer()).toEqual([])
    workspace.change({ uri: "identity.authflow", text: IDENTITY.replace("provider corp", "provider other") })
    expect(answer()).toEqual(["AF0220 main.authflow"])
    workspace.change({ uri: "identity.authflow", text: IDENTITY })
    expect(answer()).toEqual([])
    workspace.close("identity.authflow")
    expect(answer()).toEqual(["AF0218 main.authflow"])
  })

  it("does nothing again for a file that no edit has reached", () => {
    const workspace = createWorkspace()
    for (const [uri, text] of Object.entries({ ...files(), "other.authflow": SOUND })) workspace.open({ uri, text })
    const [main, other] = [workspace.analyze("main.authflow"), workspace.analyze("other.authflow")]
    workspace.change({ uri: "identity.authflow", text: `// changed\n${IDENTITY}` })
    expect(workspace.analyze("other.authflow")).toBe(other)
    expect(workspace.analyze("main.authflow")).not.toBe(main)
    expect(workspace.importers("identity.authflow")).toEqual(["main.authflow"])
  })

  it("keeps an analysis apart from one with other values", () => {
    const workspace = createWorkspace()
    for (const [uri, text] of Object.entries(files())) workspace.open({ uri, text })
    const issuer = (domain: string) =>
      workspace.analyze("main.authflow", { params: { domain } })?.program?.providers[0]?.fields.issuer?.value
    expect(["a.example", "b.example", "a.example"].map(issuer)).toEqual([
      "https://idp.a.example",
      "https://idp.b.example",
      "https://idp.a.example",
    ])
  })
})
