/**
 * What the flow shows its upstream, as a MCPExternalAuthConfig. One file a type beside this one.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow } from "../../check/program.ts"
import type { Context } from "./context.ts"
import { API_VERSION } from "./engine.ts"
import { type Field, field, type Manifest, type Mapping, mapping } from "./manifest.ts"
import { outgoingName } from "./names.ts"

/** What one stage adds: objects of its own, fields of what carries the flow, and fields of the way to the upstream. */
export interface Addition {
  readonly manifests: readonly Manifest[]
  readonly incoming: readonly Field[]
  readonly outgoing: readonly Field[]
  /** Secrets that have to be in the namespace. */
  readonly secrets: readonly SecretRef[]
}

export const nothing: Addition = { manifests: [], incoming: [], outgoing: [], secrets: [] }

/** A reference to the object, and the object itself. */
export const externalAuth = (
  manifest: Manifest,
  span: Span,
  secrets: readonly SecretRef[],
  { origin }: Context,
): Addition => ({
  ...nothing,
  manifests: [manifest],
  outgoing: field("externalAuthConfigRef", mapping(field("name", manifest.name)), origin(span)),
  secrets,
})

/** An object of one type, whose block has the type's own name; `unauthenticated` has none. */
export const outgoingAuth = (
  type: string,
  block: Mapping | undefined,
  what: string,
  flow: Flow,
  stage: { readonly span: Span },
  secrets: readonly SecretRef[],
  context: Context,
): Addition => {
  const manifest: Manifest = {
    comment: `${what}, ${context.origin(stage.span)}`,
    apiVersion: API_VERSION,
    kind: "MCPExternalAuthConfig",
    name: outgoingName(flow.name.value),
    spec: mapping(field("type", type), field(type, block)),
  }
  return externalAuth(manifest, stage.span, secrets, context)
}
