/**
 * `callers NAME = client_certificates`: programs that prove who they are in the TLS handshake (mutual TLS).
 *
 * @module
 */
import { type Claim, claimSet } from "./claims.ts"
import { configMap } from "./config-map.ts"
import type { DeclarationConstruct, Declared, StageConstruct } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { optional, required, withDefault } from "./field.ts"
import { block, choice, list, scalar } from "./values.ts"

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/
const IPV6 = /^(?=.*:)[0-9A-Fa-f:.]{2,45}(?:\/(\d{1,3}))?$/

/** RFC 4632, RFC 4291 section 2.3: an address, or a range of them. */
const addressRange = scalar("string", "an address range (a string)", (value, { span }, scope) => {
  const [, ...four] = IPV4.exec(value) ?? []
  const [, six] = IPV6.exec(value) ?? []
  const isFour =
    four.length > 0 && four.slice(0, 4).every((part) => Number(part) <= 255) && Number(four[4] ?? "32") <= 32
  const isSix = IPV6.test(value) && Number(six ?? "128") <= 128
  if (isFour || isSix) return value
  const hint = 'it is an IP address, or one with the length of its prefix: "10.0.0.0/8"'
  scope.report("AF0312", span, { what: "an address range", value, hint })
  return undefined
})

const fields = {
  ca: required(configMap, {
    doc: "Certificates (PEM) of the authorities that issue them. One that is not issued by one of these is refused, also where an authority above is the same.",
    example: 'config_map("machines-ca", key: "ca.crt")',
  }),
  subject: withDefault(choice(["common_name", "uri", "dns", "email"]), "common_name", {
    doc: "What of the certificate is `claims.sub`: the subject's common name, or the first name of that kind among the alternative names.",
    example: "uri",
  }),
  forwarded: optional(
    block({
      header: required(choice(["client_cert", "xfcc"]), {
        doc: "`client_cert`: RFC 9440. `xfcc`: `Cert` in Envoy's x-forwarded-client-cert.",
        example: "client_cert",
      }),
      proxies: required(list(addressRange, { min: 1 }), {
        doc: "Addresses of the proxies that are believed. They have to remove the header from what they receive.",
        example: '["10.0.0.0/8"]',
      }),
    }),
    {
      doc: "Where TLS ends in a proxy before us, which says whose certificate it saw. Our own handshake counts when unsaid.",
      example: '{ header: client_cert, proxies: ["10.0.0.0/8"] }',
    },
  ),
}

/** Checked client certificates. */
export interface ClientCertificates extends Declared<"client_certificates", typeof fields> {
  readonly certificate: TokenType<"certificate">
}

const claims = (origin: string): readonly Claim[] => {
  const claim = (name: string, type: Claim["type"], presence: Claim["presence"] = "sometimes"): Claim => ({
    name,
    type,
    presence,
    origin,
    declared: undefined,
  })
  return [
    claim("sub", "string", "always"),
    claim("common_name", "string"),
    claim("uris", "strings"),
    claim("dns_names", "strings"),
    claim("emails", "strings"),
    claim("serial_number", "string", "always"),
  ]
}

export const clientCertificates: DeclarationConstruct<"client_certificates", typeof fields, ClientCertificates> = {
  keyword: "callers",
  kind: "client_certificates",
  doc: "Programs with a client certificate (mutual TLS).",
  fields,
  complete: (declared) => ({
    ...declared,
    certificate: {
      kind: "certificate",
      issuer: { kind: "client_certificates", name: declared.name, url: `authorities of ${declared.name.value}` },
      format: "opaque",
      audience: undefined,
      claims: claimSet(claims(declared.name.value)),
      lifetime: undefined,
    },
  }),
}

const stageFields = {}

export const identifyClientCertificates: StageConstruct<
  "identify.client_certificates",
  ClientCertificates,
  typeof stageFields,
  "Caller",
  "Principal"
> = {
  verb: "identify",
  kind: "identify.client_certificates",
  doc: "Requires a client certificate of one of the authorities. Its names are the claims; it can be shown to nobody else.",
  operand: { by: "declaration", of: "client_certificates" },
  fields: stageFields,
  consumes: ["Caller"],
  produces: "Principal",
  type: ({ operand: { value } }) => ({ tag: "Principal", token: value.certificate, tokens: [] }),
}
