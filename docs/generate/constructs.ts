/**
 * What the catalogue has: every declaration, stage and deployment, in one shape.
 *
 * @module
 */
import type { FieldDeclarations } from "../../compiler/catalogue/field.ts"
import { catalogue } from "../../compiler/index.ts"

export interface Construct {
  readonly kind: string
  readonly group: "declaration" | "stage" | "deployment"
  /** How it begins in a file: `provider NAME = oidc`, `exchange aws.sts`. */
  readonly heading: string
  /** How it begins, of a stage that its first words alone say. */
  readonly head: string | undefined
  readonly doc: string
  /** Of a stage: the kind of declaration that it names. */
  readonly of?: string | undefined
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
    head: undefined,
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
    head: operand.by === "kind" ? `${verb} ${operand.name}` : undefined,
    doc,
    of: operand.by === "declaration" ? operand.of : undefined,
    value: operand.by === "value" ? operand.type.label : undefined,
    fields,
    consumes: [consumes].flat(),
    produces,
  }),
)

/** By its engine; `deploy` before it keeps it apart from everything else of that name. */
export const deploymentKind = (engine: string): string => `deploy.${engine}`

const deployments = Object.values(catalogue.deployments).map(
  ({ keyword, kind, doc, fields }): Construct => ({
    kind: deploymentKind(kind),
    group: "deployment",
    heading: `${keyword} ${kind}`,
    head: undefined,
    doc,
    value: undefined,
    fields,
    consumes: [],
    produces: undefined,
  }),
)

export const constructs: readonly Construct[] = [...declarations, ...stages, ...deployments]
