import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { lineStarts, positionAt } from "../../compiler/source/lines.ts"
import { compiled, type Document, differing, documentsOf, imported, type Json, said, textOf } from "./import-source.ts"

/**
 * Whatever of a manifest is not in what its import compiles to, and whatever that has more, is named by a diagnostic: the
 * objects, and each field at its own path or at one above it.
 */
const unnamed = (documents: readonly Document[]): readonly string[] => {
  const text = textOf(documents)
  const { artifacts, diagnostics } = imported(text)
  const made = artifacts.map((artifact) => compiled(artifact.text))
  const messages = diagnostics.map(said)
  const starts = [...text.matchAll(/^---$/gm)].map(({ index }) => index)
  const documentAt = (offset: number) => starts.filter((start) => start <= offset).length
  const isBroken = messages.some((each) => /^AF101[89] /.test(each))
  // What does not check or is refused is said, and then there is nothing to compare.
  const whole = made.flatMap((each) => each ?? [])
  return documents.flatMap((document, index): readonly string[] => {
    const title = `${document.kind} ${document.metadata?.name}`
    const here = diagnostics.filter(({ span }) => documentAt(span.start) === index).map(said)
    if (here.some((each) => /^AF10(0[3-6]|11|21|23) /.test(each))) return []
    const renamed = here.flatMap((each) => each.match(/^AF1016 .* is called (\S+) in/)?.[1] ?? [])
    const found = whole.filter(
      ({ kind, metadata }) => kind === document.kind && [document.metadata.name, ...renamed].includes(metadata.name),
    )
    if (found.length === 0) return isBroken ? [] : [`${title}: the object`]
    return found.flatMap((other) =>
      differing(document.spec ?? {}, other.spec)
        .filter((path) => !isDefault(document, other, path))
        .filter((path) => !/Ref\.name$/.test(path))
        .filter((path) => !here.some((each) => names(each, path)))
        .map((path) => `${title}: ${path}`),
    )
  })
}

/** A diagnostic is about a path when it names it, or what it is in. A list that is a set, or mappings written anew, are one. */
const names = (message: string, path: string): boolean => {
  const [, named] = /`(spec[^`]*)`/.exec(message) ?? []
  if (named === undefined) return false
  return path === named || path.startsWith(`${named}.`) || path.startsWith(`${named}[`) || named.startsWith(`${path}.`)
}

/** ToolHive's own defaults for what these documents say: https://github.com/stacklok/toolhive, the CRDs of release 0.44.0. */
const DEFAULTS: Readonly<Record<string, string>> = {
  "spec.transport": '"streamable-http"',
  "spec.proxyPort": "8080",
  "spec.awsSts.service": '"aws-mcp"',
  "spec.awsSts.sessionNameClaim": '"sub"',
  "spec.awsSts.sessionDuration": "3600",
  "spec.awsSts.roleClaim": '"groups"',
  "spec.authServerRef.kind": '"MCPExternalAuthConfig"',
  "spec.embeddedAuthServer.storage.type": '"memory"',
  "spec.sessionAffinity": '"ClientIP"',
  "spec.allowPrivateEndpoint": "false",
  "spec.trustProxyHeaders": "false",
  "spec.audit.enabled": "false",
}

const at = (value: Json | undefined, path: string): Json | undefined =>
  path
    .split(/[.[\]]+/)
    .filter((key) => key !== "" && key !== "spec")
    .reduce<Json | undefined>(
      (found, key) => (typeof found === "object" && found !== null ? (found as Record<string, Json>)[key] : undefined),
      value,
    )

const isDefault = (one: Document, other: Document, path: string): boolean => {
  const usual = DEFAULTS[path]
  const value = (document: Document) =>
    JSON.stringify(at(document.spec, path) ?? null).replace(/^null$/, usual ?? "null")
  if (usual !== undefined && value(one) === value(other)) return true
  // Scopes are a set.
  const list = path.replace(/\[\d+\]$/, "")
  if (!/[sS]copes$/.test(list)) return false
  const set = (document: Document) =>
    JSON.stringify([...new Set([at(document.spec, list) ?? []].flat() as string[])].sort())
  return set(one) === set(other)
}

const golden = ["thv-0050", "external-oidc"].map((name) =>
  documentsOf(readFileSync(new URL(`toolhive/${name}.yaml`, import.meta.url), "utf8")),
)

const folder = new URL("../../../shared/reference/toolhive-yaml", import.meta.url).pathname
const real = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }))
  : undefined

describe("real manifests", () => {
  it("lose nothing unsaid", (context) => {
    if (real === undefined) {
      if (process.env["CI"] === "true") throw new Error(`real manifests are needed in CI, and ${folder} is not there`)
      return context.skip(`needs ToolHive's own manifests; ${folder} is not there`)
    }
    expect(real.length).toBeGreaterThan(3)
    for (const { name, text } of real) expect(unnamed(documentsOf(text)), name).toEqual([])
  })

  it("get their silent mistakes told, at their place", (context) => {
    const text = real?.find(({ name }) => name === "complete_example.yaml")?.text
    if (text === undefined) return context.skip("needs ToolHive's own manifests")
    const starts = lineStarts(text)
    const told = imported(text).diagnostics.filter(({ code }) => code === "AF1007")
    expect(told.map(({ message }) => message.match(/did you mean `(\w+)`/)?.[1])).toEqual([
      "tokenUrl",
      "clientId",
      "clientSecretRef",
      "scopes",
      "externalTokenHeaderName",
    ])
    for (const { span } of told) {
      const { line, column } = positionAt(starts, span.start)
      expect(text.split("\n")[line - 1]?.slice(column - 1)).toMatch(
        /^(token_url|client_id|client_secret_ref|scope|external_token_header_name):/,
      )
    }
  })
})

/** Paths of everything in a value. */
const paths = (value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] => {
  if (typeof value !== "object" || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, each]) =>
    paths(each, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return path.length === 0 ? below : [path, ...below]
}

type Edit = (value: Json) => Json | undefined

const edited = (value: Json, [key, ...rest]: readonly (string | number)[], edit: Edit): Json => {
  const copy = structuredClone(value) as Record<string | number, Json>
  if (key === undefined) return value
  const changed = rest.length === 0 ? edit(copy[key] ?? null) : edited(copy[key] ?? null, rest, edit)
  if (changed !== undefined) copy[key] = changed
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else delete copy[key]
  return copy as Json
}

const FIELDS: readonly (readonly [string, Json])[] = [
  ["trustProxyHeaders", true],
  ["replicas", 3],
  ["proxyPort", 9090],
  ["authzConfigRef", { name: "rules" }],
  ["rateLimiting", { shared: { maxTokens: 5, refillPeriod: "1m" } }],
  ["podTemplateSpec", { spec: { nodeSelector: { disk: "ssd" } } }],
  ["subjectProviderName", "corp"],
  ["primaryUpstreamProvider", "corp"],
  ["storage", { type: "redis" }],
  ["jwksUrl", "https://idp.example.com/jwks"],
  ["clientId", "other"],
  ["token_url", "https://idp.example.com"],
  ["headerForward", { addPlaintextHeaders: { "X-Team": "a" } }],
]

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.constant<Edit>(() => undefined),
  fc.constant<Edit>((value) =>
    typeof value === "number"
      ? value + 60
      : typeof value === "boolean"
        ? !value
        : value === "1h"
          ? "2h"
          : `${typeof value === "string" ? value : ""}x`,
  ),
  fc.constant<Edit>((value) => (Array.isArray(value) ? [...value].reverse() : [value])),
  fc.constantFrom(...FIELDS).map(
    ([key, extra]): Edit =>
      (value) =>
        typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, [key]: extra } : value,
  ),
)

describe("manifests with something taken out, put in or changed", () => {
  it("lose nothing unsaid", () => {
    const bases = [...golden, ...(real ?? []).map(({ text }) => documentsOf(text))]
    let [compared, tried] = [0, 0]
    const mutation = fc.record({ index: fc.nat(), place: fc.nat(), edit: edits })
    fc.assert(
      fc.property(fc.nat(bases.length - 1), fc.array(mutation, { minLength: 1, maxLength: 3 }), (base, mutations) => {
        const documents = [...(bases[base] ?? [])]
        for (const { index, place, edit } of mutations) {
          const which = index % documents.length
          const document = documents[which]
          if (document?.spec === undefined) continue
          const all = [[], ...paths(document.spec)]
          const path = all[place % all.length] ?? []
          documents[which] = {
            ...document,
            spec: (edited({ spec: document.spec }, ["spec", ...path], edit) as { spec: Document["spec"] }).spec,
          }
        }
        tried++
        if (imported(textOf(documents)).artifacts.some(({ text }) => compiled(text) !== undefined)) compared++
        expect(unnamed(documents), textOf(documents)).toEqual([])
      }),
      { numRuns: 120 },
    )
    expect(tried).toBe(120)
    // Otherwise the property would hold of files that were not carried at all.
    expect(compared).toBeGreaterThan(10)
  })
})
