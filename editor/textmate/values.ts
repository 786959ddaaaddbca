/**
 * What stands behind `=`, `:` and `=>`, and in braces.
 *
 * @module
 */
import { words } from "../../compiler/catalogue/words.ts"
import { units } from "../../grammar/index.ts"
import { captures, include, NAME, oneOf, PROPERTY, type Rule, scope } from "./rule.ts"

const comments: Rule = {
  patterns: [
    {
      name: scope("comment.line.documentation"),
      match: "(///)(?!/).*$",
      captures: captures({ 1: "punctuation.definition.comment" }),
    },
    {
      name: scope("comment.line.double-slash"),
      match: "(//).*$",
      captures: captures({ 1: "punctuation.definition.comment" }),
    },
    {
      name: scope("comment.block"),
      begin: "/\\*",
      end: "\\*/",
      captures: captures({ 0: "punctuation.definition.comment" }),
    },
    { name: scope("invalid.illegal.comment"), match: "#.*$" },
  ],
}

const number: Rule = {
  patterns: [
    {
      match: `-?\\b(?:\\d+${oneOf(units)})+\\b`,
      captures: {
        0: {
          patterns: [
            { name: scope("constant.numeric"), match: "\\d+" },
            { name: scope("keyword.other.unit"), match: oneOf(units) },
          ],
        },
      },
    },
    { name: scope("constant.numeric.integer"), match: "-?\\b\\d+\\b" },
  ],
}

/** `secret("name", key: "key")` */
const call: Rule = {
  begin: `(${oneOf(words.functions)})(\\()`,
  beginCaptures: captures({ 1: "support.function", 2: "punctuation.section.arguments.begin" }),
  end: "(\\))|(?=\\}|#next-item)",
  endCaptures: captures({ 1: "punctuation.section.arguments.end" }),
  patterns: [
    {
      match: `(${NAME})\\s*(:)`,
      captures: captures({ 1: "variable.parameter", 2: "punctuation.separator.key-value" }),
    },
    ...include("value"),
  ],
}

const list: Rule = {
  begin: "\\[",
  beginCaptures: captures({ 0: "punctuation.section.brackets.begin" }),
  end: "(\\])|(?=\\}|#next-item)",
  endCaptures: captures({ 1: "punctuation.section.brackets.end" }),
  patterns: include("value"),
}

/** A word that is a value, where no name, field or part of a dotted name stands. */
const word: Rule = {
  name: scope("constant.language"),
  match: `(?<![\\w.-])${oneOf(words.values)}(?![\\w.(-])(?!\\s*(?::|=(?![=>])))`,
}

/** `match claims.groups { contains "admins" => "arn:…" else => deny }` */
const match: Rule = {
  begin: `\\b(match)\\b(?=\\s*(?:${NAME}[^\\s{]*\\s*)?\\{)`,
  beginCaptures: captures({ 1: "keyword.control.conditional" }),
  end: "(?<=\\})|(?=#next-item)",
  patterns: [
    {
      begin: "\\{",
      beginCaptures: captures({ 0: "punctuation.section.block.begin" }),
      end: "(\\})|(?=#next-item)",
      endCaptures: captures({ 1: "punctuation.section.block.end" }),
      patterns: [
        ...include("comments", "cel"),
        {
          match: `\\b(${oneOf(words.ruleWords)})\\b(?=\\s*["\\[A-Za-z_])`,
          captures: captures({ 1: "keyword.control.rule" }),
        },
        { match: "\\b(else)\\b(?=\\s*=>)", captures: captures({ 1: "keyword.control.conditional" }) },
        ...include("value"),
      ],
    },
    ...include("comments", "string", "number", "call", "list", "reference"),
  ],
}

/** Entries of a block or a map: both are told from what follows the name. */
const braces: Rule = {
  begin: "\\{",
  beginCaptures: captures({ 0: "punctuation.section.block.begin" }),
  end: "(\\})|(?=#next-item)",
  endCaptures: captures({ 1: "punctuation.section.block.end" }),
  patterns: [
    ...include("comments", "key-string"),
    {
      match: `(${NAME})\\s*(=)(?![=>])`,
      captures: captures({ 1: PROPERTY, 2: "keyword.operator.assignment" }),
    },
    {
      match: `(${NAME})\\s*(:)`,
      captures: captures({ 1: PROPERTY, 2: "punctuation.separator.key-value" }),
    },
    ...include("value"),
  ],
}

const sign: Rule = {
  patterns: [
    { name: scope("keyword.operator.arrow"), match: "=>" },
    { name: scope("keyword.operator.comparison"), match: "==|!=" },
    { name: scope("keyword.operator.assignment"), match: "=" },
    { name: scope("punctuation.separator.comma"), match: "," },
    { name: scope("punctuation.separator.key-value"), match: ":" },
  ],
}

const value: Rule = {
  patterns: include(
    "comments",
    "arn",
    "string",
    "foreign-string",
    "number",
    "call",
    "list",
    "match",
    "braces",
    "word",
    "reference",
    "sign",
  ),
}

export const values = { comments, number, call, list, word, match, braces, sign, value } as const
