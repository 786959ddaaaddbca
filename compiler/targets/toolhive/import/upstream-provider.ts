/**
 * `provider` from an entry of `upstreamProviders`.
 *
 * @module
 */
import type { Declaration, Expression } from "../../../../grammar/ast.ts"
import { CALLBACK_PATH } from "../engine.ts"
import { type Draft, originOf, quoted, quotedList } from "./draft.ts"
import { place, type Resource, title } from "./resource.ts"
import { declaration, from, list, map, string, word } from "./syntax.ts"
import { type Tree, textOf, valueAt } from "./tree.ts"

/** Reads one entry's texts; what it reads counts as carried. */
class Reader {
  readonly draft: Draft
  readonly resource: Resource

  constructor(draft: Draft, resource: Resource) {
    this.draft = draft
    this.resource = resource
  }

  text(tree: Tree | undefined, name: string): Expression | undefined {
    const said = this.draft.text(this.resource, tree, name)
    return said && quoted(said)
  }

  texts(tree: Tree | undefined, name: string): Expression | undefined {
    return quotedList(this.draft.texts(this.resource, tree, name))
  }

  secret(tree: Tree | undefined, name: string): Expression | undefined {
    return this.draft.secret(this.resource, this.draft.at(tree, name))
  }

  map(tree: Tree | undefined, name: string): Expression | undefined {
    const found = this.draft.at(tree, name)
    const entries = found?.kind === "mapping" ? found.entries : []
    const said = entries.flatMap(({ key, value }) => {
      const text = this.draft.text(this.resource, value)
      return text ? [[key, quoted(text)] as const] : []
    })
    return said.length > 0 ? map(Object.fromEntries(said)) : undefined
  }

  block(tree: Tree | undefined, fields: Readonly<Record<string, Expression | undefined>>): Expression | undefined {
    const said = Object.values(fields).some((each) => each !== undefined)
    return tree && said ? from(originOf(this.resource, tree), map(fields)) : undefined
  }
}

/**
 * `issuer`: the server's own. `accessToken`: what a flow wants of the login's access tokens. `undefined` for a type that there is
 * no word for.
 */
export const importUpstreamProvider = (
  draft: Draft,
  resource: Resource,
  tree: Tree,
  issuer: string | undefined,
  accessToken: Expression | undefined,
): Declaration | undefined => {
  const type = draft.peek(resource, tree, "type")
  const kind = type?.value
  if (kind !== "oidc" && kind !== "oauth2") return undefined
  const config = draft.at(tree, `${kind}Config`)
  if (type === undefined || config === undefined) return undefined
  draft.carry(type.tree)
  const reader = new Reader(draft, resource)
  const name = draft.text(resource, tree, "name")
  const fields = kind === "oidc" ? oidcFields(reader, config) : oauth2Fields(reader, config)
  const uri = draft.text(resource, config, "redirectUri")
  return from(
    originOf(resource, tree),
    declaration(
      "provider",
      draft.names.give(name?.value ?? resource.name, "provider"),
      kind,
      `From an upstream of ${title(resource)}, ${place({ file: resource.file, span: name?.origin.span ?? tree.span })}.`,
      {
        ...fields,
        // What the lowering derives from the server's issuer need not be said.
        redirect_uri: uri === undefined || uri.value === `${issuer}${CALLBACK_PATH}` ? undefined : quoted(uri),
        access_token: kind === "oidc" ? accessToken : undefined,
      },
    ),
  )
}

const oidcFields = (reader: Reader, config: Tree) => {
  const override = reader.draft.at(config, "userInfoOverride")
  if (override !== undefined) {
    const reason =
      "who a person is, it reads from the ID token alone, and asks no userinfo endpoint of an OpenID provider"
    reader.resource.file.report("AF1012", override.span, { what: "userInfoOverride", reason })
    reader.draft.dismiss(override)
  }
  return {
    issuer: reader.text(config, "issuerUrl"),
    client_id: reader.text(config, "clientId"),
    client_secret: reader.secret(config, "clientSecretRef"),
    scopes: reader.texts(config, "scopes") ?? list([string("openid"), string("offline_access")]),
    subject_claim: reader.text(config, "subjectClaim"),
    authorization_params: reader.map(config, "additionalAuthorizationParams"),
  }
}

const oauth2Fields = (reader: Reader, config: Tree) => {
  const { draft } = reader
  const [asked, told] = [draft.at(config, "userInfo"), draft.at(config, "identityFromToken")]
  // ToolHive does not ask where the token endpoint says it.
  if (asked !== undefined && told !== undefined) {
    const reason = "with identityFromToken, ToolHive asks no userinfo endpoint"
    reader.resource.file.report("AF1012", asked.span, { what: "userInfo", reason })
    draft.dismiss(asked)
  }
  const userInfo = told === undefined ? asked : undefined
  const mapping = draft.at(userInfo, "fieldMapping")
  const method = draft.text(reader.resource, userInfo, "httpMethod")
  const [registration, response] = [draft.at(config, "dcrConfig"), draft.at(config, "tokenResponseMapping")]
  const isPrivate = draft.at(config, "allowPrivateIPs")
  if (isPrivate) draft.carry(isPrivate)
  return {
    authorization_endpoint: reader.text(config, "authorizationEndpoint"),
    token_endpoint: reader.text(config, "tokenEndpoint"),
    client_id: reader.text(config, "clientId"),
    client_secret: reader.secret(config, "clientSecretRef"),
    registration: reader.block(registration, {
      discovery: reader.text(registration, "discoveryUrl"),
      endpoint: reader.text(registration, "registrationEndpoint"),
      initial_access_token: reader.secret(registration, "initialAccessTokenRef"),
      software_id: reader.text(registration, "softwareId"),
      software_statement: reader.text(registration, "softwareStatement"),
    }),
    scopes: reader.texts(config, "scopes"),
    authorization_params: reader.map(config, "additionalAuthorizationParams"),
    userinfo: reader.block(userInfo, {
      endpoint: reader.text(userInfo, "endpointUrl"),
      method: method?.value === "POST" ? word("post") : undefined,
      headers: reader.map(userInfo, "additionalHeaders"),
      subject: reader.texts(mapping, "subjectFields"),
      name: reader.texts(mapping, "nameFields"),
      email: reader.texts(mapping, "emailFields"),
    }),
    identity_from_token: reader.block(told, {
      subject: reader.text(told, "subjectPath"),
      name: reader.text(told, "namePath"),
      email: reader.text(told, "emailPath"),
    }),
    token_response: reader.block(response, {
      access_token: reader.text(response, "accessTokenPath"),
      refresh_token: reader.text(response, "refreshTokenPath"),
      expires_in: reader.text(response, "expiresInPath"),
      scope: reader.text(response, "scopePath"),
    }),
    private_network: isPrivate?.kind === "leaf" && isPrivate.value === true ? word("on") : undefined,
  }
}

/** Whether it is known who people are at the upstream, after reporting: without it a login would be another one. */
export const saysWho = (resource: Resource, tree: Tree): boolean => {
  const config = valueAt(tree, "oauth2Config")
  if (textOf(valueAt(tree, "type")) !== "oauth2" || config === undefined) return true
  if ((valueAt(config, "userInfo") ?? valueAt(config, "identityFromToken")) !== undefined) return true
  const reason =
    "nothing says who a person is, and ToolHive makes a subject of the access token: everybody is somebody else after each login"
  resource.file.report("AF1012", config.span, { what: "an oauth2 upstream without userInfo", reason })
  return false
}
