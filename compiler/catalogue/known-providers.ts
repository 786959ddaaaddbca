/**
 * What is known of widespread OAuth 2.0 providers that are no OpenID providers, for fixes: how each says who a person is.
 *
 * @module
 */

interface Known {
  /** Of the authorization endpoint. */
  readonly is: (authorizationEndpoint: URL) => boolean
  /** The field that says it, as it is written. */
  readonly identity: (authorizationEndpoint: URL) => string
  /** The member of that field that is the person's for good, as it is written. */
  readonly subject: string
}

const known: readonly Known[] = [
  {
    is: ({ host, pathname }) => host === "github.com" && pathname.startsWith("/login/oauth/"),
    identity: () =>
      'userinfo = { endpoint: "https://api.github.com/user", subject: ["id"], name: ["name", "login"], email: ["email"] }',
    subject: '["id"]',
  },
  // GitHub Enterprise Server has both on one host.
  {
    is: ({ pathname }) => pathname === "/login/oauth/authorize",
    identity: ({ origin }) =>
      `userinfo = { endpoint: "${origin}/api/v3/user", subject: ["id"], name: ["name", "login"], email: ["email"] }`,
    subject: '["id"]',
  },
  {
    is: ({ host }) => host === "discord.com",
    identity: () =>
      'userinfo = { endpoint: "https://discord.com/api/users/@me", subject: ["id"], name: ["global_name", "username"] }',
    subject: '["id"]',
  },
  {
    is: ({ host, pathname }) => host === "slack.com" && pathname.startsWith("/oauth/v2"),
    identity: () => 'identity_from_token = { subject: "authed_user.id" }',
    subject: '["id"]',
  },
]

export const knownProvider = (authorizationEndpoint: string): Known | undefined => {
  const url = new URL(authorizationEndpoint)
  return known.find(({ is }) => is(url))
}
