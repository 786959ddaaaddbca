/**
 * What is wrong with a custom resource.
 *
 * @module
 */

export interface Finding {
  /** The resource: `MCPRemoteProxy aws-mcp (flow.yaml)`. */
  readonly document: string
  /** Where in it: `spec.roleMappings[0].priority`; empty for the document as a whole. */
  readonly path: string
  /** One sentence, without a full stop. */
  readonly message: string
  /** The CEL rule that was broken, when it was one. */
  readonly rule?: string
}

/** What is wrong at a path, before it is known which document it is in. */
export type Flaw = Omit<Finding, "document">

/** `path.key`, or `path["a.b"]` where the key is no plain word. */
export const child = (path: string, key: string): string => {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === "" ? key : `${path}.${key}`
}

export const element = (path: string, index: number): string => `${path}[${index}]`
