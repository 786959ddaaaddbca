/** Names a token in the plan. */
import type { TokenRef } from "../../../runtime/plan.ts"
import type { TokenType } from "../../catalogue/credential.ts"

export const tokenRef = ({ issuer, kind }: TokenType): TokenRef => ({ issuer: issuer.name.value, kind })
