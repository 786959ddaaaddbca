/**
 * `exchange obo`: Microsoft Entra's on-behalf-of flow. An access token that Entra issued for us becomes one for a service
 * behind us, on behalf of the same person.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type TokenType } from "./credential.ts"
import { exchangedToken, issued, subjectName, takesWhatWasMade } from "./exchanged.ts"
import { optional, required, withDefault } from "./field.ts"
import { clientAuth } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { baseUrl } from "./url.ts"
import { duration, list, pattern, text } from "./values.ts"

const GUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

/** A directory's GUID, or a verified domain. The aliases `common` and so on name no directory. */
const tenant = pattern(
  "an Entra tenant",
  new RegExp(`^(?=.{1,253}$)(${GUID}|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]{2,})$`),
  'it is the GUID of a directory or one of its domains, such as "contoso.onmicrosoft.com"',
)

const scopeName = pattern(
  "a scope",
  /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/,
  'a scope is one word of at most 256 characters, such as "api://orders/.default"',
)

const fields = {
  subject: required(subjectName, {
    doc: "The access token that Entra is shown (`assertion`). It has to be for us: its audience is our own application.",
    example: "entra.access_token",
  }),
  tenant: required(tenant, {
    doc: "The directory that exchanges it: a GUID or a domain.",
    example: '"contoso.onmicrosoft.com"',
  }),
  authority: withDefault(baseUrl, "https://login.microsoftonline.com", {
    doc: "Where Entra is, for a sovereign cloud or a custom domain.",
    example: '"https://login.microsoftonline.us"',
  }),
  client_id: required(text, {
    doc: "Our application (client) ID.",
    example: '"00000000-0000-0000-0000-000000000001"',
  }),
  client_secret: required(secret, {
    doc: "Our client secret: on-behalf-of is for confidential clients.",
    example: 'secret("entra", key: "client-secret")',
  }),
  audience: optional(text, {
    doc: "The service the new token is for. Say this or `scopes`.",
    example: '"api://orders"',
  }),
  scopes: withDefault(list(scopeName, { max: 20 }), [], {
    doc: "Scopes of the new token, which name the service as well. Say these or `audience`.",
    example: '["api://orders/.default"]',
  }),
  cache_skew: optional(duration({ min: 0, max: 60 * 60 }), {
    doc: "How long before it expires the new token is taken as expired.",
    example: "30s",
  }),
  client_auth: clientAuth,
  issued,
}

export const obo: StageConstruct<"obo", string, typeof fields, "Principal" | "Token", "Token"> = {
  verb: "exchange",
  kind: "obo",
  doc: "Exchanges an access token of Microsoft Entra for one of a service behind us (on-behalf-of flow), which the upstream is shown.",
  operand: { by: "kind", name: "obo" },
  fields,
  consumes: ["Principal", "Token"],
  produces: "Token",
  type: ({ fields: { subject, authority, tenant, client_id, audience, scopes, issued }, input, operand }, scope) => {
    const sound = [
      takesWhatWasMade(input, [subject], operand.span, scope),
      isForUs(subject, client_id, scope),
      namesTarget(audience, scopes, operand.span, scope),
    ]
    if (sound.includes(false)) return undefined
    return exchangedToken({
      input,
      subject: subject.value,
      endpoint: `${authority.value}/${tenant.value}`,
      audience: audience?.value,
      known: issued.value,
      place: operand.span,
    })
  },
}

/** Entra takes an access token whose audience is the application that shows it; an ID token never. */
const isForUs = (subject: Located<TokenType>, client: Located<string>, scope: Scope): boolean => {
  const { kind, audience } = subject.value
  if (kind !== "access_token") scope.report("AF1207", subject.span, { token: nameOf(subject.value) })
  else if (audience !== undefined && audience !== client.value && audience !== `api://${client.value}`) {
    const args = { token: nameOf(subject.value), audience, client: client.value }
    scope.report("AF1208", subject.span, args, { related: [{ span: client.span, message: "we are this application" }] })
  } else return true
  return false
}

/** One of both: scopes name the target too, and an audience beside them would be ignored. */
const namesTarget = (
  audience: Located<string> | undefined,
  scopes: Located<readonly unknown[]>,
  head: Span,
  scope: Scope,
): boolean => {
  const both = audience !== undefined && scopes.value.length > 0
  if (both || (audience === undefined && scopes.value.length === 0))
    scope.report("AF1209", both ? audience.span : head, { both })
  else return true
  return false
}
