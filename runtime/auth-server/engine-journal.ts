/**
 * What happens in the engine, as entries of the journal.
 *
 * @module
 */
import type Provider from "oidc-provider"
import type { Events } from "./events.ts"

export const unexpected = (events: Events, cause: unknown) => {
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : "unknown error"
  events.write("server", "failed", `unexpected error: ${what}`)
}

/** The engine's own events, as entries of the journal. */
export const record = (engine: Provider, events: Events) => {
  engine.on("registration_create.success", (_ctx, client) => {
    const name = client.clientName ?? client.clientId
    const redirect = client.redirectUris?.join(" ")
    events.write("register", "ok", `${name} registered`, { client: client.clientId, redirect })
  })
  engine.on("registration_create.error", (_ctx, error) => {
    events.write("register", "refused", `registration refused: ${error.error_description ?? error.error}`, {
      error: error.error,
    })
  })
  engine.on("authorization.error", (ctx, error) => {
    const client = ctx.oidc.client?.clientId
    const why = error.error_description ?? error.error
    events.write("authorize", "refused", `authorization refused: ${why}`, { client, error: error.error })
  })
  engine.on("grant.success", ({ oidc }) => {
    const { client, entities, params } = oidc
    const refreshed = params?.["grant_type"] === "refresh_token"
    const name = client?.clientName ?? client?.clientId ?? "a client"
    events.write("token", "ok", `token ${refreshed ? "refreshed" : "issued"} for ${name}`, {
      client: client?.clientId,
      subject: entities.AccessToken?.accountId,
      resource: String(entities.AccessToken?.aud),
      scope: entities.AccessToken?.scope,
    })
  })
  engine.on("grant.error", (ctx, error) => {
    const client = ctx.oidc.client?.clientId
    const why = error.error_detail ?? error.error_description ?? error.error
    events.write("token", "refused", `token refused: ${why}`, { client, error: error.error })
  })
  engine.on("grant.revoked", (ctx) => {
    const client = ctx.oidc.client?.clientId
    events.write("token", "refused", "all tokens of the grant revoked: a code or refresh token was used twice", {
      client,
    })
  })
}
