/**
 * `clients = { … }` of an authorization server: which OAuth clients may come, and how they are known.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import { at, type Located } from "../source/source.ts"
import { type Fields, optional, required, withDefault } from "./field.ts"
import { flag, integer } from "./scalars.ts"
import { secret } from "./secret.ts"
import { clientRedirectUri, isWebHost, redirectUri } from "./url.ts"
import { block, choice, duration, list, map, text } from "./values.ts"

const DAY = 24 * 60 * 60

/** RFC 6749 appendix A.1 has printable ASCII; the length is ToolHive's bound. */
const CLIENT_ID = /^[\x20-\x7e]{1,256}$/

/** Whether it can be a client's identifier, after reporting. */
export const isClientId = ({ value, span }: Located<string>, scope: Scope): boolean => {
  if (CLIENT_ID.test(value)) return true
  scope.report("AF0312", span, {
    what: "a client identifier",
    value,
    hint: "it is 1 to 256 printable ASCII characters",
  })
  return false
}

const knownClient = block({
  name: optional(text, { doc: "What people are told it is. Its identifier when unsaid.", example: '"Reports"' }),
  redirect_uris: required(list(clientRedirectUri, { min: 1, max: 10 }), {
    doc: "Where its people may be sent back to. Compared exactly, but for the port on loopback (RFC 8252).",
    example: '["https://reports.example.com/callback"]',
  }),
  secret: optional(secret, {
    doc: "Its client secret. A public client with PKCE alone when unsaid.",
    example: 'secret("reports", key: "client-secret")',
  }),
})
export type KnownClient = Fields<(typeof knownClient)["fields"]>

export const clients = block({
  registration: withDefault(choice(["dynamic", "none"]), "dynamic", {
    doc: "`dynamic`: any MCP client may register itself (RFC 7591). `none`: no client can.",
    example: "dynamic",
  }),
  metadata_documents: withDefault(flag, false, {
    doc: "Whether a client may be the https URL of a document about it, and need not register (Client ID Metadata Documents).",
    example: "on",
  }),
  metadata_cache: optional(
    block({
      size: optional(integer({ min: 1, max: 100_000 }), {
        doc: "How many documents. 256 when unsaid.",
        example: "256",
      }),
      lifetime: optional(duration({ min: 1, max: DAY }), {
        doc: "How long each is kept whose answer does not say. 5m when unsaid.",
        example: "5m",
      }),
    }),
    { doc: "Documents that are kept.", example: "{ size: 256, lifetime: 5m }" },
  ),
  confidential: withDefault(flag, false, {
    doc: "Whether a client that registers may have a secret. Public clients with PKCE alone when unsaid.",
    example: "on",
  }),
  confidential_redirects: optional(list(redirectUri, { min: 1, max: 10 }), {
    doc: "Redirect URIs whose clients are given a secret, whatever they register as.",
    example: '["https://app.example.com/callback"]',
  }),
  known: withDefault(map(knownClient, "a map of clients by their identifiers", isClientId), new Map(), {
    doc: "Clients that are registered here, by their `client_id`.",
    example: '{ reports: { redirect_uris: ["https://reports.example.com/callback"] } }',
  }),
})
export type Clients = Fields<(typeof clients)["fields"]>

/** Reports that no client can come. `trusting`: tokens are given for those of outside issuers. */
export const checkWays = (clients: Clients, trusting: boolean, server: string, scope: Scope): void => {
  const { registration, metadata_documents, known } = clients
  if (trusting) return
  if (registration.value === "none" && !metadata_documents.value && known.value.size === 0)
    scope.report("AF0520", registration.span, { server })
}

/** Whether each thing that is said of clients can come to anything, after reporting. */
export const haveEffect = (clients: Clients, scope: Scope): boolean => {
  const { metadata_documents, metadata_cache, confidential, confidential_redirects, known } = clients
  if (metadata_cache && !metadata_documents.value) {
    const why = "no documents are read unless `metadata_documents` is on"
    scope.report("AF0313", metadata_cache.span, { name: "metadata_cache", why })
    return false
  }
  if (confidential_redirects && !confidential.value) {
    const why = "no client is given a secret unless `confidential` is on"
    scope.report("AF0313", confidential_redirects.span, { name: "confidential_redirects", why })
    return false
  }
  for (const [client, { value }] of known.value) checkSecrecy(client, value, scope)
  return true
}

/** RFC 8252 section 8.5: what is installed on a person's computer keeps no secret. */
const checkSecrecy = (client: string, { secret, redirect_uris }: KnownClient, scope: Scope): void => {
  const local = redirect_uris.value.find(({ value }) => !isWebHost(value))
  if (secret !== undefined && local !== undefined)
    scope.report(
      "AF1551",
      secret.span,
      { client, redirect: local.value },
      {
        related: [{ span: local.span, message: "this leads to an app on a person's computer" }],
      },
    )
}

/** The known clients, with the place of each. */
export const knownClients = (clients: Clients): readonly (Located<KnownClient> & { readonly id: string })[] =>
  [...clients.known.value].map(([id, { value, span }]) => ({ id, ...at(span, value) }))
