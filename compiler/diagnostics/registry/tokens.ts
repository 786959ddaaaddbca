/**
 * AF05xx: tokens and claims.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, OUTSIDE, SOUND } from "./example.ts"
import { choices, didYouMean } from "./names.ts"

/** A second provider, for what goes wrong between two. */
const SECOND = `provider partner = oidc {
  issuer    = "https://login.partner.example"
  client_id = "mcp-gateway"
  scopes    = ["openid", "email"]
}

server gate`

export const tokens = {
  AF0501: entry<{ readonly found: string; readonly name: string }>({
    severity: "error",
    title: "Not a token",
    message: ({ found, name }) =>
      `\`${found}\` is not a token; \`${name}.access_token\` or \`${name}.id_token\` would be`,
    explanation: "A token is named by who issues it and its kind.",
    remedy: "Name the token: `corp.id_token`.",
    example: changed([["subject = corp.id_token", "subject = corp.token"]]),
  }),
  AF0502: entry<{ readonly token: string; readonly here: readonly string[] }>({
    severity: "error",
    title: "The flow does not have this token",
    message: ({ token, here }) => `the flow has no \`${token}\`; it has ${choices(here)}`,
    explanation:
      "A flow has the token its caller presents and, behind a server of ours, the tokens of the providers people log in at there.",
    remedy: "Name one of the tokens the flow has, or let people log in at that provider.",
    example: changed([["subject = corp.access_token", "subject = corp.id_token"]], [], OUTSIDE),
  }),
  AF0503: entry<{ readonly provider: string }>({
    severity: "error",
    title: "No ID token without the `openid` scope",
    message: ({ provider }) => `\`${provider}\` gives no ID token: its scopes lack "openid"`,
    explanation:
      "OpenID Connect: an ID token comes only when the `openid` scope is asked for. It says who the person is.",
    remedy: 'Add "openid" to the provider\'s scopes.',
    example: changed(
      [
        ['["openid", "email"]', '["email"]'],
        ["  claims = { groups: corp.id_token.groups }\n", ""],
        ["corp.id_token\n    region", "gate.access_token\n    region"],
      ],
      [],
    ),
  }),
  AF0504: entry<{ readonly token: string; readonly provider: string }>({
    severity: "error",
    title: "AWS cannot verify the token",
    message: ({ token, provider }) =>
      `\`${token}\` is opaque: nobody but ${provider} can read it, and AWS has to verify it`,
    explanation:
      "STS verifies the signature of a JWT. Access tokens are opaque unless the provider says otherwise, and STS refuses them with InvalidIdentityToken.",
    remedy:
      "Use the ID token. If the provider's access tokens are JWTs, say so: `access_token = { format: jwt, audience: … }`.",
    example: changed([["subject = corp.id_token", "subject = corp.access_token"]]),
  }),
  AF0505: entry<{ readonly token: string; readonly claim: string; readonly origin: string }>({
    severity: "error",
    title: "The role is chosen by another issuer's word",
    message: ({ token, claim, origin }) =>
      `AWS is shown \`${token}\`, but the role is chosen by \`${claim}\`, which is ${origin}'s word`,
    explanation:
      "The trust policy of a role trusts the issuer of the token it is shown. When the claims that chose the role come from another issuer, AWS vouches for somebody it never saw.",
    remedy: "Show AWS a token of the issuer whose claims choose the role, or choose by claims of that issuer.",
    example: changed([
      ["server gate", SECOND],
      ["login  = [corp]", "login  = [corp, partner]"],
      ["subject = corp.id_token", "subject = partner.id_token"],
    ]),
  }),
  AF0506: entry<{ readonly token: string; readonly provider: string }>({
    severity: "error",
    title: "The token's audience is not known",
    message: ({ token, provider }) => `who \`${token}\` is for is not known: ${provider} does not say its audience`,
    explanation:
      "STS checks the token's `aud` against the audiences of the account's IAM OpenID Connect provider. The trust policy needs the same value.",
    remedy: 'Say it at the provider: `access_token = { format: jwt, audience: "…" }`.',
    example: changed(
      [
        ["  id_token      =", "  access_token  = { format: jwt }\n  id_token      ="],
        ["subject = corp.id_token", "subject = corp.access_token"],
      ],
      [
        ["  id_token      =", '  access_token  = { format: jwt, audience: "sts.amazonaws.com" }\n  id_token      ='],
        ["subject = corp.id_token", "subject = corp.access_token"],
      ],
    ),
  }),
  AF0507: entry<{ readonly claim: string; readonly token: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "The token is not known to hold this claim",
    message: ({ claim, token, meant }) =>
      `\`${token}\` is not known to hold the claim \`${claim}\`${didYouMean(meant)}`,
    explanation:
      "A rule on a claim that the token does not hold never applies: everybody falls to the fallback, or is refused. That is how RFC THV-0050's own example fails.",
    remedy:
      "Declare the claim at the provider whose token holds it; behind a server of ours, carry it over with `claims = { … }`.",
    example: changed([["  claims = { groups: corp.id_token.groups }\n", ""]]),
  }),
  AF0508: entry<{ readonly found: string }>({
    severity: "error",
    title: "Not a claim",
    message: ({ found }) => `\`${found}\` is not a claim of the caller; \`claims.email\` would be one`,
    explanation: "`claims` are the claims of the token that `identify` verified.",
    remedy: 'Write `claims.name`, or `claims["name"]` where the name has other characters.',
    example: changed([["name: claims.sub", "name: sub"]]),
  }),
  AF0509: entry<{ readonly found: string }>({
    severity: "error",
    title: "Not a claim of a login",
    message: ({ found }) =>
      `\`${found}\` is not a claim of a login; \`corp.id_token.groups\` or \`corp.userinfo.groups\` would be`,
    explanation: "A server carries claims over from the ID token or the userinfo answer of a login.",
    remedy: "Name provider, source and claim.",
    example: changed([["{ groups: corp.id_token.groups }", "{ groups: corp.access_token.groups }"]]),
  }),
  AF0510: entry<{ readonly server: string; readonly provider: string }>({
    severity: "error",
    title: "Nobody logs in there",
    message: ({ server, provider }) =>
      `nobody logs in at ${provider} through ${server}, so there is no claim to carry over`,
    explanation: "A server has claims only of the providers in its `login` list.",
    remedy: "Add the provider to `login`, or carry the claim of one that is there.",
    example: changed([
      ["server gate", SECOND],
      ["  keys   =", "  keys   ="],
      ["{ groups: corp.id_token.groups }", "{ groups: corp.id_token.groups, partner_email: partner.id_token.email }"],
    ]),
  }),
  AF0511: entry<{ readonly claim: string }>({
    severity: "error",
    title: "A claim the protocol owns",
    message: ({ claim }) => `\`${claim}\` is set by the server itself and cannot be carried over`,
    explanation: "It decides what the token is worth: who issued it, for whom, until when. A login cannot say that.",
    remedy: "Carry the claim over by another name.",
    example: changed([
      ["{ groups: corp.id_token.groups }", "{ groups: corp.id_token.groups, aud: corp.id_token.email }"],
    ]),
  }),
  AF0512: entry<{ readonly claim: string; readonly declared: string; readonly standard: string }>({
    severity: "error",
    title: "A standard claim of another type",
    message: ({ claim, declared, standard }) =>
      `\`${claim}\` is declared as ${declared}, and the standard makes it ${standard}`,
    explanation: "OpenID Connect and RFC 9068 fix the types of their claims; rules on another type would never apply.",
    remedy: "Declare it with its standard type, or leave the declaration out.",
    example: changed([["{ groups: strings }", "{ groups: strings, email: strings }"]]),
  }),
  AF0513: entry<{ readonly claim: string; readonly type: string }>({
    severity: "error",
    title: "The session's name is no string",
    message: ({ claim, type }) =>
      `\`${claim}\` is ${type === "strings" ? "a list of strings" : `of type ${type}`}, and a session's name is one string`,
    explanation: "The name of a role session is one word; CloudTrail shows it.",
    remedy: "Name the session by a claim that is one string, such as `claims.sub`.",
    example: changed([["name: claims.sub", "name: claims.groups"]]),
  }),
  AF0514: entry<{ readonly claim: string }>({
    severity: "error",
    title: "The session's name may not fit",
    message: ({ claim }) => `\`${claim}\` may hold what STS refuses as a session's name; say \`on_invalid\``,
    explanation:
      "STS takes 2 to 64 letters, digits and `_+=,.@-`. An address may be longer, and an outside issuer's `sub` may hold a `|`: that person could never get in, and nobody would know why.",
    remedy: "Say `on_invalid: reject` to refuse such a caller, or `on_invalid: sanitize` to make the value fit.",
    example: changed(
      [["name: claims.sub", "name: claims.email"]],
      [["name: claims.sub", "name: claims.email, on_invalid: reject"]],
    ),
  }),
  AF0515: entry<{ readonly provider: string }>({
    severity: "error",
    title: "Nobody can log in there",
    message: ({ provider }) => `nobody can log in at \`${provider}\`: it has no \`client_id\``,
    explanation: "To send people to a provider we have to be registered there.",
    remedy: "Add `client_id`, and `client_secret` if the registration has one.",
    example: {
      bad: SOUND.replace('  client_id     = "mcp-gateway"\n', "")
        .replace('  client_secret = secret("corp-idp", key: "client-secret")\n', "")
        .replace('  scopes        = ["openid", "email"]\n', ""),
      good: SOUND,
    },
  }),
  AF0516: entry<{ readonly provider: string }>({
    severity: "error",
    title: "The caller's token cannot be verified",
    message: ({ provider }) => `access tokens of \`${provider}\` are opaque: nobody but ${provider} can verify them`,
    explanation: "A flow verifies the caller's token by its signature. An opaque token has none.",
    remedy:
      "If the provider's access tokens are JWTs, say so: `access_token = { format: jwt }`. Else put a server of ours in front.",
    example: changed(
      [
        ["access_token = { format: jwt, claims: { groups: strings, email: string } }", "algorithms   = [RS256]"],
        ["claims.groups {\n      contains", "claims.sub {\n      equals"],
      ],
      [],
      OUTSIDE,
    ),
  }),
  AF0518: entry({
    severity: "error",
    title: "A scope a resource cannot ask for",
    message: () => "`offline_access` is between the client and the authorization server; a flow cannot ask for it",
    explanation:
      "It gives the client a refresh token and says nothing about what the client may do here. A token need not show it, and callers would be refused for no reason.",
    remedy: "Delete it here. It belongs into the `scopes` of a provider.",
    example: changed([['["mcp:use"]', '["mcp:use", "offline_access"]']]),
  }),
  AF0519: entry<{ readonly server: string }>({
    severity: "warning",
    title: "The signing key dies with the process",
    message: ({ server }) =>
      `\`${server}\` has no \`keys\`: it makes one at start, and every restart logs everybody out`,
    explanation:
      "Tokens are verified by the key that signed them. With a key made at start, they are worth nothing after a restart, and AWS, which keeps keys for a while, refuses the new ones.",
    remedy: 'Add a key: `keys = [secret("gate-keys", key: "2026")]`.',
    example: changed([['  keys   = [secret("gate-keys", key: "2026")]\n', ""]]),
  }),
  AF0520: entry<{ readonly server: string }>({
    severity: "warning",
    title: "No client can come",
    message: ({ server }) => `no MCP client can register at \`${server}\`, so nobody can log in`,
    explanation:
      "A client registers itself, is the URL of a metadata document, or is named in `known`; the file allows none of these.",
    remedy:
      "Say `clients = { registration: dynamic }` or `clients = { metadata_documents: on }`, or name the clients in `known`.",
    example: changed([["  login  = [corp]\n", "  login  = [corp]\n  clients = { registration: none }\n"]]),
  }),
  AF0523: entry<{ readonly provider: string }>({
    severity: "error",
    title: "An opaque token shows nothing",
    message: ({ provider }) =>
      `access tokens of \`${provider}\` are opaque, so neither audience nor claims of theirs can be read`,
    explanation:
      "What is declared of a token counts only when somebody can read it; opaque is what is assumed when unsaid.",
    remedy: "If they are JWTs, add `format: jwt`.",
    example: changed([["format: jwt, ", ""]], [], OUTSIDE),
  }),
  AF0524: entry<{ readonly server: string }>({
    severity: "error",
    title: "Our server's ID token is the client's",
    message: ({ server }) => `a flow never sees an ID token of \`${server}\`; it has \`${server}.access_token\``,
    explanation: "A client presents its access token. The ID token stays with the client.",
    remedy: "Name the access token, or the ID token of the login.",
    example: changed([["subject = corp.id_token", "subject = gate.id_token"]]),
  }),
  AF0525: entry<{ readonly name: string }>({
    severity: "error",
    title: "A parameter that is set already",
    message: ({ name }) => `\`${name}\` is what every authorization request says by itself`,
    explanation:
      "These parameters say who we are, where the answer goes, and what ties it to the question. Said otherwise, nobody could log in, or the answer could be somebody else's.",
    remedy: "Leave it out. Scopes are said with `scopes`.",
    example: changed(
      [["  id_token      =", '  authorization_params = { prompt: "login", scope: "openid" }\n  id_token      =']],
      [["  id_token      =", '  authorization_params = { prompt: "login" }\n  id_token      =']],
    ),
  }),
  AF0526: entry<{ readonly claim: string; readonly type: string }>({
    severity: "error",
    title: "Nobody is called by this claim",
    message: ({ claim, type }) =>
      `\`${claim}\` is ${type === "strings" ? "a list of strings" : `of type ${type}`}, and a person's identifier is one string`,
    explanation: "The claim tells people apart. One that is no string would refuse every login.",
    remedy: "Name a claim that is one string and never changes, such as `sub` or `oid`.",
    example: changed(
      [["  id_token      =", '  subject_claim = "groups"\n  id_token      =']],
      [["  id_token      =", '  subject_claim = "sub"\n  id_token      =']],
    ),
  }),
} as const
