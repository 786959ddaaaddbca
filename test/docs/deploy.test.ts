/** What docs/deploy has is what the machines it is for accept, and fits the command and the example that it is for. */
import { readFileSync } from "node:fs"
import { validate } from "dockerfile-utils"
import { Deployment } from "kubernetes-models/apps/v1"
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1"
import { PersistentVolumeClaim, Service } from "kubernetes-models/v1"
import { describe, expect, it } from "vitest"
import { parseAllDocuments } from "yaml"
import { analyze, targets } from "../../compiler/index.ts"
import { exampleText, exampleUri } from "../examples.ts"

const file = (name: string): string => readFileSync(new URL(`../../docs/deploy/${name}`, import.meta.url), "utf8")

const kinds = { Deployment, NetworkPolicy, PersistentVolumeClaim, Service } as const

interface Resource {
  readonly kind: keyof typeof kinds
}

const resources = (): readonly Resource[] =>
  parseAllDocuments(file("kubernetes.yaml")).map((each) => each.toJS() as Resource)

/** What Kubernetes' own schema says against it. */
const refused = (resource: Resource): string | undefined => {
  try {
    new kinds[resource.kind](resource as never).validate()
    return undefined
  } catch (error) {
    return String(error)
  }
}

describe("docs/deploy/kubernetes.yaml", () => {
  it("passes Kubernetes' schemas", () => {
    expect(resources().map(({ kind }) => kind)).toEqual([
      "Deployment",
      "PersistentVolumeClaim",
      "Service",
      "NetworkPolicy",
    ])
    for (const resource of resources()) expect(refused(resource)).toBeUndefined()
  })

  it("is looked at by schemas that can say no", () => {
    for (const resource of resources()) {
      expect(refused({ ...resource, spec: 1 } as Resource)).toBeDefined()
      expect(refused({ ...resource, metadata: { name: 1 } } as Resource)).toBeDefined()
    }
  })

  const deployment = () => resources().find(({ kind }) => kind === "Deployment") as unknown as Deployment
  const pod = () => deployment().spec?.template.spec

  it("mounts each secret that the plan of the example names, where the command looks for it", () => {
    const { program } = analyze({ uri: exampleUri("thv-0050"), text: exampleText("thv-0050") })
    const plan = program && targets.plan.lowerPlan(program).plan
    const named = [...JSON.stringify(plan).matchAll(/\{"name":"([^"]+)","key":"[^"]+"\}/g)].map(([, name]) => name)
    const mounts = pod()?.containers[0]?.volumeMounts ?? []
    const mounted = mounts.flatMap(({ mountPath }) => /^\/etc\/authflow\/secrets\/(.+)$/.exec(mountPath)?.[1] ?? [])
    expect(new Set(mounted)).toEqual(new Set(named))
    const volumes = new Set((pod()?.volumes ?? []).map(({ name }) => name))
    for (const { name } of mounts) expect(volumes).toContain(name)
  })

  it("gives no rights that it does not need, and more time to end than the drain takes", () => {
    const container = pod()?.containers[0]
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    })
    expect(pod()?.securityContext?.runAsNonRoot).toBe(true)
    const drain = Number(/--drain=(\d+)/.exec((container?.args ?? []).join(" "))?.[1])
    expect(pod()?.terminationGracePeriodSeconds).toBeGreaterThan(drain)
  })

  it("and the image give the command only flags that it has", () => {
    const flags = readFileSync(new URL("../../cli/run/flags.ts", import.meta.url), "utf8")
    const given = `${(pod()?.containers[0]?.args ?? []).join(" ")} ${file("Dockerfile")}`
    const names = [...given.matchAll(/(?:^|[\s"])--([a-z-]+)(?==|["\s]|$)/g)].map(([, name = ""]) => name)
    const others = new Set(["from", "no-audit", "no-fund", "omit", "ignore-scripts", "interval", "timeout"])
    const ours = names.filter((name) => !others.has(name))
    expect(ours.length).toBeGreaterThan(8)
    for (const name of ours) expect(flags).toMatch(new RegExp(`"${name}"`))
  })
})

describe("docs/deploy/Dockerfile", () => {
  it("is one, with nothing a linter has against it", () => {
    expect(validate(file("Dockerfile"))).toEqual([])
    expect(validate("FROM node\nRUNN x").length).toBeGreaterThan(0)
  })

  it("copies what is there, and ends as a user without rights", () => {
    const text = file("Dockerfile")
    expect(text).toMatch(/\nUSER 10001:10001\n[\s\S]*\nENTRYPOINT \["node", "\/authflow\/cli\/launcher\.js"\]/)
    const ignored = file("Dockerfile.dockerignore").split("\n")
    for (const needed of ["cli", "compiler", "grammar", "runtime", "package.json", "package-lock.json", ".npmrc"]) {
      expect(ignored).not.toContain(needed)
    }
  })
})
