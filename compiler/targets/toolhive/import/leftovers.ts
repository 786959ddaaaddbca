/**
 * What of the manifests is in no file that was made of them.
 *
 * @module
 */
import type { Draft } from "./draft.ts"
import { type Resource, title } from "./resource.ts"
import { shapes } from "./shapes/index.ts"
import type { Shape } from "./shapes/shape.ts"
import type { Tree, TreeEntry } from "./tree.ts"

const METADATA = new Set([
  "name",
  "namespace",
  "creationTimestamp",
  "resourceVersion",
  "uid",
  "generation",
  "managedFields",
  "selfLink",
])

const hasCarried = (draft: Draft, tree: Tree): boolean => {
  if (draft.isCarried(tree)) return true
  if (tree.kind === "mapping") return tree.entries.some(({ value }) => hasCarried(draft, value))
  return tree.kind === "sequence" && tree.items.some((item) => hasCarried(draft, item))
}

/** The value is what the API server would put there itself. */
const isDefault = (tree: Tree, shape: Shape | undefined): boolean => {
  if (tree.kind !== "leaf") return false
  return tree.value === null || (shape !== undefined && "scalar" in shape && shape.fallback === tree.value)
}

/** Objects whose kind the import knows what to do with. */
const CARRIED: ReadonlySet<Resource["kind"]> = new Set([
  "MCPExternalAuthConfig",
  "MCPOIDCConfig",
  "MCPGroup",
  "MCPServerEntry",
  "MCPAuthzConfig",
  "MCPWebhookConfig",
  "MCPTelemetryConfig",
])

/** Kinds whose reader says why it does not carry an object. */
const WORKLOADS: ReadonlySet<Resource["kind"]> = new Set(["MCPServer", "MCPRemoteProxy", "VirtualMCPServer"])

/** Reports it, each part at its outermost field. */
export const leftovers = (draft: Draft, group: readonly Resource[]): void => {
  const used = new Set(draft.flows.flatMap(({ counterparts }) => counterparts.map(({ resource }) => resource)))
  for (const resource of group) {
    if (used.has(resource)) {
      leftFields(draft, resource)
      leftMetadata(resource, true)
    } else if (hasCarried(draft, resource.spec) && !WORKLOADS.has(resource.kind)) {
      leftFields(draft, resource)
      leftMetadata(resource, false)
      resource.file.report("AF1021", resource.span, { object: title(resource) })
    } else if (!WORKLOADS.has(resource.kind)) {
      const reason = CARRIED.has(resource.kind)
        ? "nothing that is carried refers to it, or its type has no word in the language"
        : `the language has no word for ${resource.kind}`
      resource.file.report("AF1011", resource.span, { object: title(resource), reason })
    }
  }
}

const leftFields = (draft: Draft, resource: Resource): void => {
  const visit = ({ key, keySpan, value }: TreeEntry, shape: Shape | undefined, path: string): void => {
    const here = `${path}.${key}`
    if (draft.isUseless(value) || isDefault(value, shape)) return
    if (!hasCarried(draft, value)) {
      resource.file.report("AF1010", keySpan, { path: here, object: title(resource) })
      return
    }
    below(value, shape, here)
  }
  const below = (tree: Tree, shape: Shape | undefined, path: string): void => {
    const inner = (key: string) =>
      shape === undefined
        ? undefined
        : "fields" in shape
          ? shape.fields[key]
          : "values" in shape
            ? shape.values
            : undefined
    if (tree.kind === "mapping") for (const entry of tree.entries) visit(entry, inner(entry.key), path)
    if (tree.kind !== "sequence") return
    const item = shape !== undefined && "items" in shape ? shape.items : undefined
    for (const [index, each] of tree.items.entries()) {
      if (each.kind === "leaf" ? draft.isCarried(each) || draft.isUseless(each) : hasCarried(draft, each))
        below(each, item, `${path}[${index}]`)
      else resource.file.report("AF1010", each.span, { path: `${path}[${index}]`, object: title(resource) })
    }
  }
  below(resource.spec, shapes[resource.kind], "spec")
}

/** Labels and the like. The namespace of a flow's objects is what the flow's deployment says. */
const leftMetadata = (resource: Resource, deployed: boolean): void => {
  for (const { key, keySpan, value } of resource.tree.entries) {
    if (key !== "metadata" && !["apiVersion", "kind", "spec", "status"].includes(key)) {
      resource.file.report("AF1010", keySpan, { path: key, object: title(resource) })
    }
    if (key !== "metadata" || value.kind !== "mapping") continue
    for (const entry of value.entries) {
      if (entry.key === "namespace" && deployed) continue
      if (entry.key === "namespace")
        resource.file.report("AF1022", entry.value.span, {
          object: title(resource),
          namespace: resource.namespace ?? "",
        })
      else if (!METADATA.has(entry.key))
        resource.file.report("AF1010", entry.keySpan, { path: `metadata.${entry.key}`, object: title(resource) })
    }
  }
}
