/**
 * Random flows of every type of outgoing credential, with what is known of ToolHive said a second time, in other words than the
 * target's: which of them it runs.
 *
 * @module
 */
import * as fc from "fast-check"
import { behind, outside, type Shown, shownKinds } from "./toolhive-source.ts"

/** A flow, and the codes with which ToolHive's target refuses it: none where it runs it. */
export interface Generated {
  readonly text: string
  readonly kind: Shown
  readonly refused: readonly string[]
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const url = word.map((name) => `https://${name}.example/${name}`)
const secret = fc.tuple(word, word).map(([name, key]) => `secret("${name}", key: "${key}")`)
const scopes = fc.uniqueArray(word, { maxLength: 4 }).map((list) => JSON.stringify(list))
/** Most flows are to be ones that ToolHive runs. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** A stage as written, and the codes with which ToolHive's target refuses it by itself. */
type Written = readonly [stage: string, refused: readonly string[]]

const client = fc.record({ id: optional(word), secret })
const fields = (lines: readonly (string | undefined)[]) =>
  lines.filter((line) => line !== undefined).map((line) => `    ${line}\n`)

/** `tokens` are access tokens, `ids` ID tokens of a login. */
const stage = (kind: Shown, tokens: readonly string[], ids: readonly string[]): fc.Arbitrary<Written> => {
  const own = ids.length > 0
  switch (kind) {
    case "token_exchange":
      return fc
        .record({
          subject: fc.constantFrom(...tokens, ...tokens, ...ids),
          url,
          audience: word,
          scopes,
          client,
          header: rarely(word),
        })
        .map(
          ({ subject, url, audience, scopes, client, header }): Written => [
            `  exchange token_exchange {\n${fields([
              `subject = ${subject}`,
              `token_url = "${url}"`,
              `audience = "${audience}"`,
              `scopes = ${scopes}`,
              client.id && `client_id = "${client.id}"`,
              client.id && `client_secret = ${client.secret}`,
              header && `header = "X-${header}"`,
            ]).join("")}  }\n`,
            [...(ids.includes(subject) ? ["AF0850"] : []), ...(header ? ["AF0851"] : [])],
          ],
        )
    case "obo":
      return fc
        .record({ subject: fc.constantFrom(...tokens), client: word, secret, scope: word, skew: optional(fc.nat(60)) })
        .map(
          ({ subject, client, secret, scope, skew }): Written => [
            `  exchange obo {\n${fields([
              `subject = ${subject}`,
              'tenant = "contoso.onmicrosoft.com"',
              `client_id = "${subject.startsWith("corp_two") ? "sts.amazonaws.com" : own ? client : "orders-gateway"}"`,
              `client_secret = ${secret}`,
              `scopes = ["${scope}"]`,
              skew === undefined ? undefined : `cache_skew = ${skew}s`,
            ]).join("")}  }\n`,
            ["AF0854"],
          ],
        )
    case "xaa":
      return fc
        .record({
          subject: fc.constantFrom(...ids),
          idp: url,
          at: fc.constantFrom("none", "public", "confidential"),
          secret,
          target: url,
          audience: url,
          client,
          scopes,
        })
        .map(({ subject, idp, at, secret, target, audience, client, scopes }): Written => {
          const known = client.id !== undefined
          return [
            `  exchange xaa {\n${fields([
              `subject = ${subject}`,
              `idp_token_url = "${idp}"`,
              at === "none" ? undefined : 'idp_client_id = "mcp-gateway"',
              at === "confidential" ? `idp_client_secret = ${secret}` : undefined,
              `target_token_url = "${target}"`,
              known ? `target_client_id = "${client.id}"` : undefined,
              known ? `target_client_secret = ${client.secret}` : undefined,
              `audience = "${audience}"`,
              `scopes = ${scopes}`,
            ]).join("")}  }\n`,
            at === "public" ? ["AF0856"] : [],
          ]
        })
    case "inject.bearer":
      return secret.map((token): Written => [`  inject bearer { token = ${token} }\n`, []])
    case "inject.header":
      return fc
        .tuple(word, secret)
        .map(([name, value]): Written => [`  inject header { name = "X-${name}", value = ${value} }\n`, []])
    case "inject.token":
      return fc.constantFrom(...tokens).map((token): Written => [`  inject token { token = ${token} }\n`, []])
    case "inject.none":
      return fc.constant<Written>(["  inject none\n", []])
  }
}

/** A well-typed flow that shows its upstream something else than a signature. */
export const outgoingFlow: fc.Arbitrary<Generated> = fc
  .record({
    kind: fc.constantFrom(...shownKinds),
    own: fc.boolean(),
    two: fc.boolean(),
    path: rarely(word),
    asked: rarely(scopes).map((each) => each ?? "[]"),
  })
  // A caller of an outside issuer has an access token only, and that one is its own.
  .filter(({ kind, own }) => own || (kind !== "xaa" && kind !== "inject.token"))
  .chain(({ kind, own, two, path, asked }) => {
    const logins = own && two ? ["corp", "corp_two"] : ["corp"]
    const tokens = logins.map((name) => `${name}.access_token`)
    const ids = own ? logins.map((name) => `${name}.id_token`) : []
    return stage(kind, tokens, ids).map(([written, refused]): Generated => {
      const text = own ? behind(written, logins) : outside(written)
      const virtual = logins.length > 1 || !["token_exchange", "obo", "inject.bearer"].includes(kind)
      const bearer = kind === "inject.bearer"
      return {
        kind,
        text: text
          .replace("orders.example.com/mcp", `orders.example.com/${path ?? "mcp"}`)
          .replace("identify gate\n", `identify gate { scopes = ${asked} }\n`)
          .replace("{ audience =", `{ scopes = ${asked}, audience =`),
        refused: [
          ...refused,
          ...(asked === "[]" ? [] : ["AF0852"]),
          ...(virtual && !bearer && path !== undefined ? ["AF0853"] : []),
          ...(bearer && logins.length > 1 ? ["AF0804"] : []),
        ],
      }
    })
  })
