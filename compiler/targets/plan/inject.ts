/** Lowers `inject`. */
import type { InjectBearer, InjectHeader, InjectNone, InjectToken } from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"
import { tokenRef } from "./token-ref.ts"

export const lowerInjectBearer = ({ fields: { token } }: StageOf<"inject.bearer">): InjectBearer => ({
  kind: "inject.bearer",
  token: token.value,
})

export const lowerInjectHeader = ({ fields: { name, value } }: StageOf<"inject.header">): InjectHeader => ({
  kind: "inject.header",
  name: name.value,
  value: value.value,
})

export const lowerInjectToken = ({ fields: { token, passthrough } }: StageOf<"inject.token">): InjectToken => ({
  kind: "inject.token",
  token: tokenRef(token.value),
  passthrough: passthrough.value === "allowed",
})

export const lowerInjectNone = (_: StageOf<"inject.none">): InjectNone => ({ kind: "inject.none" })
