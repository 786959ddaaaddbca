/**
 * Names and labels of Kubernetes objects (k8s.io/apimachinery pkg/api/validation, pkg/util/validation).
 *
 * @module
 */
import { isObject } from "./definition.ts"
import { child, type Flaw } from "./finding.ts"

/** RFC 1123 label: a Service's name, a part of a subdomain. */
export const isDnsLabel = (name: string): boolean => name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)

/** RFC 1123 subdomain: the name of a custom resource or a Secret. */
export const isDnsSubdomain = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)

/** A key of a Secret or a ConfigMap. */
export const isConfigKey = (key: string): boolean =>
  key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && key !== "." && !key.startsWith("..")

const isQualifiedName = (key: string): boolean => {
  const [first = "", second, ...rest] = key.split("/")
  const [prefix, name] = second === undefined ? [undefined, first] : [first, second]
  const named = name.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name)
  return rest.length === 0 && named && (prefix === undefined || isDnsSubdomain(prefix))
}

const isLabelValue = (value: string): boolean =>
  value.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value)

/** The fields of ObjectMeta that a client may send. */
const FIELDS = new Set(
  (
    "name generateName namespace labels annotations finalizers ownerReferences uid resourceVersion generation " +
    "creationTimestamp deletionTimestamp deletionGracePeriodSeconds selfLink managedFields"
  ).split(" "),
)

function* pairs(value: unknown, path: string, isValue: (text: string) => boolean): Generator<Flaw> {
  if (value === undefined) return
  if (!isObject(value)) {
    yield { path, message: "a map of strings is needed" }
    return
  }
  for (const [key, each] of Object.entries(value)) {
    if (!isQualifiedName(key))
      yield { path: child(path, key), message: `${JSON.stringify(key)} is not a qualified name` }
    if (typeof each !== "string" || !isValue(each)) yield { path: child(path, key), message: "its value is not valid" }
  }
}

/** Everything wrong with an object's metadata. */
export function* metadata(value: unknown): Generator<Flaw> {
  if (!isObject(value)) {
    yield { path: "metadata", message: "required, and missing" }
    return
  }
  for (const key of Object.keys(value)) {
    if (!FIELDS.has(key)) yield { path: child("metadata", key), message: "unknown field" }
  }
  const { name, generateName, namespace } = value
  if (typeof name !== "string" && typeof generateName !== "string") {
    yield { path: "metadata.name", message: "required, and missing" }
  } else if (typeof name === "string" && !isDnsSubdomain(name)) {
    yield { path: "metadata.name", message: `${JSON.stringify(name)} is not a lowercase RFC 1123 subdomain` }
  }
  if (namespace !== undefined && (typeof namespace !== "string" || !isDnsLabel(namespace))) {
    yield { path: "metadata.namespace", message: `${JSON.stringify(namespace)} is not a lowercase RFC 1123 label` }
  }
  yield* pairs(value["labels"], "metadata.labels", isLabelValue)
  yield* pairs(value["annotations"], "metadata.annotations", () => true)
}
