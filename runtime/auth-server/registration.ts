/**
 * Dynamic client registration (RFC 7591): what a client may be, and how fast clients may come.
 *
 * Anybody may register, so a registration earns nothing but a name: the client is public, may only use the code and refresh
 * grants, and acts for no one before that person has agreed on the consent page. RFC 7591 section 3.2.1 lets the server
 * replace what was asked for and say so in its answer; that is done where an honest client can live with it (an
 * authentication method it will not need), and refused where it can't (a redirect URI).
 *
 * @module
 */
import { errors } from "oidc-provider"

const MAX_REDIRECT_URIS = 10
/** Characters, as ToolHive bounds them. */
const MAX_NAME = 256
const MAX_URI = 2048
const MAX_CONTACTS = 10

const GRANTS = ["authorization_code", "refresh_token"]

/** Everything else a registration says is dropped: keys and sector URIs would make us fetch what a stranger names. */
const KEPT = new Set([
  "client_id",
  "client_id_issued_at",
  "client_name",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
  "contacts",
  "redirect_uris",
  "grant_types",
  "response_types",
  "id_token_signed_response_alg",
  "subject_type",
  "software_id",
  "software_version",
])

/** Metadata that RFC 7591 section 2 has and the engine does not: kept and checked like the rest. */
export const EXTRA_METADATA = ["software_id", "software_version"] as const

/** Rewrites a registration in place, before the engine validates the rest. Throws InvalidClientMetadata. */
export const normalizeClient = (metadata: Record<string, unknown>): void => {
  for (const name of Object.keys(metadata)) if (!KEPT.has(name)) delete metadata[name]

  // Claude, Cursor, VS Code and the MCP SDK all say `none`; one that asks for a secret would only keep it on a laptop.
  metadata["token_endpoint_auth_method"] = "none"
  // The engine's word for exactly the redirect URIs that OAuth 2.1 section 10.3.3 allows such clients: https, http on
  // loopback with any port (RFC 8252 section 7.3), private-use schemes.
  metadata["application_type"] = "native"
  metadata["response_modes"] = ["query"]
  metadata["response_types"] = ["code"]
  const grants = metadata["grant_types"]
  if (Array.isArray(grants)) {
    const known = grants.filter((grant) => GRANTS.includes(grant))
    metadata["grant_types"] = known.includes("authorization_code") ? known : ["authorization_code", ...known]
  }

  for (const name of ["client_name", "software_id", "software_version"]) atMost(metadata, name, MAX_NAME)
  for (const name of ["client_uri", "logo_uri", "tos_uri", "policy_uri"]) atMost(metadata, name, MAX_URI)
  const { contacts } = metadata
  if (Array.isArray(contacts) && contacts.length > MAX_CONTACTS) {
    throw new errors.InvalidClientMetadata(`contacts must have at most ${MAX_CONTACTS} members`)
  }
  checkRedirectUris(metadata["redirect_uris"])
}

const atMost = (metadata: Record<string, unknown>, name: string, length: number) => {
  const value = metadata[name]
  if (value === undefined) return
  if (typeof value !== "string") throw new errors.InvalidClientMetadata(`${name} must be a string`)
  if (value.length > length) throw new errors.InvalidClientMetadata(`${name} must have at most ${length} characters`)
}

/** Schemes that are no app's own: what they do with a code is decided by somebody else. */
const FOREIGN_SCHEMES = [
  "ws:",
  "wss:",
  "ftp:",
  "ftps:",
  "mailto:",
  "tel:",
  "sms:",
  "filesystem:",
  "view-source:",
  "chrome:",
]

const checkRedirectUris = (uris: unknown) => {
  // Whether it is there, and its members are strings, is the engine's to say.
  if (!Array.isArray(uris)) return
  if (uris.length > MAX_REDIRECT_URIS) {
    throw new errors.InvalidClientMetadata(`redirect_uris must have at most ${MAX_REDIRECT_URIS} members`)
  }
  for (const uri of uris) {
    if (typeof uri !== "string") continue
    if (uri.length > MAX_URI) {
      throw new errors.InvalidClientMetadata(`redirect_uris must have members of at most ${MAX_URI} characters`)
    }
    const parsed = URL.parse(uri)
    if (parsed === null) continue
    if (parsed.username !== "" || parsed.password !== "") {
      throw new errors.InvalidClientMetadata("redirect_uris must not hold user names or passwords")
    }
    if (FOREIGN_SCHEMES.includes(parsed.protocol)) {
      throw new errors.InvalidClientMetadata(`redirect_uris must not use the ${parsed.protocol} scheme`)
    }
  }
}

/** Registrations a second, and how many may come at once. */
const RATE = 1
const BURST = 100

/**
 * A token bucket over all registrations, since strangers have no identity to count by. Returns 0 when one may go on, else
 * the seconds to wait.
 */
export const registrationRate = (now: () => number = Date.now): (() => number) => {
  let tokens = BURST
  let at = now()
  return () => {
    tokens = Math.min(BURST, tokens + ((now() - at) / 1000) * RATE)
    at = now()
    if (tokens < 1) return Math.ceil((1 - tokens) / RATE)
    tokens -= 1
    return 0
  }
}
