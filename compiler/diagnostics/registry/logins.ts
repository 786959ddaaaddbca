/**
 * AF1450 to AF1499: where people log in, and what of it comes here.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed } from "./example.ts"
import { login, refusedBy, SHOWS_AWS } from "./login-example.ts"
import { changed as forToolHive } from "./toolhive-example.ts"

const REGISTERED =
  '  client_id              = "Iv1.0123456789abcdef"\n  client_secret          = secret("github", key: "client-secret")\n'

const ASKED =
  '  userinfo               = { endpoint: "https://api.github.com/user", subject: ["id"], name: ["name", "login"] }\n'

export const logins = {
  AF1450: entry<{ readonly provider: string }>({
    severity: "error",
    title: "Nobody knows who has logged in",
    message: ({ provider }) => `nothing says who a person is at \`${provider}\``,
    explanation:
      "OAuth 2.0 by itself says that somebody may do something, not who they are. ToolHive takes such a provider and makes up " +
      "a subject from the access token: the same person is somebody else after each login, and what is kept for a person is lost.",
    remedy:
      "Say how the provider is asked, with `userinfo`, or where its token endpoint says it, with `identity_from_token`.",
    example: login([[ASKED, ""]]),
  }),
  AF1451: entry<{ readonly provider: string }>({
    severity: "error",
    title: "Two words on who has logged in",
    message: ({ provider }) => `\`${provider}\` says who a person is in two ways; one has to be it`,
    explanation:
      "If they differ, one person would be two. With both said, ToolHive asks nothing and goes by the token's answer.",
    remedy: "Keep `userinfo` or `identity_from_token`.",
    example: login(
      [[ASKED, `${ASKED}  identity_from_token    = { subject: "user.id" }\n`]],
      [[ASKED, '  identity_from_token    = { subject: "user.id", name: "user.name", email: "user.email" }\n']],
    ),
  }),
  AF1452: entry<{ readonly provider: string; readonly both: "client_id" | "client_secret" | undefined }>({
    severity: "error",
    title: "One registration, no more and no less",
    message: ({ provider, both }) =>
      both === undefined
        ? `provider ${provider} needs \`client_id\`, or \`registration\``
        : `\`${both}\` and \`registration\` are both said, and the registration brings one`,
    explanation:
      "A provider knows us by a client identifier. Somebody has registered us and tells it to us, or we register ourselves and are told.",
    remedy: "Say `client_id`, and `client_secret` if there is one; or say `registration` and neither of them.",
    example: login(
      [[REGISTERED, `${REGISTERED}  registration           = { endpoint: "https://auth.example.net/register" }\n`]],
      [[REGISTERED, '  registration           = { endpoint: "https://auth.example.net/register" }\n']],
    ),
  }),
  AF1453: entry<{ readonly both: boolean }>({
    severity: "error",
    title: "Where to register",
    message: ({ both }) =>
      both
        ? "the registration says both `discovery` and `endpoint`"
        : "the registration says neither `discovery` nor `endpoint`",
    explanation: "We register at one endpoint: the one that is said, or the one that the provider's metadata names.",
    remedy: "Say one of the two.",
    example: login(
      [[REGISTERED, '  registration           = { software_id: "mcp-gateway" }\n']],
      [
        [
          REGISTERED,
          '  registration           = { software_id: "mcp-gateway", discovery: "https://auth.example.net/.well-known/oauth-authorization-server" }\n',
        ],
      ],
    ),
  }),
  AF1454: entry<{ readonly field: string; readonly provider: string }>({
    severity: "warning",
    title: "A person by a name that can be another's",
    message: ({ field, provider }) => `\`${field}\` at \`${provider}\` can be changed, and given to somebody else`,
    explanation:
      "Who takes a name that has become free would be the person who had it before, here too, and could do what that person may.",
    remedy: 'Name the field with the identifier that stays, such as `["id"]`.',
    example: login([['subject: ["id"]', 'subject: ["login"]']]),
  }),
  AF1455: entry<{ readonly header: string }>({
    severity: "error",
    title: "A header that is set already",
    message: ({ header }) => `\`${header}\` of the userinfo request is not the file's to say`,
    explanation:
      "The request carries the access token of the person whose login it is, goes where the endpoint is, and is as long as it is.",
    remedy: "Leave the header out.",
    example: login(
      [['subject: ["id"]', 'headers: { Authorization: "token" }, subject: ["id"]']],
      [['subject: ["id"]', 'headers: { Accept: "application/vnd.github+json" }, subject: ["id"]']],
    ),
  }),
  AF1456: entry<{ readonly provider: string }>({
    severity: "error",
    title: "OAuth 2.0 has no ID token",
    message: ({ provider }) => `\`${provider}\` is an OAuth 2.0 provider, and those give no ID token`,
    explanation:
      "ID tokens come from OpenID providers. What an OAuth 2.0 provider says of a person is `userinfo`; its token is the access token.",
    remedy:
      "Name the access token, or the claim by `userinfo`. If the provider has OpenID Connect, declare it with `oidc`.",
    example: login(
      [["token = github.access_token", "token = github.id_token"]],
      [
        [
          ASKED,
          `${ASKED}  access_token           = { format: jwt, issuer: "https://tokens.example.com", audience: "tools", claims: { groups: strings } }\n`,
        ],
      ],
    ),
  }),
  AF1457: entry<{ readonly provider: string }>({
    severity: "error",
    title: "Tokens of an OAuth 2.0 provider say nothing here",
    message: ({ provider }) => `a flow cannot identify its callers by tokens of \`${provider}\`, an OAuth 2.0 provider`,
    explanation:
      "What a token of such a provider is and whom it is for, only the provider knows. Whoever has one, got by any other app, could call the flow with it.",
    remedy: "Let people log in there through a server of ours, and identify by that: `server … = auth_server`.",
    example: login([["identify gate", "identify github"]]),
  }),
  AF1458: entry<{ readonly provider: string }>({
    severity: "error",
    title: "ToolHive does not look who answers",
    message: ({ provider }) => `ToolHive does not check that answers of \`${provider}\` say its \`issuer\``,
    explanation:
      "RFC 9207: an answer that names its issuer cannot be taken for one of another provider (mix-up). ToolHive has no field for " +
      "the issuer of an OAuth 2.0 provider and looks at none.",
    remedy: "Leave `issuer` out. Or run this flow with `authflow run`, which checks it.",
    example: refusedBy(
      "toolhive",
      [["  client_id ", '  issuer                 = "https://github.com/login/oauth"\n  client_id ']],
      [],
    ),
  }),
  AF1459: entry<{ readonly provider: string; readonly field: string }>({
    severity: "error",
    title: "ToolHive asks no userinfo of an OpenID provider",
    message: ({ provider, field }) =>
      `\`${field}\` is of a userinfo endpoint of \`${provider}\`, and ToolHive would not ask it`,
    explanation:
      "ToolHive takes who a person is, the name and the e-mail address from the ID token alone. It accepts `userInfoOverride` and " +
      "does nothing with it (pkg/authserver/upstream/oidc.go).",
    remedy: "Leave it out and see that the ID tokens hold the claims. Or run this flow with `authflow run`.",
    example: forToolHive([
      "  access_token",
      '  userinfo      = { endpoint: "https://idp.example.com/people/me" }\n  access_token',
    ]),
  }),
  AF1460: entry<{ readonly server: string; readonly provider: string; readonly origin: string }>({
    severity: "error",
    title: "The answer would not come back to us",
    message: ({ server, provider, origin }) =>
      `\`${provider}\` sends browsers to another host than \`${server}\` is at, ${origin}`,
    explanation:
      "The browser that was sent to log in is known by a cookie of the server's host. On another host it is not, and the login " +
      "could be somebody else's.",
    remedy: "Leave `redirect_uri` out, or name a path on the host of the server's issuer.",
    example: refusedBy(
      "plan",
      [
        ["  client_id ", '  redirect_uri           = "https://elsewhere.example.com/callback"\n  client_id '],
        SHOWS_AWS,
      ],
      [["  client_id ", '  redirect_uri           = "https://auth.example.com/callback"\n  client_id '], SHOWS_AWS],
    ),
  }),
  AF1461: entry<{ readonly provider: string }>({
    severity: "warning",
    title: "An ID token that nobody looks at",
    message: ({ provider }) => `\`openid\` asks \`${provider}\` for an ID token, and an \`oauth2\` provider has none`,
    explanation:
      "A provider that knows the scope `openid` is an OpenID provider: its ID token says who the person is, signed, and its endpoints need not be written down.",
    remedy: "Declare it with `oidc`, or leave the scope out.",
    example: login([['["read:user", "user:email"]', '["openid", "read:user", "user:email"]']]),
  }),
  AF1462: entry<{ readonly field: string }>({
    severity: "error",
    title: "Said of an endpoint that is not said",
    message: ({ field }) => `\`${field}\` is of a userinfo endpoint, and none is said`,
    explanation:
      "An OpenID provider's own userinfo endpoint is asked as OpenID Connect says, and its answer has the standard's names. Only of another endpoint is it said how.",
    remedy: "Say `endpoint`, or leave the field out.",
    example: changed(
      [["  id_token      =", `  userinfo      = { headers: { Accept: "application/json" } }\n  id_token      =`]],
      [
        [
          "  id_token      =",
          '  userinfo      = { endpoint: "https://idp.example.com/people/me", method: post, headers: { Accept: "application/json" }, subject: ["id"], name: ["display_name"], email: ["mail"] }\n  id_token      =',
        ],
      ],
    ),
  }),
} as const
