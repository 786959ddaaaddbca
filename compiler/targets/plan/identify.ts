/** Lowers `identify`. */
import type { IdentifyAuthServer, IdentifyOidc } from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import { values } from "../../source/source.ts"

export const lowerIdentifyAuthServer = (
  { operand, fields, output }: StageOf<"identify.auth_server">,
  { url }: Flow,
): IdentifyAuthServer => ({
  kind: "identify.auth_server",
  server: operand.value.name.value,
  scopes: values(fields.scopes),
  audience: output.token.audience ?? url.value,
})

export const lowerIdentifyOidc = (
  { operand, fields, output }: StageOf<"identify.oidc">,
  { url }: Flow,
): IdentifyOidc => ({
  kind: "identify.oidc",
  provider: operand.value.name.value,
  scopes: values(fields.scopes),
  audience: output.token.audience ?? url.value,
})
