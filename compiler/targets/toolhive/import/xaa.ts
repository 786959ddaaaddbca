/**
 * `exchange xaa` from the type xaa.
 *
 * @module
 */
import { quoted, quotedList, type Said } from "./draft.ts"
import { type ImportOutgoing, plain } from "./outgoing.ts"
import { from, reference, stage, word } from "./syntax.ts"

export const xaa: ImportOutgoing = (draft, config) => {
  const tree = draft.at(config.spec, "xaa")
  const text = (field: string) => draft.text(config, tree, field)
  const named = text("subjectProviderName")
  const written = (said: Said<string> | undefined) => said && quoted(said)
  const scopes = quotedList(draft.texts(config, tree, "scopes"))
  // The one token type there is.
  text("subjectTokenType")
  return plain(({ provider, upstream }) => [
    stage("exchange", word("xaa"), {
      subject: from(named?.origin, reference(named ? upstream(named.value) : provider, "id_token")),
      idp_token_url: written(text("idpTokenUrl")),
      idp_client_id: written(text("idpClientId")),
      idp_client_secret: draft.secret(config, draft.at(tree, "idpClientSecretRef")),
      target_token_url: written(text("targetTokenUrl")),
      target_client_id: written(text("targetClientId")),
      target_client_secret: draft.secret(config, draft.at(tree, "targetClientSecretRef")),
      audience: written(text("targetAudience")),
      resource: written(text("targetResource")),
      scopes,
    }),
  ])
}
