/**
 * The ToolHive CRDs that outputs are validated against. They are no part of this repository: they are read from the folder
 * AUTHFLOW_CRDS, or from ../shared/reference/crds beside the repository. Tests that need them say so and are skipped where the
 * folder is absent; in CI (`CI=true`) its absence is a failure.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type TestContext, test } from "vitest"
import type { Schema } from "../../compiler/targets/toolhive/crd/definition.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"

const folder = process.env["AUTHFLOW_CRDS"] ?? new URL("../../../shared/reference/crds", import.meta.url).pathname

const read = (): readonly unknown[] => {
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))
  const { documents, findings } = parse(files.map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") })))
  if (findings.length > 0 || documents.length === 0)
    throw new Error(`no usable CRDs in ${folder}: ${JSON.stringify(findings)}`)
  return documents
}

const crds: readonly unknown[] | undefined = existsSync(folder) ? read() : undefined

/** A test that gets the CRDs. */
export const testWithCrds = (
  name: string,
  run: (crds: readonly unknown[], context: TestContext) => void | Promise<void>,
) =>
  test(name, (context) => {
    if (crds !== undefined) return run(crds, context)
    if (process.env["CI"] === "true") throw new Error(`the CRDs are needed in CI, and ${folder} is not there`)
    return context.skip(`needs the ToolHive CRDs; ${folder} is not there (set AUTHFLOW_CRDS to their folder)`)
  })

/** A definition of `Thing` with this schema of its spec. */
export const crd = (spec: Schema, versions: readonly object[] = []): object => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  spec: {
    group: "example.com",
    names: { kind: "Thing" },
    versions: [
      {
        name: "v1",
        served: true,
        schema: { openAPIV3Schema: { type: "object", required: ["spec"], properties: { spec } } },
      },
      { name: "v0", served: false, schema: { openAPIV3Schema: { type: "object" } } },
      ...versions,
    ],
  },
})

/** A `Thing`. */
export const thing = (spec: unknown, more: object = {}): object => ({
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name: "it" },
  spec,
  ...more,
})

/** What is found when the schema is that of `spec.it`. */
export const found = (schema: Schema, value: unknown) =>
  validate([crd({ type: "object", properties: { it: schema } })], [thing({ it: value })]).map(
    ({ path, message }) => `${path}: ${message}`,
  )
