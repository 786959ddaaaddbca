/**
 * Kubernetes manifests as YAML with comments that point back at the source.
 *
 * @module
 */
import { Document, isMap, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml"

export type Value = string | number | boolean | readonly Value[] | Mapping

/** Fields in order. One whose value is `undefined` is left out. */
export type Mapping = { readonly fields: readonly Field[] }

export interface Field {
  readonly key: string
  readonly value: Value
  /** Lines that stand above the field. */
  readonly comment: string | undefined
}

/** A field, or nothing where there is no value. */
export const field = (key: string, value: Value | undefined, comment?: string): readonly Field[] =>
  value === undefined ? [] : [{ key, value, comment }]

export const mapping = (...fields: readonly (readonly Field[])[]): Mapping => ({ fields: fields.flat() })

/** Where the fields meet at one key, maps are put together, and anything else of `fields` stands in for what was there. */
export const put = (into: readonly Field[], fields: readonly Field[]): readonly Field[] => {
  const met = into.map((there) => {
    const each = fields.find(({ key }) => key === there.key)
    if (each === undefined) return there
    if (!isMapping(there.value) || !isMapping(each.value)) return each
    return {
      ...there,
      value: { fields: put(there.value.fields, each.value.fields) },
    }
  })
  return [...met, ...fields.filter(({ key }) => !into.some((there) => there.key === key))]
}

export const isMapping = (value: Value): value is Mapping => typeof value === "object" && "fields" in value

/** The fields of several, put together where they meet. */
export const merged = (parts: readonly (readonly Field[])[]): readonly Field[] =>
  parts.reduce<readonly Field[]>((into, fields) => put(into, fields), [])

export interface Manifest {
  /** Lines that stand above the document. */
  readonly comment: string
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Left to who applies it when `undefined`. */
  readonly namespace?: string | undefined
  readonly spec: Mapping
}

/** Unquoted only what no YAML, 1.1 or 1.2, reads as anything but a string. */
const PLAIN = /^(?!(?:true|false|yes|no|on|off|null|y|n|e\d+)$)[A-Za-z][A-Za-z0-9_./-]*$/i

const text = (value: string): Scalar => {
  const scalar = new Scalar(value)
  const isPrintable = !/[^\x20-\x7e]/.test(value)
  // Single quotes need no escapes, which keeps a CEL expression with its own quotes readable.
  scalar.type = PLAIN.test(value)
    ? Scalar.PLAIN
    : value.includes('"') && isPrintable
      ? Scalar.QUOTE_SINGLE
      : Scalar.QUOTE_DOUBLE
  return scalar
}

const comment = (lines: string | undefined): string | undefined =>
  lines
    ?.split("\n")
    .map((line) => (line === "" ? "" : ` ${line}`))
    .join("\n")

const node = (value: Value): Scalar | YAMLMap | YAMLSeq => {
  if (typeof value === "string") return text(value)
  if (typeof value === "number" || typeof value === "boolean") return new Scalar(value)
  if ("fields" in value) {
    const map = new YAMLMap()
    for (const each of value.fields) {
      const key = new Scalar(each.key)
      const above = comment(each.comment)
      if (above !== undefined) key.commentBefore = above
      map.items.push(new Pair(key, node(each.value)))
    }
    return map
  }
  const sequence = new YAMLSeq()
  for (const each of value) {
    const item = node(each)
    // A comment of an item's first field belongs above the item's dash.
    const first = isMap(item) ? item.items[0]?.key : undefined
    if (first instanceof Scalar && first.commentBefore != null) {
      item.commentBefore = first.commentBefore
      first.commentBefore = null
    }
    sequence.items.push(item)
  }
  sequence.flow = value.every((each) => typeof each === "string" && PLAIN.test(each))
  return sequence
}

const write = ({ comment: above, apiVersion, kind, name, namespace, spec }: Manifest): string => {
  const document = new Document()
  document.contents = node(
    mapping(
      field("apiVersion", apiVersion),
      field("kind", kind),
      field("metadata", mapping(field("name", name), field("namespace", namespace))),
      field("spec", spec),
    ),
  ) as YAMLMap
  const header = above.split("\n").map((line) => (line === "" ? "#" : `# ${line}`))
  return `---\n${header.join("\n")}\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`
}

/** One stream of documents, in the order given. `header` lines stand above all. */
export const stream = (header: string, manifests: readonly Manifest[]): string => {
  const lines = header.split("\n").map((line) => (line === "" ? "#" : `# ${line}`))
  return `${lines.join("\n")}\n${manifests.map(write).join("")}`
}
