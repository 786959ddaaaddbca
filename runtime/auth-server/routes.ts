/**
 * The server's paths. They are ToolHive's, so that a client sees the same server on either target.
 *
 * An issuer with a path keeps its endpoints under that path, and its metadata where clients look for it: RFC 8414 section 3
 * puts the well-known part before the issuer's path, OpenID Connect Discovery section 4 after it. Both are served.
 *
 * @module
 */

/** Paths below the issuer's own. */
export const PATHS = {
  /** What cookies of the browser's session go to: all that reads them is below it. */
  own: "/oauth",
  authorize: "/oauth/authorize",
  callback: "/oauth/callback",
  token: "/oauth/token",
  register: "/oauth/register",
  interaction: "/oauth/interaction",
  revoke: "/oauth/revoke",
  logout: "/oauth/logout",
  /** Where an upstream provider tells of logouts (OpenID Connect Back-Channel Logout). */
  backchannel: "/oauth/backchannel-logout",
  jwks: "/.well-known/jwks.json",
} as const

const METADATA = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] as const

/** What a path asks for. `path` is the one the engine knows it by. */
export type Route =
  | {
      readonly kind: "engine" | "authorize" | "register" | "metadata" | "callback" | "backchannel"
      readonly path: string
    }
  | { readonly kind: "interaction"; readonly uid: string; readonly action: "show" | "consent" }

export interface Routes {
  /** The issuer's path without a trailing slash; empty for an issuer without one. */
  readonly mount: string
  readonly match: (path: string) => Route | undefined
}

/** `redirectPaths`: where the providers send browsers back to. */
export const routes = (issuer: string, redirectPaths: readonly string[]): Routes => {
  const mount = new URL(issuer).pathname.replace(/\/$/, "")
  const fixed = new Map<string, Route>([
    [mount + PATHS.authorize, { kind: "authorize", path: PATHS.authorize }],
    [mount + PATHS.token, { kind: "engine", path: PATHS.token }],
    [mount + PATHS.revoke, { kind: "engine", path: PATHS.revoke }],
    ...["", "/confirm", "/success"].map((step): [string, Route] => [
      mount + PATHS.logout + step,
      { kind: "engine", path: PATHS.logout + step },
    ]),
    [mount + PATHS.backchannel, { kind: "backchannel", path: PATHS.backchannel }],
    [mount + PATHS.register, { kind: "register", path: PATHS.register }],
    [mount + PATHS.jwks, { kind: "engine", path: PATHS.jwks }],
    ...redirectPaths.map((path): [string, Route] => [path, { kind: "callback", path }]),
  ])
  for (const path of METADATA) {
    fixed.set(mount + path, { kind: "metadata", path })
    fixed.set(path + mount, { kind: "metadata", path })
  }
  /** What comes after `prefix`, where it is one path segment or two. */
  const below = (prefix: string, path: string) =>
    path.startsWith(`${mount}${prefix}/`) ? path.slice(mount.length + prefix.length + 1).split("/") : []
  return {
    mount,
    match: (path) => {
      const route = fixed.get(path)
      if (route !== undefined) return route
      const [resumed, ...more] = below(PATHS.authorize, path)
      if (isUid(resumed) && more.length === 0) return { kind: "engine", path: `${PATHS.authorize}/${resumed}` }
      const [uid, step, ...rest] = below(PATHS.interaction, path)
      if (!isUid(uid) || rest.length > 0) return undefined
      if (step === undefined) return { kind: "interaction", uid, action: "show" }
      return step === "consent" ? { kind: "interaction", uid, action: "consent" } : undefined
    },
  }
}

const isUid = (text: string | undefined): text is string => text !== undefined && /^[\w-]{1,64}$/.test(text)
