/** The plans of the examples that the runtime runs, as the compiler makes them. */
import { compileExample } from "../e2e/running.ts"

export const thv0050 = compileExample("thv-0050")
export const thv0050Groups = compileExample("thv-0050-groups")
export const externalOidc = compileExample("external-oidc")
