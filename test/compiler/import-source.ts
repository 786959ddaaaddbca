/**
 * Manifests for the tests of `authflow import`, and comparing them as data, by other means than the import itself does.
 *
 * @module
 */
import { parseAllDocuments, stringify } from "yaml"
import { analyze, type Diagnostic } from "../../compiler/index.ts"
import { importManifests } from "../../compiler/targets/toolhive/import/index.ts"
import { toolhive } from "../../compiler/targets/toolhive/index.ts"

export type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

export interface Document {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: { readonly [key: string]: Json }
}

export const documentsOf = (text: string): readonly Document[] =>
  parseAllDocuments(text, { merge: true }).flatMap((each) => {
    const value: unknown = each.toJS()
    return value === null ? [] : [value as Document]
  })

export const textOf = (documents: readonly unknown[]): string => documents.map((each) => stringify(each)).join("---\n")

/** `AF1010 message` */
export const said = ({ code, message }: Diagnostic): string => `${code} ${message}`

export const imported = (text: string, path = "manifests.yaml") => importManifests([{ path, text }])

/** What an .authflow text compiles to; `undefined` when it does not. */
export const compiled = (text: string): readonly Document[] | undefined => {
  const { program } = analyze({ uri: "test.authflow", text }, { missingParams: "sample" })
  const artifacts = program && toolhive.lower(program).artifacts
  return artifacts && artifacts.length > 0 ? artifacts.flatMap((artifact) => documentsOf(artifact.text)) : undefined
}

/** Every scalar, empty list and empty mapping, by its path. */
export const leaves = (value: Json | undefined, path: string): readonly (readonly [path: string, value: string])[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.length > 0) return value.flatMap((each, index) => leaves(each, `${path}[${index}]`))
  if (typeof value === "object" && !Array.isArray(value)) {
    const entries = Object.entries(value)
    if (entries.length > 0) return entries.flatMap(([key, each]) => leaves(each, `${path}.${key}`))
  }
  return [[path, JSON.stringify(value)]]
}

/** Paths that only one of the two has, or that differ. */
export const differing = (one: Json, other: Json): readonly string[] => {
  const [a, b] = [new Map(leaves(one, "spec")), new Map(leaves(other, "spec"))]
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path))
}
