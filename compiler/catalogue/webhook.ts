/**
 * `validate URL` and `mutate URL`: webhooks that see each MCP request, and refuse it or change it.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { StageConstruct } from "./construct.ts"
import { type Fields, optional, withDefault } from "./field.ts"
import { flag } from "./scalars.ts"
import { secret } from "./secret.ts"
import { httpsUrl } from "./url.ts"
import { block, choice, duration, pattern } from "./values.ts"

const tls = block({
  ca: optional(secret, {
    doc: "Certificate (PEM) of the authority that signed the webhook's. The system's authorities when unsaid.",
    example: 'secret("hooks-ca", key: "ca.crt")',
  }),
  client_cert: optional(secret, {
    doc: "Our certificate (PEM), for a webhook that asks for one. Goes with `client_key`.",
    example: 'secret("hooks-client", key: "tls.crt")',
  }),
  client_key: optional(secret, {
    doc: "Its private key (PEM).",
    example: 'secret("hooks-client", key: "tls.key")',
  }),
  verify: withDefault(flag, true, {
    doc: "Whether the webhook's certificate is verified. Without that, whoever answers decides.",
    example: "true",
  }),
})

const fields = {
  name: optional(pattern("the name of a webhook", /^[^\p{Cc}]{1,63}$/u, "it is 1 to 63 characters long"), {
    doc: "What it is called in logs. Made from what it does and its place in the flow when unsaid.",
    example: '"policy-check"',
  }),
  timeout: withDefault(duration({ min: 1, max: 30 }), 10, {
    doc: "Time to its answer.",
    example: "5s",
  }),
  on_failure: withDefault(choice(["refuse", "pass"]), "refuse", {
    doc: "What happens to a request when it does not answer or fails: `refuse` it, or `pass` it on as it is.",
    example: "refuse",
  }),
  hmac: optional(secret, {
    doc: "Key that what it is sent is signed with (HMAC-SHA256), so that it can tell who asks.",
    example: 'secret("hooks", key: "hmac")',
  }),
  tls: optional(tls, {
    doc: "How TLS is spoken with it.",
    example: '{ ca: secret("hooks-ca", key: "ca.crt") }',
  }),
}

type Hook<Kind extends string> = StageConstruct<Kind, string, typeof fields, "Principal", "Principal">

const isComplete = (given: Fields<typeof fields>, scope: Scope): boolean => {
  const { client_cert, client_key, verify } = given.tls?.value ?? {}
  if (verify?.value === false) scope.report("AF1310", verify.span, { what: "the webhook" })
  const one = client_cert ?? client_key
  if (one === undefined || (client_cert && client_key)) return true
  const [said, missing] = client_cert
    ? (["client_cert", "client_key"] as const)
    : (["client_key", "client_cert"] as const)
  scope.report("AF1312", one.span, { said, missing })
  return false
}

const hook = <Kind extends "validate" | "mutate">(kind: Kind, doc: string): Hook<Kind> => ({
  verb: kind,
  kind,
  doc,
  operand: { by: "value", type: httpsUrl, example: '"https://hooks.example.com/mcp"' },
  fields,
  consumes: ["Principal"],
  produces: "Principal",
  type: ({ input, fields: given }, scope) => (isComplete(given, scope) ? input : undefined),
})

export const validate = hook(
  "validate",
  "Asks a webhook whether a request may go on; it sees the request and who calls.",
)

export const mutate = hook("mutate", "Lets a webhook change a request before anything else looks at it.")
