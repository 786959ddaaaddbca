/**
 * `callers NAME = api_keys`: programs that send a key of ours. We keep hashes of the keys, never the keys.
 *
 * @module
 */
import { type Claim, claimSet } from "./claims.ts"
import type { DeclarationConstruct, Declared, StageConstruct } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { required, withDefault } from "./field.ts"
import { secret, secretKey } from "./secret.ts"
import { list, scalar } from "./values.ts"

/** RFC 9110 section 5.6.2: `token`. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/

/** Headers that mean something else to whoever handles the request before us, or are no place for a key. */
const TAKEN =
  /^(host|cookie|connection|keep-alive|te|trailer|upgrade|transfer-encoding|content-.*|accept|accept-.*|expect|forwarded|via|x-forwarded-.*|x-real-ip|proxy-.*|mcp-.*|last-event-id|origin|x-amz-.*|x-request-id|dpop)$/

const header = scalar("string", "the name of a header (a string)", (name, { span }, scope) => {
  if (!NAME.test(name)) {
    const hint = "names of headers are letters, digits and `-`"
    scope.report("AF0312", span, { what: "the name of a header", value: name, hint })
    return undefined
  }
  if (!TAKEN.test(name.toLowerCase())) return name
  scope.report("AF1406", span, { header: name })
  return undefined
})

const fields = {
  keys: required(list(secret, { min: 1, key: secretKey }), {
    doc: "Secrets with a line for each key: its id, `sha256` and the hash of it. `authflow api-key` makes both.",
    example: '[secret("partners", key: "api-keys")]',
  }),
  header: withDefault(header, "X-API-Key", {
    doc: "The header it comes in. With `Authorization` it comes as `Bearer` and the key.",
    example: '"X-API-Key"',
  }),
}

/** Checked API keys. */
export interface ApiKeys extends Declared<"api_keys", typeof fields> {
  readonly key: TokenType<"api_key">
}

const claims = (origin: string): readonly Claim[] => [
  { name: "sub", type: "string", presence: "always", origin, declared: undefined },
]

export const apiKeys: DeclarationConstruct<"api_keys", typeof fields, ApiKeys> = {
  keyword: "callers",
  kind: "api_keys",
  doc: "Programs that send an API key of ours. What is kept is a hash of each key.",
  fields,
  complete: (declared) => ({
    ...declared,
    key: {
      kind: "api_key",
      issuer: { kind: "api_keys", name: declared.name, url: `API keys of ${declared.name.value}` },
      format: "opaque",
      audience: undefined,
      claims: claimSet(claims(declared.name.value)),
      lifetime: undefined,
    },
  }),
}

const stageFields = {}

export const identifyApiKeys: StageConstruct<"identify.api_keys", ApiKeys, typeof stageFields, "Caller", "Principal"> =
  {
    verb: "identify",
    kind: "identify.api_keys",
    doc: "Requires an API key of ours. `claims.sub` is the key's id; the key itself can be shown to nobody else.",
    operand: { by: "declaration", of: "api_keys" },
    fields: stageFields,
    consumes: ["Caller"],
    produces: "Principal",
    type: ({ operand: { value } }) => ({ tag: "Principal", token: value.key, tokens: [] }),
  }
