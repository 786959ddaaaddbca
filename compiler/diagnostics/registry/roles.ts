/**
 * AF06xx: role rules.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, OUTSIDE } from "./example.ts"
import { choices, didYouMean } from "./names.ts"

const RULE = '      contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"\n'
const rule = (condition: string): string => `      ${condition} => "arn:aws:iam::123456789012:role/mcp-reader"\n`
/** Puts a rule after the first one. */
const also = (condition: string) => [RULE, RULE + rule(condition)] as const

export const roles = {
  AF0601: entry({
    severity: "error",
    title: "The rules leave somebody out",
    message: () => "the rules do not say what happens to everybody else: there is no `else`",
    explanation:
      "Who no rule applies to is either refused or gets a role. Which one it is decides who gets in, so it is said.",
    remedy: "End with `else => deny`, or with the role everybody else gets.",
    example: changed([["      else              => deny\n", ""]]),
  }),
  AF0602: entry({
    severity: "error",
    title: "A rule after `else`",
    message: () => "this rule comes after `else`, which takes every caller that is left",
    explanation: "Rules are tried from top to bottom, and nobody gets past `else`.",
    remedy: "Move the rule above `else`.",
    example: changed([
      ["      else              => deny\n", `      else              => deny\n${rule('contains "readers"')}`],
    ]),
  }),
  AF0603: entry<{ readonly reason: string }>({
    severity: "error",
    title: "A rule that never applies",
    message: ({ reason }) => `this rule never applies: ${reason}`,
    explanation: "Rules are tried from top to bottom. A rule that nobody reaches says something the file does not do.",
    remedy: "Move it up, narrow the earlier rule, or delete it.",
    example: changed([also('contains_all ["admins", "oncall"]')]),
  }),
  AF0604: entry<{ readonly operator: string; readonly known: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Unknown operator",
    message: ({ operator, known, meant }) =>
      `there is no operator \`${operator}\`${meant === undefined ? `; there are ${choices(known)}` : didYouMean(meant)}`,
    explanation: "A rule begins with how the claim is compared, with `when` and a CEL expression, or with `else`.",
    remedy: "Write one of the operators there are.",
    example: changed([['contains "admins"', 'contain "admins"']]),
  }),
  AF0605: entry<{
    readonly operator: string
    readonly claim: string
    readonly type: string
    readonly others: readonly string[]
  }>({
    severity: "error",
    title: "The operator does not fit the claim",
    message: ({ operator, claim, type, others }) =>
      `\`${operator}\` does not fit \`${claim}\`, which is ${type === "strings" ? "a list of strings" : `of type ${type}`}${
        others.length > 0 ? `; ${choices(others)} would` : "; use `when` with a CEL expression"
      }`,
    explanation:
      "`contains` looks for an item in a list; `equals`, `starts_with` and `ends_with` compare one string. The wrong one never applies, or applies to more than was meant.",
    remedy: "Use an operator for the claim's type.",
    example: changed(
      [
        ["match claims.groups", "match claims.email"],
        ['contains "admins"', 'contains "@example.com"'],
      ],
      [
        ["match claims.groups", "match claims.email"],
        ['contains "admins"', 'ends_with "@example.com"'],
      ],
    ),
  }),
  AF0606: entry<{ readonly reason: string }>({
    severity: "error",
    title: "The CEL expression does not compile",
    message: ({ reason }) => `this is no CEL expression that compiles: ${reason}`,
    explanation: "A rule that fails to compile or to evaluate refuses every caller.",
    remedy: "Correct the expression. Claims are read as `claims.name`.",
    example: changed([also("when \"has(claims.groups) && 'readers' in\"")]),
  }),
  AF0607: entry<{ readonly type: string }>({
    severity: "error",
    title: "The CEL expression is not true or false",
    message: ({ type }) =>
      type === "dyn"
        ? "it is not known whether the expression is true or false, or something else; compare it with `== true`"
        : `the expression is of type ${type}, and a rule has to be true or false`,
    explanation: "A rule applies or it does not.",
    remedy: "Compare the value with something.",
    example: changed([also('when "has(claims.email) ? claims.email : claims.sub"')]),
  }),
  AF0608: entry<{ readonly claim: string }>({
    severity: "error",
    title: "A claim that may be absent is read unasked",
    message: ({ claim }) => `a token may come without \`${claim}\`: ask \`has(claims.${claim})\` before it is read`,
    explanation:
      "Reading a claim that is not there makes the expression fail, and a rule that fails refuses the caller, even one whom a later rule would let in.",
    remedy: "Put `has(claims.x) && …` before the part that reads it.",
    example: changed(
      [also("when \"claims.email.endsWith('@example.com')\"")],
      [also("when \"has(claims.email) && claims.email.endsWith('@example.com')\"")],
    ),
  }),
  AF0609: entry<{ readonly value: string }>({
    severity: "error",
    title: "A parameter's value would change the CEL expression",
    message: ({ value }) =>
      `${JSON.stringify(value)} has a quote, a backslash or a line end, and would change the expression it is put into`,
    explanation:
      "The value is put into the expression as text. With a quote in it, it could end a string and say anything.",
    remedy: "Give the parameter a value without these characters, or a narrower type such as `hostname`.",
    example: {
      bad: `param team: string = "o'brien"\n\n${changed([also("when \"has(claims.email) && claims.email.startsWith('${team}')\"")]).bad}`,
      good: `param team: string = "obrien"\n\n${changed([also("when \"has(claims.email) && claims.email.startsWith('${team}')\"")]).bad}`,
    },
  }),
  AF0610: entry<{ readonly value: string }>({
    severity: "error",
    title: "Not the ARN of a role",
    message: ({ value }) => `${JSON.stringify(value)} is not the ARN of an IAM role`,
    explanation: "STS assumes roles: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`, with twelve digits for the account.",
    remedy: "Write the role's ARN, as the IAM console shows it.",
    example: changed([["arn:aws:iam::123456789012:role/mcp-admin", "arn:aws:iam::123456789012:user/mcp-admin"]]),
  }),
  AF0611: entry<{ readonly found: string; readonly region: string; readonly partition: string }>({
    severity: "error",
    title: "The role is in another partition",
    message: ({ found, region, partition }) =>
      `the role is in the partition ${found}, and ${region} is in ${partition}`,
    explanation:
      "AWS partitions (commercial, China, GovCloud, the isolated and the European sovereign ones) share no accounts. STS of one knows no role of another.",
    remedy: "Write the ARN of a role in the region's partition, or the region of the role's.",
    example: changed([['"us-east-1"', '"us-gov-west-1"']]),
  }),
  AF0612: entry<{ readonly problem: string }>({
    severity: "error",
    title: "A rule with too much or too little",
    message: ({ problem }) => problem,
    explanation: "A rule is an operator, a value and what it decides; `else` has no value.",
    remedy: 'Write `contains "value" => …`, or `else => …`.',
    example: changed([['contains "admins" =>', "contains =>"]]),
  }),
  AF0613: entry({
    severity: "warning",
    title: "Nobody gets a role",
    message: () => "every rule refuses: nobody gets through this flow",
    explanation: "It works, and lets nobody in.",
    remedy: "Give somebody a role.",
    example: changed([['"arn:aws:iam::123456789012:role/mcp-admin"', "deny"]]),
  }),
  AF0614: entry<{ readonly operator: string }>({
    severity: "error",
    title: "Nothing to compare",
    message: ({ operator }) => `\`${operator}\` compares the claim after \`match\`, and there is none`,
    explanation: "`match { … }` without a claim takes `when` and `else` only.",
    remedy: "Write the claim: `match claims.groups { … }`.",
    example: changed([["match claims.groups", "match"]]),
  }),
  AF0617: entry({
    severity: "error",
    title: "Which claim is read cannot be known",
    message: () => "which claim is read here is known only for a request; read claims by name",
    explanation:
      "Each claim that a rule reads is checked to be in the token. `claims` as a whole, or a claim whose name is computed, cannot be.",
    remedy: 'Write `claims.name`, `claims["name"]`, `has(claims.name)` or `"name" in claims`.',
    example: changed([also('when "size(claims) > 5"')], [also("when \"has(claims.email) && claims.email != ''\"")]),
  }),
  AF0618: entry({
    severity: "error",
    title: "Not a refusal",
    message: () => '`deny` takes one reason at most: `deny("reason")`',
    explanation: "The reason is what the caller is told.",
    remedy: "Write one string, or none.",
    example: changed(
      [["=> deny", '=> deny("not here", "ask the admins")']],
      [["=> deny", '=> deny("not here")']],
      OUTSIDE,
    ),
  }),
  AF0619: entry<{ readonly region: string; readonly partition: string; readonly credentials: string }>({
    severity: "error",
    title: "The credentials are of another partition",
    message: ({ region, partition, credentials }) =>
      `${region} is in the partition ${partition}, and the credentials are of ${credentials}`,
    explanation: "Credentials of one AWS partition are unknown in every other: the service would refuse the signature.",
    remedy: "Sign for a region of the partition that the credentials come from, or exchange in that one.",
    example: changed([['service = "aws-mcp"', 'service = "aws-mcp", region = "cn-north-1"']]),
  }),
} as const
