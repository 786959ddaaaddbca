/**
 * Items, stages and clauses: all keywords are words of their own place only, as in the language itself.
 *
 * @module
 */
import { words } from "../../compiler/catalogue/words.ts"
import { itemKeywords } from "../../grammar/index.ts"
import { captures, END_OF_WORD, include, KIND, NAME, oneOf, type Rule, scope } from "./rule.ts"

/**
 * Where a line begins an item, whatever bracket is still open above it: half a file is not miscoloured by one brace that is
 * missing. A field of such a name is told by the `=` or `:` behind it, and items begin in the first column.
 */
export const NEXT_ITEM = `^${oneOf(itemKeywords)}\\s+(?:["{]|${NAME}\\s*(?:[={:]|at\\b|in\\b))`

const KEYWORD = "keyword.declaration"
const NAMED = "entity.name"

/** An item that is over with its braces. */
const braced = (rule: Rule): Rule => ({ ...rule, end: "(?<=\\})|(?=#next-item)" })

const importItem: Rule = {
  begin: "^\\s*(import)\\b(?=\\s*\\{)",
  beginCaptures: captures({ 1: "keyword.control.import" }),
  end: '(?<=")|(?=#next-item)',
  patterns: [
    { match: '\\b(from)\\b(?=\\s*")', captures: captures({ 1: "keyword.control.from" }) },
    { match: `\\b(as)\\b(?=\\s+${NAME})`, captures: captures({ 1: "keyword.control.as" }) },
    { name: scope("punctuation.section.block"), match: "[{}]" },
    ...include("comments", "string", "reference", "sign"),
  ],
}

const param: Rule = {
  begin: `^\\s*(param)\\s+(${NAME})`,
  beginCaptures: captures({ 1: `${KEYWORD}.param`, 2: "variable.other.constant.param" }),
  end: "$",
  patterns: [
    {
      match: `(:)\\s*(?:(${oneOf(words.paramTypes)})${END_OF_WORD})?`,
      captures: captures({ 1: "punctuation.separator.type", 2: `${KIND}.param` }),
    },
    { match: "\\b(in)\\b(?=\\s*[\\[A-Za-z_])", captures: captures({ 1: "keyword.operator.word" }) },
    ...include("value"),
  ],
}

const constant: Rule = {
  match: `^\\s*(const)\\s+(${NAME})\\s*(=)`,
  captures: captures({ 1: `${KEYWORD}.const`, 2: "variable.other.constant", 3: "keyword.operator.assignment" }),
}

const environment: Rule = braced({
  begin: `^\\s*(env)\\s+(${NAME})(?=\\s*\\{)`,
  beginCaptures: captures({ 1: `${KEYWORD}.env`, 2: `${NAMED}.section.environment` }),
  patterns: include("comments", "braces"),
})

const declaration: Rule = braced({
  begin: `^\\s*(provider|server|callers)\\s+(${NAME})\\s*(=)\\s*(?:(${oneOf(words.declarationKinds)})${END_OF_WORD})?`,
  beginCaptures: captures({
    1: `${KEYWORD}.credential-source`,
    2: `${NAMED}.type`,
    3: "keyword.operator.assignment",
    4: `${KIND}.declaration`,
  }),
  patterns: include("comments", "braces", "reference"),
})

const deployment: Rule = braced({
  begin: `^\\s*(deploy)\\s+(?:(${oneOf(words.engines)})\\b|(${NAME}))(?=\\s*\\{)`,
  beginCaptures: captures({ 1: `${KEYWORD}.deploy`, 2: `${KIND}.engine`, 3: "variable.other.readwrite" }),
  patterns: include("comments", "braces"),
})

const stage: Rule = {
  patterns: [
    {
      match: `\\b(${oneOf(words.verbs)})\\s+(${oneOf(words.stageKinds)})${END_OF_WORD}`,
      captures: captures({ 1: "keyword.control.stage", 2: `${KIND}.stage` }),
    },
    { match: `\\b(${oneOf(words.verbs)})\\b(?=\\s+["A-Za-z_])`, captures: captures({ 1: "keyword.control.stage" }) },
    {
      match: `\\b(deploy)\\s+(?:(${oneOf(words.engines)})\\b)?`,
      captures: captures({ 1: `${KEYWORD}.deploy`, 2: `${KIND}.engine` }),
    },
  ],
}

const flow: Rule = braced({
  begin: `^\\s*(flow)\\s+(${NAME})(?:\\s+(at)\\b)?`,
  beginCaptures: captures({ 1: `${KEYWORD}.flow`, 2: `${NAMED}.function.flow`, 3: `${KEYWORD}.at` }),
  patterns: [
    {
      begin: "\\{",
      beginCaptures: captures({ 0: "punctuation.section.block.begin" }),
      end: "(\\})|(?=#next-item)",
      endCaptures: captures({ 1: "punctuation.section.block.end" }),
      patterns: include("comments", "stage", "value"),
    },
    ...include("comments", "string", "call", "list", "reference"),
  ],
})

const clause: Rule = {
  patterns: [
    {
      match: `\\b(given)\\s+(?:(${oneOf(words.subjects)})\\b)?`,
      captures: captures({ 1: "keyword.control.given", 2: "support.type.subject" }),
    },
    {
      match: `\\b(expect)\\s+(${NAME})(?:(\\.)(?:(${oneOf(words.observations)})\\b)?)?`,
      captures: captures({
        1: "keyword.control.expect",
        2: `${NAMED}.function.flow`,
        3: "punctuation.accessor",
        4: "support.variable.observation",
      }),
    },
  ],
}

const test: Rule = braced({
  begin: '^\\s*(test)\\b(?=\\s*")',
  beginCaptures: captures({ 1: `${KEYWORD}.test` }),
  patterns: [
    {
      begin: "\\{",
      beginCaptures: captures({ 0: "punctuation.section.block.begin" }),
      end: "(\\})|(?=#next-item)",
      endCaptures: captures({ 1: "punctuation.section.block.end" }),
      patterns: include("comments", "clause", "value"),
    },
    ...include("comments", "string"),
  ],
})

export const items = {
  importItem,
  param,
  constant,
  environment,
  declaration,
  deployment,
  flow,
  stage,
  test,
  clause,
} as const
