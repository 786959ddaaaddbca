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
  AF0905: entry<{
    readonly name: string
    readonly value: string
    readonly known: readonly string[]
    readonly meant: string | undefined
  }>({
    severity: "error",
    title: "The parameter does not take this value",
    message: ({ name, value, known, meant }) =>
      `\`${name}\` does not take ${JSON.stringify(value)}${
        meant === undefined ? `; it takes ${choices(known)}` : didYouMean(meant)
      }`,
    explanation: "The parameter lists the values it takes, after `in`.",
    remedy: "Give it one of those, or add the value to the list.",
    example: {
      bad: withDomain('param domain: hostname in ["example.com", "example.org"] = "example.net"'),
      good: withDomain('param domain: hostname in ["example.com", "example.org"] = "example.org"'),
    },
  }),
  AF0906: entry<{ readonly name: string; readonly meant: string | undefined; readonly known: readonly string[] }>({
    severity: "error",
    title: "Unknown environment",
    message: ({ name, meant, known }) =>
      `there is no environment \`${name}\`${
        meant !== undefined ? didYouMean(meant) : known.length > 0 ? `; there is ${choices(known)}` : ""
      }`,
    explanation: "An environment is declared by `env name { … }`, in the file or in one that it imports.",
    remedy: "Correct the name, or declare the environment.",
    example: { bad: `${GOOD}\nenv prod { domain = "example.org" }\n`, good: GOOD, env: "prd" },
  }),
  AF0907: entry<{
    readonly env: string
    readonly name: string
    readonly meant: string | undefined
    readonly known: readonly string[]
  }>({
    severity: "error",
    title: "The environment sets what is no parameter",
    message: ({ env, name, meant, known }) =>
      `the environment \`${env}\` sets \`${name}\`, which is no parameter${
        meant !== undefined ? didYouMean(meant) : known.length > 0 ? `; there is ${choices(known)}` : ""
      }`,
    explanation:
      "It would have no effect. An environment gives values to parameters of the file and of those it imports.",
    remedy: "Correct the name, or declare the parameter.",
    example: {
      bad: `${GOOD}\nenv prod {\n  domian = "example.org"\n}\n`,
      good: `${GOOD}\nenv prod {\n  domain = "example.org"\n}\n`,
      env: "prod",
    },
  }),
  AF0908: entry<{ readonly env: string; readonly name: string; readonly found: string }>({
    severity: "error",
    title: "An environment's values are written out",
    message: ({ env, name, found }) =>
      `the environment \`${env}\` gives \`${name}\` ${found}, where a value has to be written out`,
    explanation:
      "An environment says what the command line could say: text, a number, a duration, a size, true or false. What can be computed from that is a parameter's default, or a constant.",
    remedy: "Write the value, or compute it in the parameter's default.",
    example: {
      bad: `${GOOD}\nconst base = "example.org"\n\nenv prod {\n  domain = "prod.\${base}"\n}\n`,
      good: `${GOOD}\nenv prod {\n  domain = "prod.example.org"\n}\n`,
      env: "prod",
    },
  }),
} as const
