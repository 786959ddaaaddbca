/**
 * AF09xx: what is given to the compiler beside the text.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { SOUND } from "./example.ts"
import { choices, didYouMean } from "./names.ts"

const withDomain = (param: string): string => `${param}\n\n${SOUND.replace("idp.example.com", "idp.${domain}")}`
const GOOD = withDomain('param domain: hostname = "example.com"')

export const input = {
  AF0901: entry<{ readonly reason: string }>({
    severity: "error",
    title: "The file cannot be read",
    message: ({ reason }) => `the file cannot be read: ${reason}`,
    explanation: "There is no such file, it is a directory, or it may not be read by this user.",
    remedy: "Check the path and its permissions. `-` reads standard input.",
  }),
  AF0902: entry<{ readonly name: string; readonly meant: string | undefined; readonly known: readonly string[] }>({
    severity: "error",
    title: "Unknown parameter",
    message: ({ name, meant, known }) =>
      `the file has no parameter \`${name}\`${
        meant !== undefined ? didYouMean(meant) : known.length > 0 ? `; it has ${choices(known)}` : ""
      }`,
    explanation: "A value for a parameter that the file does not declare would be silently dropped.",
    remedy: "Correct the name, or declare the parameter.",
    example: { bad: GOOD, good: GOOD, params: { domian: "example.org" } },
  }),
  AF0903: entry<{ readonly name: string }>({
    severity: "error",
    title: "A parameter has no value",
    message: ({ name }) => `the parameter \`${name}\` has neither a default nor a value`,
    explanation: "A parameter without a default has to be given a value when the file is compiled or run.",
    remedy: "Give it one: `--param name=value`.",
    example: { bad: withDomain("param domain: hostname"), good: GOOD },
  }),
  AF0904: entry<{ readonly name: string; readonly value: string; readonly expected: string; readonly hint: string }>({
    severity: "error",
    title: "The value does not fit the parameter",
    message: ({ name, value, expected, hint }) =>
      `${JSON.stringify(value)} is not ${expected}, which \`${name}\` is: ${hint}`,
    explanation: "The parameter's type says which values it takes.",
    remedy: "Give it a value of its type.",
    example: { bad: GOOD, good: GOOD, params: { domain: "not a host" } },
  }),
} as const
