/**
 * `exchange token_exchange` from the type tokenExchange.
 *
 * @module
 */
import { quoted, quotedList } from "./draft.ts"
import { type ImportOutgoing, plain } from "./outgoing.ts"
import { from, reference, stage, word } from "./syntax.ts"

/** RFC 8693 section 3; ToolHive takes the last part alone as well. */
const TOKEN_TYPE = /^(?:urn:ietf:params:oauth:token-type:)?(access_token|id_token|jwt)$/

export const tokenExchange: ImportOutgoing = (draft, config, { chooses }) => {
  const tree = draft.at(config.spec, "tokenExchange")
  const url = draft.text(config, tree, "tokenUrl")
  const audience = draft.text(config, tree, "audience")
  const id = draft.text(config, tree, "clientId")
  const secret = draft.secret(config, draft.at(tree, "clientSecretRef"))
  const scopes = draft.texts(config, tree, "scopes")
  const type = draft.text(config, tree, "subjectTokenType")
  const [, kind] = TOKEN_TYPE.exec(type?.value ?? "") ?? []
  const header = draft.text(config, tree, "externalTokenHeaderName")
  const named = chooses ? draft.text(config, tree, "subjectProviderName") : undefined
  if (url === undefined || audience === undefined) return undefined
  return plain(({ provider, upstream }) => [
    stage("exchange", word("token_exchange"), {
      subject: from(named?.origin, reference(named ? upstream(named.value) : provider, "access_token")),
      token_url: quoted(url),
      audience: quoted(audience),
      scopes: quotedList(scopes),
      client_id: id && quoted(id),
      client_secret: secret,
      // An access token is what it is: said only where it is called something else.
      subject_token_type: kind === undefined || kind === "access_token" ? undefined : from(type?.origin, word(kind)),
      header: header && quoted(header),
    }),
  ])
}
