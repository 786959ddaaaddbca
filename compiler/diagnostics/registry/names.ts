/**
 * AF02xx: names, and what they stand for.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"

export const didYouMean = (meant: string | undefined): string =>
  meant === undefined ? "" : `; did you mean \`${meant}\`?`

export const choices = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ")

/** Takes the region from a parameter. */
const REGION = ['"us-east-1"\n    role', "region\n    role"] as const

export const names = {
  AF0201: entry<{ readonly what: string; readonly name: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "Unknown name",
    message: ({ what, name, meant }) => `there is no ${what} \`${name}\`${didYouMean(meant)}`,
    explanation: "A name has to be declared in the file before something can refer to it.",
    remedy: "Correct the name, or declare it.",
    example: changed([["login  = [corp]", "login  = [crop]"]]),
  }),
  AF0202: entry<{ readonly name: string }>({
    severity: "error",
    title: "The name is taken",
    message: ({ name }) => `\`${name}\` is declared twice`,
    explanation: "All names of a file are in one space, so that a reader never has to ask which one is meant.",
    remedy: "Rename one of the two.",
    example: changed([["flow aws at", "flow gate at"]]),
  }),
  AF0204: entry<{ readonly keyword: string; readonly kind: string; readonly known: readonly string[] }>({
    severity: "error",
    title: "Unknown kind of declaration",
    message: ({ keyword, kind, known }) => `there is no ${keyword} of kind \`${kind}\`; there is ${choices(known)}`,
    explanation: "The word after `=` says what kind of provider or server it is.",
    remedy: "Write one of the kinds there are.",
    example: changed([["= oidc {", "= oidcc {"]]),
  }),
  AF0205: entry<{ readonly verb: string; readonly known: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Unknown stage",
    message: ({ verb, known, meant }) =>
      `there is no stage \`${verb}\`${meant === undefined ? `; there are ${choices(known)}` : didYouMean(meant)}`,
    explanation: "A flow is made of stages, and each begins with what it does.",
    remedy: "Write one of the stages there are.",
    example: changed([["exchange aws.sts", "exchnge aws.sts"]]),
  }),
  AF0206: entry<{ readonly verb: string; readonly kind: string; readonly known: readonly string[] }>({
    severity: "error",
    title: "Unknown kind of stage",
    message: ({ verb, kind, known }) => `\`${verb}\` knows no \`${kind}\`; it knows ${choices(known)}`,
    explanation: "The word after the verb says which protocol it is done by.",
    remedy: "Write one of those there are.",
    example: changed([["exchange aws.sts", "exchange aws.stss"]]),
  }),
  AF0207: entry<{ readonly name: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "Unknown function",
    message: ({ name, meant }) => `there is no function \`${name}\`${didYouMean(meant)}`,
    explanation: "There are two: `secret(…)` refers to a secret, `deny(…)` refuses a caller in a role rule.",
    remedy: "Write one of the two.",
    example: changed([["secret(", "secrets("]]),
  }),
  AF0208: entry<{ readonly name: string; readonly is: string; readonly needed: string }>({
    severity: "error",
    title: "The name stands for something else",
    message: ({ name, is, needed }) => `\`${name}\` is a ${is}, and a ${needed} is needed here`,
    explanation: "People log in at providers, MCP clients talk to servers, and values come from parameters.",
    remedy: "Name one of the kind that is needed.",
    example: changed([["login  = [corp]", "login  = [aws]"]]),
  }),
  AF0209: entry<{ readonly what: string; readonly name: string }>({
    severity: "warning",
    title: "Nothing uses it",
    message: ({ what, name }) => `nothing uses the ${what} \`${name}\``,
    explanation: "It has no effect. Often a reference to it was forgotten, or it is left over.",
    remedy: "Use it or delete it.",
    example: { bad: `param spare: hostname = "example.com"\n\n${SOUND}`, good: SOUND },
  }),
  AF0210: entry<{ readonly name: string; readonly known: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Unknown type",
    message: ({ name, known, meant }) =>
      `there is no type \`${name}\`${meant === undefined ? `; there are ${choices(known)}` : didYouMean(meant)}`,
    explanation: "A parameter's type says which values it takes.",
    remedy: "Write one of the types there are.",
    example: changed(
      [
        ["provider corp", 'param region: aws.regoin = "us-east-1"\n\nprovider corp'],
        ['"us-east-1"\n    role', "region\n    role"],
      ],
      [
        ["provider corp", 'param region: aws.region = "us-east-1"\n\nprovider corp'],
        ['"us-east-1"\n    role', "region\n    role"],
      ],
    ),
  }),
  AF0211: entry<{ readonly name: string; readonly reason: string }>({
    severity: "error",
    title: "A name that cannot be given",
    message: ({ name, reason }) => `\`${name}\` cannot be a name: ${reason}`,
    explanation:
      "Names end up in plans and Kubernetes objects, which take lower case only. Words that mean something of their own would make a file read in two ways.",
    remedy: "Choose another name.",
    example: changed([["flow aws at", "flow Aws at"]]),
  }),
  AF0212: entry<{ readonly name: string }>({
    severity: "error",
    title: "Used before it is declared",
    message: ({ name }) => `the parameter \`${name}\` is declared further down`,
    explanation: "A parameter's default may use the parameters above it, so that a file reads from top to bottom.",
    remedy: "Move the parameter up.",
    example: changed(
      [
        [
          "provider corp",
          'param issuer: url = "https://idp.${domain}"\nparam domain: hostname = "example.com"\n\nprovider corp',
        ],
        ['"https://idp.example.com"', "issuer"],
      ],
      [
        [
          "provider corp",
          'param domain: hostname = "example.com"\nparam issuer: url = "https://idp.${domain}"\n\nprovider corp',
        ],
        ['"https://idp.example.com"', "issuer"],
      ],
    ),
  }),
  AF0213: entry<{ readonly found: string }>({
    severity: "error",
    title: "Only a parameter can stand in a string",
    message: ({ found }) => `${found} has no value that could stand in a string; only parameters have`,
    explanation: "`${name}` puts a parameter's value into the string when the file is compiled.",
    remedy: "Name a parameter.",
    example: changed([['"https://auth.example.com"', '"https://auth.${corp}"']]),
  }),
  AF0214: entry<{ readonly name: string }>({
    severity: "error",
    title: "The parameter has no type",
    message: ({ name }) => `the parameter \`${name}\` needs a type: its default does not say one`,
    explanation:
      "A default that is a string, a number, a duration or a size says the type. Another parameter's name does not.",
    remedy: "Write its type: `param domain: hostname`.",
    example: changed(
      [["provider corp", 'param main: aws.region = "us-east-1"\nparam region = main\n\nprovider corp'], REGION],
      [
        ["provider corp", 'param main: aws.region = "us-east-1"\nparam region: aws.region = main\n\nprovider corp'],
        REGION,
      ],
    ),
  }),
} as const
