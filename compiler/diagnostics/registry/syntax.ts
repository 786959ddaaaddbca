/**
 * AF01xx: the text itself.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`

const character = (codePoint: number): string => `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`

export const syntax = {
  AF0101: entry<{ readonly length: number; readonly limit: number }>({
    severity: "error",
    title: "The file is too large",
    message: ({ length, limit }) => `the file has ${length} characters, and ${limit} is the most that is read`,
    explanation: "A configuration of this size is no file a person wrote. It is refused before any of it is read.",
    remedy: "Check that it is the right file; split it if it is.",
  }),
  AF0102: entry<{ readonly codePoint: number }>({
    severity: "error",
    title: "The file is not text",
    message: ({ codePoint }) => `the file is not UTF-8 text: ${character(codePoint)} is in it`,
    explanation: "Files are UTF-8 text. A zero character, or bytes that are no UTF-8, say that this is something else.",
    remedy: "Check that it is the right file, and save it as UTF-8.",
    example: { bad: `${SOUND}\u0000`, good: SOUND },
  }),
  AF0103: entry<{ readonly codePoint: number }>({
    severity: "error",
    title: "A character that cannot be seen",
    message: ({ codePoint }) => `the character ${character(codePoint)} cannot be seen and is not allowed here`,
    explanation:
      "Control characters and those that turn the direction of writing can make a file read otherwise than it is. That is how a rule that lets somebody in is hidden from a review.",
    remedy: "Delete the character. In a string, write it as an escape: `\\u{202E}`.",
    example: changed([
      ["// ", ""],
      ["provider corp", "// about \u202e corp\nprovider corp"],
    ]),
  }),
  AF0104: entry<{ readonly limit: number }>({
    severity: "error",
    title: "Brackets are nested too deep",
    message: ({ limit }) => `brackets are nested deeper than ${limit}`,
    explanation: "No construct of the language nests this deep, and nothing of the file was read.",
    remedy: "Check that it is the right file, and that brackets are closed.",
    example: changed([['["openid", "email"]', "[".repeat(500) + "]".repeat(500)]]),
  }),
  AF0105: entry<{ readonly limit: number }>({
    severity: "error",
    title: "There are more problems",
    message: ({ limit }) => `there are more than ${limit} problems; the rest is not listed`,
    explanation: "A file with so many problems is likely to be of another language.",
    remedy: "Fix the first ones and check again.",
  }),
  AF0106: entry<{ readonly found: string; readonly instead: string | undefined }>({
    severity: "error",
    title: "A character that nothing begins with",
    message: ({ found, instead }) => `unexpected \`${found}\`${instead === undefined ? "" : `; write \`${instead}\``}`,
    explanation: "Strings stand in double quotes, comments begin with `//`, and fields are set with `=`.",
    remedy: "Write what was meant, or delete the character.",
    example: changed([["scopes        = [", "scopes        = @["]]),
  }),
  AF0107: entry<{ readonly found: string; readonly instead: string | undefined }>({
    severity: "error",
    title: "Not a name",
    message: ({ found, instead }) =>
      `\`${found}\` is not a name${instead === undefined ? "" : `; \`${instead}\` would be`}`,
    explanation: "A name is made of ASCII letters, digits and `_`, and does not begin with a digit.",
    remedy: "Choose a name of these characters. A value with others is a string, in double quotes.",
    example: changed([["flow aws at", "flow aws-mcp at"]]),
  }),
  AF0108: entry<{ readonly found: string; readonly reason: string }>({
    severity: "error",
    title: "Not a number, duration or size",
    message: ({ found, reason }) => `\`${found}\` is not a number, duration or size: ${reason}`,
    explanation:
      "Numbers are whole. Durations are numbers with units from large to small (`d`, `h`, `m`, `s`, `ms`), such as `1h30m`. Sizes have one unit, such as `8MiB`.",
    remedy:
      "Write it with a unit of these. Something that is no number, such as a version, is a string in double quotes.",
    example: changed([["session = { name: claims.sub }", "session = { name: claims.sub, duration: 60min }"]]),
  }),
  AF0109: entry<{ readonly found: string }>({
    severity: "error",
    title: "The number is too large",
    message: ({ found }) => `\`${found}\` is larger than any number here`,
    explanation: "Numbers go up to 2^53-1, and so do durations in milliseconds and sizes in bytes.",
    remedy: "Write a smaller one.",
    example: changed([["name: claims.sub }", "name: claims.sub, duration: 99999999999999999999h }"]]),
  }),
  AF0110: entry<{ readonly found: string }>({
    severity: "error",
    title: "Not an escape",
    message: ({ found }) => `\`${found}\` is not an escape`,
    explanation: 'In a string a backslash begins an escape: `\\"`, `\\\\`, `\\n`, `\\r`, `\\t`, `\\$` or `\\u{1F600}`.',
    remedy: "Write `\\\\` for a backslash.",
    example: changed([['"admins"', '"corp\\admins"']]),
  }),
  AF0111: entry({
    severity: "error",
    title: "The string does not end",
    message: () => "the string is not closed on its line",
    explanation: "A string begins and ends with a double quote on the same line.",
    remedy: 'Add the closing `"`.',
    example: changed([['"us-east-1"', '"us-east-1']]),
  }),
  AF0112: entry({
    severity: "error",
    title: "The `${` does not end",
    message: () => "the `${` has no `}`",
    explanation: "`${name}` in a string puts a parameter's value in.",
    remedy: "Add the `}`. For a dollar sign before a brace, write `\\${`.",
    example: {
      bad: `param domain: hostname = "example.com"\n\n${SOUND.replace("auth.example.com", () => "auth.${domain")}`,
      good: `param domain: hostname = "example.com"\n\n${SOUND.replace("auth.example.com", () => "auth.${domain}")}`,
    },
  }),
  AF0113: entry({
    severity: "error",
    title: "The comment does not end",
    message: () => "the `/*` has no `*/`",
    explanation: "Everything after a `/*` without its end is comment, and so nothing of the file.",
    remedy: "Add the `*/`, or use `//` for a comment of one line.",
    example: { bad: `${SOUND}\n/* that was all\n`, good: SOUND },
  }),
  AF0114: entry<{ readonly open: string; readonly close: string }>({
    severity: "error",
    title: "A bracket is not closed",
    message: ({ open, close }) => `the \`${open}\` has no \`${close}\``,
    explanation: "Each `{`, `[` and `(` is closed by its counterpart.",
    remedy: "Add the closing one where the bracket's contents end.",
    example: { bad: SOUND.trimEnd().slice(0, -1), good: SOUND },
  }),
  AF0115: entry<{ readonly close: string }>({
    severity: "error",
    title: "A bracket closes nothing",
    message: ({ close }) => `this \`${close}\` closes nothing`,
    explanation: "There is no open bracket that it could close: one too many, or the opening one is missing.",
    remedy: "Delete it, or add the opening one.",
    example: { bad: `${SOUND}}\n`, good: SOUND },
  }),
  AF0116: entry<{ readonly expected: readonly string[]; readonly found: string }>({
    severity: "error",
    title: "Something else is expected here",
    message: ({ expected, found }) => `expected ${listed(expected)}, found ${found}`,
    explanation: "What stands here fits nowhere in the language's grammar.",
    remedy: "Write what is expected; grammar/README.md has the grammar on one page.",
    example: changed([["region  = ", "region  "]]),
  }),
  AF0117: entry<{ readonly between: "items" | "entries" }>({
    severity: "error",
    title: "A separator is missing",
    message: ({ between }) => `two ${between} on one line need a comma between them`,
    explanation: "Each stands on a line of its own, or they are separated by commas.",
    remedy: "Add a comma, or begin a new line.",
    example: changed([['["openid", "email"]', '["openid" "email"]']]),
  }),
  AF0118: entry<{ readonly found: string; readonly expected: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Nothing begins with this word",
    message: ({ found, expected, meant }) =>
      meant === undefined
        ? `\`${found}\` begins nothing; a file is made of ${expected.map((word) => `\`${word}\``).join(", ")}`
        : `\`${found}\` begins nothing; did you mean \`${meant}\`?`,
    explanation: "A file is made of imports, parameters, constants, environments, providers, servers, flows and tests.",
    remedy: "Write one of the words that begin an item.",
    example: changed([["server gate", "sever gate"]]),
  }),
  AF0119: entry<{ readonly found: string }>({
    severity: "error",
    title: "A word kept for later",
    message: ({ found }) => `\`${found}\` is kept for a later version of the language`,
    explanation: "This version would not know what to do with it, and nothing a file says is silently dropped.",
    remedy: "Leave it out, or use a version of authflow that has it.",
    example: { bad: `type team = string\n\n${SOUND}`, good: SOUND },
  }),
} as const
