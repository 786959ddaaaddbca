/**
 * `exchange obo` from type obo.
 *
 * @module
 */
import { quoted, quotedList } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import { type ImportOutgoing, plain } from "./outgoing.ts"
import { duration, from, reference, stage, word } from "./syntax.ts"

export const obo: ImportOutgoing = (draft, config) => {
  const tree = draft.at(config.spec, "obo")
  const text = (key: string) => {
    const said = draft.text(config, tree, key)
    return said && quoted(said)
  }
  const secret = draft.secret(config, draft.at(tree, "clientSecretRef"))
  const [tenant, client] = [text("tenantId"), text("clientId")]
  if (secret === undefined || tenant === undefined || client === undefined) return undefined
  const fields = {
    tenant,
    authority: text("authority"),
    client_id: client,
    client_secret: secret,
    audience: text("audience"),
    scopes: quotedList(draft.texts(config, tree, "scopes")),
  }
  const named = draft.text(config, tree, "subjectTokenProviderName")
  const skew = draft.peek(config, tree, "cacheSkew")
  const seconds = skew && goSeconds(skew.value)
  if (skew !== undefined && seconds !== undefined) draft.carry(skew.tree)
  return {
    ...plain(({ provider, upstream }) => [
      stage("exchange", word("obo"), {
        subject: named
          ? from(named.origin, reference(upstream(named.value), "access_token"))
          : reference(provider, "access_token"),
        ...fields,
        cache_skew: skew && seconds !== undefined ? from(skew.origin, duration(seconds)) : undefined,
      }),
    ]),
    enterprise: true,
  }
}
