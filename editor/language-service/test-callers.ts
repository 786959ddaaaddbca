/**
 * Whom a test is about: the flows that it names, and what is known of their callers' tokens.
 *
 * @module
 */
import type { Claim } from "../../compiler/catalogue/claims.ts"
import type { KnownFlow } from "../../compiler/check/known.ts"
import type { Analysis } from "../../compiler/index.ts"
import type { Test } from "../../grammar/ast.ts"

/** The flows that the test names; all of the file while it names none. */
export const testedFlows = ({ known }: Analysis, test: Test): readonly KnownFlow[] => {
  const flows = known?.flows ?? []
  const named = test.clauses.flatMap((clause) =>
    clause.kind === "Expectation" && clause.target.kind === "Reference" ? (clause.target.path[0]?.text ?? []) : [],
  )
  const about = flows.filter(({ item }) => named.includes(item.name.text))
  return about.length > 0 ? about : flows
}

/** Claims of the callers of these flows, each once. */
export const callerClaims = (analysis: Analysis, test: Test): ReadonlyMap<string, Claim> =>
  new Map(
    testedFlows(analysis, test).flatMap(({ stages }) =>
      stages.flatMap(({ output }) => (output?.tag === "Principal" ? [...output.token.claims] : [])),
    ),
  )
