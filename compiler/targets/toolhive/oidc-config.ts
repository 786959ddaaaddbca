/**
 * Who the caller must be, as a MCPOIDCConfig: the issuer whose tokens the proxy accepts.
 *
 * @module
 */
import type { Flow } from "../../check/program.ts"
import type { Located } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { API_VERSION } from "./engine.ts"
import { field, type Manifest, mapping } from "./manifest.ts"
import { oidcConfigName } from "./names.ts"

export const oidcConfig = (flow: Flow, issuer: Located<string>, context: Context): Manifest => ({
  comment: `Whose tokens are accepted, ${context.origin(flow.stages[0].span)}`,
  apiVersion: API_VERSION,
  kind: "MCPOIDCConfig",
  name: oidcConfigName(flow.name.value),
  spec: mapping(
    field("type", "inline"),
    field("inline", mapping(field("issuer", issuer.value, context.origin(issuer.span)))),
  ),
})
