/**
 * Strings, and the languages in them: ARNs and CEL.
 *
 * @module
 */
import { words } from "../../compiler/catalogue/words.ts"
import { captures, include, NAME, oneOf, PROPERTY, type Rule, scope } from "./rule.ts"

const QUOTED = "string.quoted.double"
const BEGIN = "punctuation.definition.string.begin"
const END = "punctuation.definition.string.end"

/** A string ends at its quote, and without one at the end of its line. */
const end = { end: '"|$', endCaptures: captures({ 0: END }) }

const template: Rule = {
  name: scope("meta.template.expression"),
  begin: "\\$\\{",
  beginCaptures: captures({ 0: "punctuation.definition.template-expression.begin" }),
  end: '\\}|(?=")|$',
  endCaptures: captures({ 0: "punctuation.definition.template-expression.end" }),
  patterns: [
    // From the bracket on: the quote alone would end the hole.
    {
      match: '(\\[)\\s*("(?:[^"\\\\]|\\\\.)*")\\s*(\\])',
      captures: captures({ 1: "punctuation.section.brackets.begin", 2: QUOTED, 3: "punctuation.section.brackets.end" }),
    },
    ...include("reference"),
  ],
}

const escapes: Rule = {
  patterns: [
    { name: scope("constant.character.escape"), match: '\\\\(?:["\\\\ntr$]|u\\{[0-9A-Fa-f]{1,6}\\})' },
    { name: scope("invalid.illegal.escape"), match: "\\\\." },
  ],
}

/** `arn:partition:service:region:account:resource`; the account may be a parameter's value. */
const arn: Rule = {
  name: scope(`${QUOTED}.arn`),
  begin: '(")(arn)(:)([a-z0-9-]*)(:)([a-z0-9-]*)(:)([a-z0-9-]*)(:)(?:(\\d{12})(?=:))?',
  beginCaptures: captures({
    1: BEGIN,
    2: "keyword.other.arn",
    3: "punctuation.separator.arn",
    4: "constant.other.partition",
    5: "punctuation.separator.arn",
    6: "support.class.service",
    7: "punctuation.separator.arn",
    8: "constant.other.region",
    9: "punctuation.separator.arn",
    10: "constant.numeric.account",
  }),
  ...end,
  patterns: [
    ...include("template", "escapes"),
    {
      match: "(:)(?:([a-z-]+)(/))?",
      captures: captures({
        1: "punctuation.separator.arn",
        2: "entity.name.type.resource",
        3: "punctuation.separator.arn",
      }),
    },
    { match: "/", name: scope("punctuation.separator.arn") },
  ],
}

/** `{ "a": 1 }`: a key is coloured as the ones without quotes are. */
const keyString: Rule = {
  match: '(")((?:[^"\\\\]|\\\\.)*)(")\\s*(:)',
  captures: captures({
    1: "punctuation.support.type.property-name.begin",
    2: PROPERTY,
    3: "punctuation.support.type.property-name.end",
    4: "punctuation.separator.key-value",
  }),
}

const plain: Rule = {
  name: scope(QUOTED),
  begin: '"',
  beginCaptures: captures({ 0: BEGIN }),
  ...end,
  patterns: include("template", "escapes"),
}

/** Quotes that the language has not. */
const foreign: Rule = { name: scope("invalid.illegal.string"), match: "'[^'\\r\\n]*'" }

/** `when "…"`: the string is an expression of the Common Expression Language. */
const cel: Rule = {
  name: "meta.embedded.line.cel",
  begin: '\\b(when)\\s*(")',
  beginCaptures: captures({ 1: "keyword.control.conditional.when", 2: `${QUOTED} ${BEGIN}` }),
  end: '"|$',
  endCaptures: captures({ 0: `${QUOTED} ${END}` }),
  patterns: [
    ...include("template", "escapes"),
    {
      name: "string.quoted.single.cel",
      begin: "[rb]{0,2}'",
      end: "'|(?=\")|$",
      patterns: include("template", "escapes"),
    },
    { name: "keyword.operator.logical.cel", match: "&&|\\|\\||!(?!=)" },
    { name: "keyword.operator.comparison.cel", match: "==|!=|<=|>=|<|>" },
    { name: "keyword.operator.arithmetic.cel", match: "[-+*/%?:]" },
    { name: "keyword.operator.word.cel", match: "\\bin\\b" },
    { name: "constant.language.cel", match: "\\b(?:true|false|null)\\b" },
    { name: "constant.numeric.cel", match: "\\b\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?u?\\b" },
    {
      match: "(\\.)?\\b([A-Za-z_]\\w*)(?=\\()",
      captures: { 1: { name: "punctuation.accessor.cel" }, 2: { name: "support.function.cel" } },
    },
    { name: "variable.language.claims.cel", match: "\\bclaims\\b" },
    {
      match: "(\\.)([A-Za-z_]\\w*)",
      captures: { 1: { name: "punctuation.accessor.cel" }, 2: { name: "variable.other.property.cel" } },
    },
    { name: "variable.other.readwrite.cel", match: "[A-Za-z_]\\w*" },
  ],
}

/** `{ email: corp.id_token.email }`, `claims["cognito:groups"]` */
const reference: Rule = {
  patterns: [
    {
      match: `(\\.)(${oneOf(words.tokens)})\\b`,
      captures: captures({ 1: "punctuation.accessor", 2: "support.variable.token" }),
    },
    { match: `(\\.)(${NAME})`, captures: captures({ 1: "punctuation.accessor", 2: "variable.other.property" }) },
    { name: scope("variable.language.claims"), match: "\\bclaims\\b(?=\\s*[.\\[])" },
    { name: scope("variable.other.readwrite"), match: NAME },
  ],
}

export const strings = { template, escapes, arn, keyString, plain, foreign, cel, reference } as const
