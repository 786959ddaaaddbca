/**
 * CustomResourceDefinitions: reading them from YAML text, and finding the schema of a resource.
 *
 * @module
 */
import { type Document, parseAllDocuments } from "yaml"

/** A file, read by somebody else. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A document of a file. `value` is plain data; `broken` says why it is none. */
export interface ParsedDocument {
  readonly path: string
  readonly value: unknown
  readonly broken: string | undefined
}

/** Structural schema of apiextensions.k8s.io/v1, as far as it is checked. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly nullable?: boolean
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean
  readonly "x-kubernetes-int-or-string"?: boolean
  readonly "x-kubernetes-embedded-resource"?: boolean
  readonly "x-kubernetes-list-type"?: string
  readonly "x-kubernetes-list-map-keys"?: readonly string[]
  readonly "x-kubernetes-validations"?: readonly ValidationRule[]
}

/** One CEL rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

/** A version of a kind that the API server serves. */
export interface Version {
  readonly name: string
  readonly served: boolean
  readonly schema: Schema
}

export interface Definition {
  readonly group: string
  readonly kind: string
  readonly versions: readonly Version[]
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Every document of the files; empty ones (a lone `---`, comments) are left out. */
export const parseDocuments = (files: readonly SourceFile[]): readonly ParsedDocument[] =>
  files.flatMap(({ path, text }) => {
    const documents: readonly Document[] = parseAllDocuments(text)
    return documents.flatMap((document): readonly ParsedDocument[] => {
      const [error] = document.errors
      if (error) return [{ path, value: undefined, broken: error.message.split("\n")[0] ?? "malformed" }]
      const value: unknown = document.toJS()
      return value === null || value === undefined ? [] : [{ path, value, broken: undefined }]
    })
  })

const readVersion = (value: unknown): readonly Version[] => {
  if (!isObject(value) || typeof value["name"] !== "string" || !isObject(value["schema"])) return []
  const schema = value["schema"]["openAPIV3Schema"]
  // The API server has accepted this schema before it serves it; what it does not know it would have refused there.
  return isObject(schema) ? [{ name: value["name"], served: value["served"] === true, schema: schema as Schema }] : []
}

/** The definition a document holds, or `undefined` when it is no CustomResourceDefinition. */
export const readDefinition = (value: unknown): Definition | undefined => {
  if (!isObject(value) || value["kind"] !== "CustomResourceDefinition" || !isObject(value["spec"])) return undefined
  const { group, names, versions } = value["spec"]
  if (typeof group !== "string" || !isObject(names) || typeof names["kind"] !== "string" || !Array.isArray(versions)) {
    return undefined
  }
  return { group, kind: names["kind"], versions: versions.flatMap(readVersion) }
}
