/**
 * What a client may say of itself, in a registration (RFC 7591) or in a metadata document, and how fast clients may come.
 *
 * Anybody may register, and anybody may publish a document, so neither earns anything but a name: the client may only use the
 * code and refresh grants, and acts for no one before that person has agreed on the consent page. RFC 7591 section 3.2.1 lets
 * the server replace what was asked for and say so in its answer; that is done where an honest client can live with it (an
 * authentication method it will not need), and refused where it can't (a redirect URI).
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import { errors } from "oidc-provider"
import type { AuthServer } from "../../plan.ts"

const MAX_REDIRECT_URIS = 10
/** Characters, as ToolHive bounds them. */
const MAX_NAME = 256
const MAX_URI = 2048
const MAX_CONTACTS = 10

const GRANTS = ["authorization_code", "refresh_token"]

/** Everything else is dropped: sector URIs, for one, would make us fetch what a stranger names. */
const KEPT = [
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
  "dpop_bound_access_tokens",
  "post_logout_redirect_uris",
]
/** What only the engine puts beside it. */
const SECRET = ["client_secret", "client_secret_expires_at"]
const REGISTERED = new Set([...KEPT, ...SECRET])
/** What a document may say beside it: the keys of a client that signs its assertions (the draft, section 8.2). */
const DOCUMENTED = new Set([...KEPT, "jwks", "jwks_uri", "token_endpoint_auth_signing_alg"])

/** Metadata that RFC 7591 section 2 has and the engine does not: kept and checked like the rest. */
export const EXTRA_METADATA = ["software_id", "software_version"] as const

/** Rewrites a registration in place, before the engine validates the rest. Throws InvalidClientMetadata. */
export const normalizeRegistration = (
  metadata: Record<string, unknown>,
  confidential: AuthServer["confidential"],
): void => {
  const asked = metadata["token_endpoint_auth_method"]
  keep(metadata, REGISTERED)
  // Claude, Cursor, VS Code and the MCP SDK all say `none`; one on a laptop that asks for a secret could not keep it.
  const method = authentication(asked, metadata["redirect_uris"], confidential)
  metadata["token_endpoint_auth_method"] = method
  if (method === "none") for (const name of SECRET) delete metadata[name]
  // The engine makes one only for who asked for it.
  else metadata["client_secret"] ??= randomBytes(32).toString("base64url")
  normalize(metadata)
}

/** The same for a metadata document; it may hold no secret, which the engine has seen to. */
export const normalizeDocument = (metadata: Record<string, unknown>): void => {
  const signs = metadata["token_endpoint_auth_method"] === "private_key_jwt"
  keep(metadata, signs ? DOCUMENTED : new Set(KEPT))
  metadata["token_endpoint_auth_method"] = signs ? "private_key_jwt" : "none"
  normalize(metadata)
}

const keep = (metadata: Record<string, unknown>, kept: ReadonlySet<string>) => {
  for (const name of Object.keys(metadata)) if (!kept.has(name)) delete metadata[name]
}

const SECRET_METHODS = ["client_secret_basic", "client_secret_post"]

/** Only a client that is at home on an https host can keep a secret, and gets one (ToolHive's rule, too). */
const authentication = (asked: unknown, redirects: unknown, confidential: AuthServer["confidential"]): string => {
  if (confidential === undefined || !Array.isArray(redirects)) return "none"
  if (!redirects.every((uri) => typeof uri === "string" && uri.startsWith("https://"))) return "none"
  if (typeof asked === "string" && SECRET_METHODS.includes(asked)) return asked
  return redirects.some((uri) => confidential.redirects.includes(uri)) ? "client_secret_basic" : "none"
}

const normalize = (metadata: Record<string, unknown>): void => {
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
  for (const name of ["redirect_uris", "post_logout_redirect_uris"]) checkRedirectUris(name, metadata[name])
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

const checkRedirectUris = (name: string, uris: unknown) => {
  // Whether it is there, and its members are strings, is the engine's to say.
  if (!Array.isArray(uris)) return
  if (uris.length > MAX_REDIRECT_URIS) {
    throw new errors.InvalidClientMetadata(`${name} must have at most ${MAX_REDIRECT_URIS} members`)
  }
  for (const uri of uris) {
    if (typeof uri !== "string") continue
    if (uri.length > MAX_URI) {
      throw new errors.InvalidClientMetadata(`${name} must have members of at most ${MAX_URI} characters`)
    }
    const parsed = URL.parse(uri)
    if (parsed === null) continue
    if (parsed.username !== "" || parsed.password !== "") {
      throw new errors.InvalidClientMetadata(`${name} must not hold user names or passwords`)
    }
    if (FOREIGN_SCHEMES.includes(parsed.protocol)) {
      throw new errors.InvalidClientMetadata(`${name} must not use the ${parsed.protocol} scheme`)
    }
  }
}

/** How many strangers are served at once, and how many a second after that. */
interface Rate {
  readonly burst: number
  readonly perSecond: number
}
export const REGISTRATIONS: Rate = { burst: 100, perSecond: 1 }
export const DOCUMENTS: Rate = { burst: 50, perSecond: 5 }

/** A token bucket over all strangers, since they have no identity to count by. Returns 0 when one may go on, else the seconds to wait. */
export const rateOf = ({ burst, perSecond }: Rate, now: () => number = Date.now): (() => number) => {
  let tokens = burst
  let at = now()
  return () => {
    tokens = Math.min(burst, tokens + ((now() - at) / 1000) * perSecond)
    at = now()
    if (tokens < 1) return Math.ceil((1 - tokens) / perSecond)
    tokens -= 1
    return 0
  }
}
