import { type RefusalCode, refusals } from "../../catalogue/refusal.ts"
import type { Refusal } from "./account.ts"

export interface Refused {
  readonly refusal: Refusal
}

export const refuse = (code: RefusalCode, detail: string): Refused => ({
  refusal: { code, ...refusals[code], detail },
})

export const isRefused = (value: object): value is Refused => "refusal" in value
