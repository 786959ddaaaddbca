/** What today's runtime has no counterpart of: refused, never left out. */

import type { AuthServer } from "../../catalogue/auth-server.ts"
import { stages } from "../../catalogue/index.ts"
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

/** Reports a provider that sends browsers to where the server does not find them. */
export const refuseRedirects = ({ name, fields, login }: AuthServer, report: Report): void => {
  const { origin } = new URL(fields.issuer.value)
  for (const provider of login) {
    const { redirect_uri: uri } = provider.fields
    if (uri && new URL(uri.value).origin !== origin)
      report("AF1460", uri.span, { server: name.value, provider: provider.name.value, origin })
  }
}

/** Reports what a server says and the runtime's own cannot do. */
export const refuseServer = ({ fields }: AuthServer, report: Report): void => {
  const { authorization_base } = fields
  const said = [{ construct: "authorization_base", span: authorization_base?.span }]
  for (const { construct, span } of said) if (span) report("AF0891", span, { construct })
}
