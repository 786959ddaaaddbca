/** AF11xx: tests in the file. */
import { entry } from "./entry.ts"
import { SOUND } from "./example.ts"

const test = (...clauses: readonly string[]): string => `${SOUND}
test "a reader is refused" {
${clauses.map((clause) => `  ${clause}\n`).join("")}}
`

const GIVEN = 'given claims { groups: ["readers"] }'
const GOOD = test(GIVEN, 'expect aws.reason == "role-denied"')

const quoted = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ")
const hint = (meant: string | undefined): string => (meant === undefined ? "" : `; did you mean \`${meant}\`?`)

export const tests = {
  AF1101: entry<{ readonly title: string }>({
    severity: "error",
    title: "A test expects nothing",
    message: ({ title }) => `the test ${JSON.stringify(title)} expects nothing, so it would always pass`,
    explanation:
      "A test says who calls with `given`, and what must come of it with `expect`. Without the second it shows nothing.",
    remedy: "Say what you expect, such as `expect FLOW.decision == deny`.",
    example: { bad: test(GIVEN), good: GOOD },
  }),
  AF1102: entry<{ readonly subject: string; readonly known: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "A test gives something that there is not",
    message: ({ subject, known, meant }) =>
      `\`given ${subject}\` is unknown: a test gives ${quoted(known)}${hint(meant)}`,
    explanation:
      "A caller is known by the claims of its token, the scopes it was granted, and the headers of its request.",
    remedy: "Write one of those.",
    example: { bad: test('given claim { groups: ["readers"] }', "expect aws.decision == deny"), good: GOOD },
  }),
  AF1103: entry<{ readonly claim: string; readonly expected: string; readonly found: string }>({
    severity: "error",
    title: "A given claim is of another type",
    message: ({ claim, expected, found }) => `the claim \`${claim}\` is ${expected}, and here is ${found}`,
    explanation:
      "Role rules compare by type: `contains` finds nothing in a string. A test with a claim of the wrong type would show something that no real token does.",
    remedy: "Write the claim as its declaration or its standard says.",
    example: { bad: test('given claims { groups: "readers" }', "expect aws.decision == deny"), good: GOOD },
  }),
  AF1104: entry({
    severity: "error",
    title: "Scopes are given twice",
    message: () => "the scopes are given by the claim `scope` and by `given scopes`",
    explanation:
      "The scopes of a token are its claim `scope`. Two sources for one thing would leave open which counts.",
    remedy: "Take one of them out; `given scopes` is the plainer.",
    example: {
      bad: test('given claims { scope: "mcp:use" }', 'given scopes ["mcp:use"]', "expect aws.decision == deny"),
      good: test('given scopes ["mcp:use"]', "expect aws.decision == deny"),
    },
  }),
  AF1105: entry<{ readonly header: string; readonly reason: string }>({
    severity: "error",
    title: "A header that a test cannot give",
    message: ({ header, reason }) => `the header ${JSON.stringify(header)} cannot be given: ${reason}`,
    explanation:
      "Some headers belong to the connection or are made from what else the test says; giving them would say it twice, or have no effect.",
    remedy: "Leave the header out.",
    example: {
      bad: test(GIVEN, 'given headers { authorization: "Bearer x" }', "expect aws.decision == deny"),
      good: test(GIVEN, 'given headers { "x-tenant": "a" }', "expect aws.decision == deny"),
    },
  }),
  AF1106: entry<{ readonly found: string; readonly known: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Nothing of a flow is called that",
    message: ({ found, known, meant }) =>
      `\`${found}\` is nothing that can be expected: write a flow and one of ${quoted(known)}${hint(meant)}`,
    explanation:
      "An expectation names a flow and what is seen of it: `aws.role`, `aws.decision`. `upstream` also names a header: `aws.upstream.authorization`.",
    remedy: "Write `FLOW.WHAT`.",
    example: { bad: test(GIVEN, "expect aws.decisoin == deny"), good: GOOD },
  }),
  AF1108: entry<{ readonly outcome: string; readonly reason: string }>({
    severity: "error",
    title: "An expectation that does not depend on the caller",
    message: ({ outcome, reason }) => `this ${outcome}: ${reason}`,
    explanation:
      "What the flow can never come to is most likely misspelt. Behind `==` such a test always fails; behind `!=` it always passes, and guards nothing.",
    remedy: "Compare with something that the flow can come to.",
    example: {
      bad: test(GIVEN, 'expect aws.role != "arn:aws:iam::123456789012:role/mcp-admn"'),
      good: test(GIVEN, 'expect aws.role != "arn:aws:iam::123456789012:role/mcp-admin"'),
    },
  }),
  AF1109: entry<{ readonly flow: string; readonly stage: string }>({
    severity: "error",
    title: "A flow that cannot be tested",
    message: ({ flow, stage }) =>
      `what ${flow} does is not known without running it: its stage \`${stage}\` is not evaluated`,
    explanation:
      "A test is evaluated without a network, as authflow's own runtime would do it, for a caller who brings a token of one issuer. Other kinds of callers, and stages that this runtime does not run, have no such account yet, and a guess would be worse than none.",
    remedy:
      "Take the expectation out, or test a flow whose callers bring tokens of one issuer and whose stages all run on authflow's own runtime.",
    example: {
      bad: GOOD.replace(
        "  exchange aws",
        () => "  limit tool_calls { shared = { calls: 100, per: 1m } }\n  exchange aws",
      ),
      good: GOOD,
    },
  }),
} as const
