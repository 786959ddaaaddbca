import { describe, expect } from "vitest"
import { readDefinition, type Schema } from "../../compiler/targets/toolhive/crd/definition.ts"
import { shapes } from "../../compiler/targets/toolhive/import/shapes/index.ts"
import type { Shape } from "../../compiler/targets/toolhive/import/shapes/shape.ts"
import { testWithCrds } from "./toolhive-crds.ts"

/** `path: type = default` of every field, down to the parts that are not looked at. */
function* ofShape(shape: Shape, path: string): Generator<string> {
  if ("opaque" in shape) yield `${path}: …`
  else if ("scalar" in shape)
    yield `${path}: ${shape.scalar}${shape.fallback === undefined ? "" : ` = ${JSON.stringify(shape.fallback)}`}`
  else if ("items" in shape) yield* ofShape(shape.items, `${path}[]`)
  else if ("values" in shape) yield* ofShape(shape.values, `${path}{}`)
  else for (const [key, field] of Object.entries(shape.fields)) yield* ofShape(field, `${path}.${key}`)
}

const opaque = (shapes: readonly string[]) =>
  shapes.filter((line) => line.endsWith(": …")).map((line) => line.slice(0, -": …".length))

function* ofSchema(schema: Schema, path: string, parts: readonly string[]): Generator<string> {
  if (parts.includes(path)) {
    yield `${path}: …`
    return
  }
  const { type, properties, items, additionalProperties } = schema
  if (items !== undefined) yield* ofSchema(items, `${path}[]`, parts)
  else if (properties !== undefined) {
    for (const [key, field] of Object.entries(properties)) yield* ofSchema(field, `${path}.${key}`, parts)
  } else if (typeof additionalProperties === "object") yield* ofSchema(additionalProperties, `${path}{}`, parts)
  else {
    const scalar = type === "integer" ? "number" : type
    yield `${path}: ${scalar}${schema.default === undefined ? "" : ` = ${JSON.stringify(schema.default)}`}`
  }
}

describe("the fields that import knows", () => {
  testWithCrds("are those of the definitions, with their defaults", (crds) => {
    const definitions = crds.flatMap((each) => readDefinition(each) ?? [])
    for (const [kind, shape] of Object.entries(shapes)) {
      const version = definitions.find((each) => each.kind === kind)?.versions.at(-1)
      const spec = version?.schema.properties?.["spec"]
      const known = [...ofShape(shape, "spec")]
      expect(known.toSorted(), kind).toEqual([...ofSchema(spec ?? {}, "spec", opaque(known))].toSorted())
    }
  })
})
