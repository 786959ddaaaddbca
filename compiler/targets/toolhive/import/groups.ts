/**
 * Which objects belong together: those of one file, and those of the files that refer to each other.
 *
 * @module
 */
import type { Catalog, ManifestFile, Resource } from "./resource.ts"
import type { Kind } from "./shapes/index.ts"
import { type Tree, textOf, valueAt } from "./tree.ts"

const REFERENCES: Readonly<Record<string, Kind>> = {
  externalAuthConfigRef: "MCPExternalAuthConfig",
  authServerRef: "MCPExternalAuthConfig",
  oidcConfigRef: "MCPOIDCConfig",
  authzConfigRef: "MCPAuthzConfig",
  telemetryConfigRef: "MCPTelemetryConfig",
  toolConfigRef: "MCPToolConfig",
  webhookConfigRef: "MCPWebhookConfig",
  groupRef: "MCPGroup",
}

/** Every object that a field anywhere in a tree refers to by name. */
function* referred(tree: Tree): Generator<readonly [Kind, string]> {
  if (tree.kind === "sequence") for (const item of tree.items) yield* referred(item)
  if (tree.kind !== "mapping") return
  for (const { key, value } of tree.entries) {
    const kind = REFERENCES[key]
    const name = textOf(valueAt(value, "name"))
    if (kind !== undefined && name !== undefined) yield [kind, name]
    else yield* referred(value)
  }
}

export const groupsOf = (catalog: Catalog): readonly (readonly Resource[])[] => {
  const leader = new Map<ManifestFile, ManifestFile>()
  const find = (file: ManifestFile): ManifestFile => {
    const parent = leader.get(file)
    return parent === undefined || parent === file ? file : find(parent)
  }
  for (const resource of catalog.resources) {
    for (const [kind, name] of referred(resource.spec)) {
      const found = catalog.find(resource, kind, name)
      // The file that refers leads: what is made is named after it.
      if (found !== undefined && find(found.file) !== find(resource.file))
        leader.set(find(found.file), find(resource.file))
    }
  }
  const groups = Map.groupBy(catalog.resources, ({ file }) => find(file))
  return [...groups].map(([file, resources]) => [
    ...resources.filter((resource) => resource.file === file),
    ...resources.filter((resource) => resource.file !== file),
  ])
}
