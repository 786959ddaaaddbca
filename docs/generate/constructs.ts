/**
 * What the catalogue has: every declaration and stage, in one shape.
 *
 * @module
 */
import type { FieldDeclarations } from "../../compiler/catalogue/field.ts"
import { catalogue } from "../../compiler/index.ts"

export interface Construct {
  readonly kind: string
  /** `declaration` or `stage`. */
  readonly group: "declaration" | "stage"
  /** How it begins in a file: `provider NAME = oidc`, `exchange aws.sts`. */
  readonly heading: string
  readonly doc: string
  /** What VALUE in the heading is. */
  readonly value: string | undefined
  readonly fields: FieldDeclarations
  /** Of a stage: the credentials it takes, each one enough, and the one it makes. */
  readonly consumes: readonly string[]
  readonly produces: string | undefined
}

const declarations = Object.values(catalogue.declarations).map(
  ({ keyword, kind, doc, fields }): Construct => ({
    kind,
    group: "declaration",
    heading: `${keyword} NAME = ${kind}`,
    doc,
    value: undefined,
    fields,
    consumes: [],
    produces: undefined,
  }),
)

const stages = Object.values(catalogue.stages).map(
  ({ verb, kind, doc, fields, operand, consumes, produces }): Construct => ({
    kind,
    group: "stage",
    heading:
      operand.by === "kind"
        ? `${verb} ${operand.name}`
        : operand.by === "declaration"
          ? `${verb} NAME, of ${operand.of}`
          : `${verb} VALUE`,
    doc,
    value: operand.by === "value" ? operand.type.label : undefined,
    fields,
    consumes: [consumes].flat(),
    produces,
  }),
)

/** What engines are told. They are not of the matrix: each is for one engine, and the others pass it over. */
export const deployments: readonly Construct[] = Object.values(catalogue.deployments).map(
  ({ keyword, kind, doc, fields }) => ({
    kind: `${keyword}.${kind}`,
    group: "declaration",
    heading: `${keyword} ${kind}`,
    doc,
    value: undefined,
    fields,
    consumes: [],
    produces: undefined,
  }),
)

export const constructs: readonly Construct[] = [...declarations, ...stages]
