/**
 * What fields ToolHive's kinds have, and what they are when unsaid: enough to tell a field that the API server would drop
 * from one that it takes, and to compare two documents up to defaults. Read off the CustomResourceDefinitions; a test compares
 * the two. The schema's bounds are not here: who has the definitions checks with `authflow compile --validate-with`.
 *
 * @module
 */

/** A scalar, with the value that the API server puts where there is none. */
export interface Scalar {
  readonly scalar: "string" | "number" | "boolean"
  readonly fallback: string | number | boolean | undefined
}

export interface List {
  readonly items: Shape
}

/** A mapping with keys of the writer's choosing. */
export interface Dictionary {
  readonly values: Shape
}

/** A part that has nothing to do with authentication: its fields are not looked at. */
export interface Opaque {
  readonly opaque: true
}

/** An object's fields by name. */
export interface Fields {
  readonly fields: Readonly<Record<string, Shape>>
}

export type Shape = Scalar | List | Dictionary | Opaque | Fields

const scalar = (type: Scalar["scalar"]): Scalar => ({ scalar: type, fallback: undefined })

export const string = scalar("string")
export const number = scalar("number")
export const boolean = scalar("boolean")
export const stringOr = (fallback: string): Scalar => ({ scalar: "string", fallback })
export const numberOr = (fallback: number): Scalar => ({ scalar: "number", fallback })
export const booleanOr = (fallback: boolean): Scalar => ({ scalar: "boolean", fallback })
export const list = (items: Shape): List => ({ items })
export const map = (values: Shape): Dictionary => ({ values })
export const opaque: Opaque = { opaque: true }
export const object = (fields: Fields["fields"]): Fields => ({ fields })

/** A key of a Secret. */
export const secretKey = object({ name: string, key: string })

/** A key of a ConfigMap. */
export const configMapKey = object({
  configMapRef: object({ name: stringOr(""), key: string, optional: boolean }),
})

/** Another object of the same namespace. */
export const reference = object({ name: string })
