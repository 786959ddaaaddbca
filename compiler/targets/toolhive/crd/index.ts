/**
 * Custom resources checked against CustomResourceDefinitions as the API server checks them when they are created: known and
 * served, structure, defaults, CEL rules. Pure: reading files is the caller's part.
 *
 * @module
 */
import { withDefaults } from "./defaults.ts"
import {
  type Definition,
  isObject,
  type ParsedDocument,
  parseDocuments,
  readDefinition,
  type Schema,
  type SourceFile,
} from "./definition.ts"
import type { Finding, Flaw } from "./finding.ts"
import { metadata } from "./metadata.ts"
import { rules, transitionRules } from "./rules.ts"
import { structure } from "./structure.ts"

export type { SourceFile } from "./definition.ts"
export type { Finding } from "./finding.ts"

/** The plain data of every document of the files, and what is no YAML. */
export const parse = (
  files: readonly SourceFile[],
): { readonly documents: readonly unknown[]; readonly findings: readonly Finding[] } => {
  const parsed = parseDocuments(files)
  return {
    documents: parsed.flatMap(({ broken, value }) => (broken === undefined ? [value] : [])),
    findings: parsed.flatMap(({ path, broken }) =>
      broken === undefined ? [] : [{ document: path, path: "", message: `not YAML: ${broken}` }],
    ),
  }
}

const nameOf = (resource: unknown, index: number): string => {
  if (!isObject(resource)) return `document ${index + 1}`
  const name = isObject(resource["metadata"]) ? resource["metadata"]["name"] : undefined
  return `${String(resource["kind"] ?? "document")} ${typeof name === "string" ? name : `#${index + 1}`}`
}

/** A path lies at or below another. */
const within = (path: string, ancestor: string): boolean =>
  ancestor === "" || path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`)

/** apiVersion, kind and metadata are the API server's own: a schema need not declare them, and cannot say more of metadata. */
const OWN = { apiVersion: { type: "string" }, kind: { type: "string" } }
const METADATA: Schema = {
  type: "object",
  properties: { name: { type: "string" }, generateName: { type: "string" } },
  "x-kubernetes-preserve-unknown-fields": true,
}

function* check(definitions: readonly Definition[], resource: unknown): Generator<Flaw> {
  if (!isObject(resource)) {
    yield { path: "", message: "a resource is an object with apiVersion and kind" }
    return
  }
  const { apiVersion, kind } = resource
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    yield { path: "", message: "apiVersion and kind are needed, and strings" }
    return
  }
  const [group = "", versionName] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion]
  const ofKind = definitions.filter((each) => each.group === group && each.kind === kind)
  if (ofKind.length === 0) {
    yield { path: "kind", message: `no definition of ${kind} in ${group === "" ? "the core group" : group} is known` }
    return
  }
  const versions = ofKind.flatMap((each) => each.versions)
  const version = versions.find((each) => each.name === versionName && each.served)
  if (version === undefined) {
    const served = versions.filter((each) => each.served).map((each) => each.name)
    yield {
      path: "apiVersion",
      message: `${kind} is served as ${served.join(", ") || "nothing"}, not as ${versionName}`,
    }
    return
  }
  const schema = { ...version.schema, properties: { ...OWN, ...version.schema.properties, metadata: METADATA } }
  const body = withDefaults(schema, resource)
  const flaws = [...metadata(resource["metadata"]), ...structure(schema, body, "")]
  yield* flaws
  yield* rules(schema, body, "", (path) => !flaws.some((flaw) => within(flaw.path, path)))
}

/**
 * What the API server would refuse. `crds` are the CustomResourceDefinitions (other documents among them are ignored),
 * `resources` the custom resources, both as plain data. Rules on `oldSelf` need a stored resource and are not evaluated:
 * {@link transitions} lists them.
 */
export const validate = (crds: readonly unknown[], resources: readonly unknown[]): readonly Finding[] => {
  const definitions = crds.flatMap((each) => readDefinition(each) ?? [])
  return resources.flatMap((resource, index) =>
    [...check(definitions, resource)].map((flaw) => ({ document: nameOf(resource, index), ...flaw })),
  )
}

/** The rules that `validate` cannot evaluate because they compare with a stored resource. */
export const transitions = (
  crds: readonly unknown[],
): readonly { readonly kind: string; readonly version: string; readonly path: string; readonly rule: string }[] =>
  crds
    .flatMap((each) => readDefinition(each) ?? [])
    .flatMap(({ kind, versions }) =>
      versions.flatMap(({ name, schema }) =>
        [...transitionRules(schema, "")].map((each) => ({ kind, version: name, ...each })),
      ),
    )

export type { ParsedDocument }
