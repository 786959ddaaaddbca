/**
 * Values that fit the type of the place: words of a choice, names, tokens, claims, what is worth knowing of a kind of string.
 *
 * @module
 */
import type { Claim } from "../../../compiler/catalogue/claims.ts"
import { nameOf, type TokenType } from "../../../compiler/catalogue/credential.ts"
import type { ValueType } from "../../../compiler/catalogue/field.ts"
import { functions } from "../../../compiler/catalogue/item.ts"
import { addressOf } from "../../../compiler/catalogue/provider.ts"
import { resolved, written } from "../../../compiler/check/evaluate.ts"
import { BROKEN, type Scope } from "../../../compiler/check/scope.ts"
import type { Reference, Span } from "../../../grammar/ast.ts"
import { claimType, code, describeClaim, describeToken, paragraphs, source } from "../hover/describe.ts"
import type { Place } from "../place.ts"
import { type Completion, plain, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { type NamesFor, Places, quoted, ROLE, rulesSnippet, valueSnippet } from "./snippet.ts"

/** The whole reference that the cursor is in: `corp.` with what follows. */
export const referenceSpan = ({ place, word }: Cursor): Span => {
  const reference = place.path.findLast(({ kind }) => kind === "Reference")
  return { start: Math.min(reference?.span.start ?? word.start, word.start), end: word.end }
}

export const namesFor =
  (scope: Scope): NamesFor =>
  ({ structure }, example) => {
    if (structure.kind === "rules") return ruleClaims(scope)
    if (structure.kind !== "name") return []
    switch (structure.of) {
      case "provider":
        return [...scope.providers.keys()]
      case "server":
        return [...scope.servers.keys()]
      case "token":
        return tokensBest(scope, example).map(nameOf)
      case "claim":
        return claimsBest(scope, example)
          .filter((claim) => weight(claim, likeOf(scope, example)) < rank.fair)
          .map(({ name }) => claimPath("claims", name))
      case "login_claim":
        return []
    }
  }

/** Claims that the protocol needs say nothing of who a person is. */
const PROTOCOL = new Set(
  "iss aud exp iat nbf jti auth_time nonce acr amr azp at_hash c_hash scope client_id".split(" "),
)

/** What somebody declared comes first, claims of the protocol and those of another type than the example's last. */
export const weight = ({ name, declared, type }: Claim, like?: Claim): number =>
  (like !== undefined && like.type !== type ? 2 : 0) + (declared ? 0 : PROTOCOL.has(name) ? 2 : 1)

/** The claim that an example names, `claims.email`, where the token has it. */
const likeOf = ({ principal }: Scope, example: string): Claim | undefined =>
  principal?.token.claims.get(/^claims\.(\w+)$/.exec(example)?.[1] ?? "")

const claimsBest = (scope: Scope, example: string): readonly Claim[] => {
  const like = likeOf(scope, example)
  return [...(scope.principal?.token.claims.values() ?? [])].toSorted((a, b) => weight(a, like) - weight(b, like))
}

const ruleClaims = (scope: Scope): readonly string[] =>
  claimsBest(scope, "")
    .filter(({ type, name }) => (type === "string" || type === "strings") && !PROTOCOL.has(name))
    .map(({ name }) => claimPath("claims", name))
    .slice(0, 8)

/** Those of the kind of the example first, and those that somebody beside their issuer can read. */
const tokensBest = ({ principal }: Scope, example: string): readonly TokenType[] =>
  (principal?.tokens ?? []).toSorted((a, b) => unfit(a, example) - unfit(b, example))

const unfit = ({ format, audience, kind }: TokenType, example: string): number =>
  (format === "opaque" ? 2 : 0) + (audience === undefined ? 1 : 0) + (example.endsWith(kind) ? 0 : 1)

/** `claims.email`, `claims["cognito:groups"]` */
const claimPath = (root: string, name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `${root}.${name}` : `${root}[${JSON.stringify(name)}]`

export const valuesAt = (cursor: Cursor): readonly Completion[] => {
  const { type } = cursor.place
  const all = type ? [...ofType(type, cursor), ...named(type, cursor)] : anyName(cursor)
  const given = itemsBeside(cursor)
  return all.filter(({ label }) => !given.has(label))
}

/** What a list has already: most lists take nothing twice. */
const itemsBeside = ({ place, text }: Cursor): ReadonlySet<string> => {
  const at = place.path.findLastIndex(({ kind }) => kind === "ListLiteral")
  const list = place.path[at]
  const self = place.path[at + 1]
  const others = list?.kind === "ListLiteral" ? list.items.filter((item) => item !== self) : []
  return new Set(others.map(({ span }) => text.slice(span.start, span.end)))
}

const ofType = (type: ValueType<unknown>, cursor: Cursor): readonly Completion[] => {
  const { place, indent } = cursor
  const { structure } = type
  const span = referenceSpan(cursor)
  const snippet = (label: string, text: string, more: Partial<Completion> = {}): Completion => ({
    label,
    kind: "value",
    snippet: text,
    span,
    rank: rank.good,
    ...more,
  })
  const example = exampleOf(place, type)
  switch (structure.kind) {
    case "choice":
      return structure.values.map((value) =>
        snippet(value, plain(value), {
          kind: "word",
          rank: rank.best,
          detail: place.field?.name,
          doc: place.field?.field.doc,
        }),
      )
    case "name":
      return ofNames(structure.of, place, span, example ?? "")
    case "list": {
      const inner = namesFor(place.scope)(structure.item, example ?? "")
      if (inner.length > 0) return inner.map((name) => snippet(`[${name}]`, plain(`[${name}]`), { rank: rank.best }))
      return [
        snippet("[…]", "[$1]"),
        ...(example ? [snippet(example, quoted(example, new Places()), { rank: rank.fair })] : []),
      ]
    }
    case "block":
      return [
        snippet(
          "{ … }",
          valueSnippet(type, { example: example ?? "{ }" }, new Places(), namesFor(place.scope), indent),
          {
            detail: type.label,
            doc: place.field?.field.doc,
          },
        ),
      ]
    case "map":
      return [snippet(example ?? "{ … }", example ? quoted(example, new Places()) : "{ $1 }", { detail: type.label })]
    case "rules":
      return rules(cursor, span)
    case "scalar": {
      if (structure.of === "boolean")
        return ["true", "false"].map((word) =>
          snippet(word, word, { kind: "word", rank: rank.best, doc: place.field?.field.doc }),
        )
      const known = Object.entries(structure.known ?? {}).map(([value, detail]) =>
        snippet(`"${value}"`, plain(`"${value}"`), { detail, rank: `"${value}"` === example ? rank.best : rank.fair }),
      )
      const shown =
        example && known.length === 0 ? [snippet(example, quoted(example, new Places()), { detail: type.label })] : []
      return [...shown, ...known]
    }
  }
}

/** An example of a value of the type, where the catalogue has one for the place. */
const exampleOf = ({ field, construct }: Place, type: ValueType<unknown>): string | undefined => {
  if (field?.field.type === type) return field.field.example
  const operand = construct && "operand" in construct ? construct.operand : undefined
  return operand?.by === "value" && operand.type === type ? operand.example : undefined
}

const ofNames = (
  of: "provider" | "server" | "token" | "claim" | "login_claim",
  { scope }: Place,
  span: Span,
  example: string,
): readonly Completion[] => {
  switch (of) {
    case "provider":
    case "server":
      return [...(of === "provider" ? scope.providers : scope.servers).entries()].map(([name, declared]) => ({
        label: name,
        kind: of,
        detail: declared === BROKEN ? undefined : addressOf(declared).value,
        snippet: name,
        span,
        rank: rank.best,
      }))
    case "token":
      return tokensBest(scope, example).map((token) => ({
        label: nameOf(token),
        kind: "token",
        detail:
          token.format === "opaque" ? "opaque" : `JWT${token.audience === undefined ? "" : ` for ${token.audience}`}`,
        doc: describeToken(token),
        snippet: nameOf(token),
        span,
        rank: rank.best + unfit(token, example),
      }))
    case "claim":
      return claimsOf(scope, span, likeOf(scope, example))
    case "login_claim":
      return [...scope.providers].flatMap(([name, provider]) =>
        provider === BROKEN
          ? []
          : [
              ...claimItems(provider.idToken?.claims.values() ?? [], `${name}.id_token`, span),
              ...claimItems(provider.userinfo.values(), `${name}.userinfo`, span),
            ],
      )
  }
}

/** Claims of the flow's caller. */
export const claimsOf = ({ principal }: Scope, span: Span, like?: Claim): readonly Completion[] =>
  principal ? claimItems(principal.token.claims.values(), "claims", span, nameOf(principal.token), like) : []

const claimItems = (
  claims: Iterable<Claim>,
  root: string,
  span: Span,
  token = root,
  like?: Claim,
): readonly Completion[] =>
  [...claims].map((claim) => ({
    label: claimPath(root, claim.name),
    kind: "claim",
    detail: claimType(claim),
    doc: describeClaim(claim, code(token)),
    snippet: plain(claimPath(root, claim.name)),
    span,
    rank: weight(claim, like),
  }))

/** A `match`, or what one of its arms results in. */
const rules = ({ place, indent }: Cursor, span: Span): readonly Completion[] => {
  const inArm = place.path.some(({ kind }) => kind === "Arm")
  const at = inArm ? rank.best : rank.good
  const inAccount = accounts(place.scope).map(
    (account): Completion => ({
      label: `"arn:aws:iam::\${${account}}:role/…"`,
      kind: "value",
      detail: `a role of ${account}`,
      snippet: `${plain(`"arn:aws:iam::\${${account}}:role/`)}\${1:name}"`,
      span,
      rank: at,
    }),
  )
  const role: Completion = {
    label: '"arn:aws:iam::…"',
    kind: "value",
    detail: "a role",
    snippet: quoted(`"${ROLE}"`, new Places()),
    span,
    rank: at,
  }
  const deny: readonly Completion[] = [
    { label: "deny", kind: "word", doc: functions.deny.doc, snippet: "deny", span, rank: rank.good },
    {
      label: 'deny("…")',
      kind: "function",
      doc: paragraphs(functions.deny.doc, source(functions.deny.example)),
      snippet: `deny("\${1:reason}")`,
      span,
      rank: rank.good,
    },
  ]
  const match: Completion = {
    label: "match … { … }",
    kind: "keyword",
    detail: "a role by the caller's claims",
    snippet: rulesSnippet(new Places(), ruleClaims(place.scope), indent),
    span,
    rank: rank.best,
  }
  return inArm ? [...inAccount, role, ...deny] : [match, ...inAccount, role, ...deny]
}

/** Parameters that are AWS accounts. */
const accounts = ({ names }: Scope): readonly string[] =>
  [...names].flatMap(([name, { node }]) =>
    node.kind === "Param" && node.type && written(node.type) === "aws.account" ? [name] : [],
  )

/** Parameters and constants that stand for a value of the type: those that its own check takes. */
const named = (type: ValueType<unknown>, cursor: Cursor): readonly Completion[] => {
  const { scope } = cursor.place
  const span = referenceSpan(cursor)
  return [...scope.names].flatMap(([name, { kind }]): readonly Completion[] => {
    if (kind !== "param" && kind !== "constant") return []
    const value = scope.values.get(name)
    let reported = false
    const report = () => {
      reported = true
    }
    const found = type.check(resolved(referenceTo(name), scope), { ...scope, report })
    const detail = value === undefined || value === BROKEN ? kind : `${kind}, ${value.text}`
    const fits = found !== undefined && !reported
    return fits ? [{ label: name, kind, detail, snippet: name, span, rank: rank.good }] : []
  })
}

const NOWHERE = { start: 0, end: 1 }

const referenceTo = (name: string): Reference => ({
  kind: "Reference",
  span: NOWHERE,
  path: [{ kind: "Segment", span: NOWHERE, text: name, quoted: false }],
})

/** Where nothing says what a value is to be: parameters and constants, of those of this file the ones declared above. */
export const anyName = ({ place, word }: Cursor): readonly Completion[] =>
  [...place.scope.names].flatMap(([name, { kind, node, imported }]): readonly Completion[] => {
    const isAbove = imported !== undefined || place.item === undefined || node.span.start < place.item.span.start
    return (kind === "param" || kind === "constant") && isAbove
      ? [{ label: name, kind, detail: kind, snippet: name, span: word, rank: rank.good }]
      : []
  })
