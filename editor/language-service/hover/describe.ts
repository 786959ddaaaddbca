/**
 * What there is to say of fields, stages, credentials, tokens, claims and names, in Markdown.
 *
 * @module
 */
import { credentialLines } from "../../../compiler/analysis/graph/credential.ts"
import type { Claim } from "../../../compiler/catalogue/claims.ts"
import { type Credential, nameOf, type PresentedKind, type TokenType } from "../../../compiler/catalogue/credential.ts"
import { defaultText } from "../../../compiler/catalogue/default.ts"
import type { Field } from "../../../compiler/catalogue/field.ts"
import { formatDuration } from "../../../compiler/catalogue/unit.ts"
import type { Construct } from "../place.ts"

export const code = (text: string): string => `\`${text}\``

/** A block of the language. */
export const source = (text: string): string => `\`\`\`authflow\n${text}\n\`\`\``

/** Paragraphs, without those that are empty. */
export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== "").join("\n\n")

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n")

/** `required`, `optional`, or the default. */
export const presenceOf = (field: Field<unknown>): string => {
  if (field.presence === "required") return "required"
  const shown = defaultText(field)
  return shown === undefined ? "optional" : `${code(shown)} when unsaid`
}

/** `sign`: what stands between its name and its value. */
export const describeField = (name: string, field: Field<unknown>, sign: "=" | ":" = "="): string =>
  paragraphs(
    `**${name}**: ${field.type.label}, ${presenceOf(field)}`,
    field.doc,
    `For example ${code(`${name}${sign === "=" ? " = " : ": "}${field.example}`)}`,
  )

/** How a construct is written, without its fields: `exchange aws.sts`. */
export const headOf = (construct: Construct): string => {
  if (!("verb" in construct)) {
    return construct.keyword === "deploy" ? `deploy ${construct.kind}` : `${construct.keyword} NAME = ${construct.kind}`
  }
  const { verb, operand } = construct
  switch (operand.by) {
    case "kind":
      return `${verb} ${operand.name}`
    case "declaration":
      return `${verb} NAME`
    case "value":
      return `${verb} ${operand.example}`
  }
}

/** `Principal → AwsCredentials` */
export const signature = (construct: Construct): string | undefined =>
  "consumes" in construct ? `${construct.consumes.join(" | ")} → ${construct.produces}` : undefined

export const describeConstruct = (construct: Construct): string => {
  const chain = signature(construct)
  const fields = Object.entries(construct.fields)
  const required = fields.filter(([, { presence }]) => presence === "required").map(([name]) => code(name))
  const others = fields.filter(([, { presence }]) => presence !== "required").map(([name]) => code(name))
  return paragraphs(
    `**${headOf(construct)}**${chain ? ` : ${code(chain)}` : ""}`,
    construct.doc,
    required.length > 0 ? `Needs ${required.join(", ")}.` : undefined,
    others.length > 0 ? `May have ${others.join(", ")}.` : undefined,
  )
}

/** A credential at a point of the chain. */
export const describeCredential = (credential: Credential): string =>
  bullets(credentialLines(credential, credential.tag === "Principal" ? claimNames(credential.token) : []))

const KINDS: Readonly<Record<PresentedKind, string>> = {
  id_token: "ID token",
  access_token: "access token",
  api_key: "API key",
  certificate: "client certificate",
}

const claimNames = ({ claims }: TokenType<PresentedKind>): readonly string[] => [...claims.keys()]

export const describeToken = (token: TokenType<PresentedKind>): string =>
  paragraphs(
    `**${nameOf(token)}**: ${KINDS[token.kind]} of ${code(token.issuer.url)}`,
    bullets([
      token.format === "opaque" ? "opaque: nobody but the issuer can read or verify it" : "a JWT",
      ...(token.audience === undefined ? [] : [`audience ${code(token.audience)}`]),
      ...(token.lifetime === undefined ? [] : [`lives for ${formatDuration(token.lifetime)}`]),
      ...(token.claims.size === 0 ? [] : [`claims ${claimNames(token).map(code).join(", ")}`]),
    ]),
  )

const TYPES: Readonly<Record<Claim["type"], string>> = {
  string: "a string",
  strings: "a list of strings",
  number: "a number",
  boolean: "`true` or `false`",
  object: "an object",
}

export const claimType = ({ type }: Claim): string => TYPES[type]

/** `token`: what holds it, as a part of a sentence. */
export const describeClaim = (claim: Claim, token: string): string =>
  paragraphs(
    `**${claim.name}**: ${claimType(claim)}, a claim of ${token}`,
    bullets([
      claim.presence === "always" ? "in every such token" : "a token may come without it",
      `what it says is the word of ${code(claim.origin)}`,
    ]),
  )
