/**
 * The OAuth side of the MCP client that the probe plays: what the official SDK asks of a host application.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js"
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from "@modelcontextprotocol/sdk/shared/auth.js"

/** A loopback redirect URI (RFC 8252 section 7.3). Nobody listens there: the probe's browser stops before it. */
export const REDIRECT_URI = "http://127.0.0.1:9/callback"

/** Remembers what the SDK gives it, for one person's session. */
export class OAuthClient implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URI
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: "authflow probe",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  }
  /** Where the SDK wanted the browser to go. */
  authorizationUrl: URL | undefined
  discovery: OAuthDiscoveryState | undefined
  #client: OAuthClientInformationMixed | undefined
  #tokens: OAuthTokens | undefined
  #verifier = ""
  #state = ""

  state(): string {
    this.#state = randomUUID()
    return this.#state
  }
  /** The `state` that has to come back. */
  get expectedState(): string {
    return this.#state
  }
  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client
  }
  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client
  }
  tokens(): OAuthTokens | undefined {
    return this.#tokens
  }
  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }
  codeVerifier(): string {
    return this.#verifier
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.discovery = state
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.discovery
  }
}
