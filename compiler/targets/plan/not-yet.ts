/** What today's runtime has no counterpart of: refused, never left out. */

import type { AuthServer } from "../../catalogue/auth-server.ts"
import { stages } from "../../catalogue/index.ts"
import type { Provider } from "../../catalogue/oidc.ts"
import type { Stage } from "../../check/program.ts"
import type { Report } from "../../diagnostics/report.ts"

/** Reports the stage. */
export const refuseNotYet = (
  { kind, operand: { span } }: Stage,
  _: unknown,
  { report }: { readonly report: Report },
): undefined => {
  const { verb, operand } = stages[kind]
  const name = operand.by === "kind" ? operand.name : kind.slice(kind.indexOf(".") + 1)
  const construct = operand.by === "value" ? verb : `${verb} ${name}`
  report("AF0891", span, { construct })
}

/** Reports what is said of logging in at a provider and the runtime cannot do. */
export const refuseProvider = ({ fields }: Provider, report: Report): void => {
  const { subject_claim, authorization_params } = fields
  const said = Object.entries({ subject_claim, authorization_params })
  for (const [construct, value] of said) if (value) report("AF0891", value.span, { construct })
}

/** Reports what a server says and the runtime's own cannot do. */
export const refuseServer = ({ fields }: AuthServer, report: Report): void => {
  const { login, authorization_base } = fields
  const second = login.value[1]
  const said = [
    { construct: "login at a second provider", span: second?.span },
    { construct: "authorization_base", span: authorization_base?.span },
  ]
  for (const { construct, span } of said) if (span) report("AF0891", span, { construct })
}
