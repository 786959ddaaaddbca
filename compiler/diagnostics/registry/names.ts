/**
 * AF02xx: names, and what they stand for.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, IDENTITY, IMPORTING, SOUND } from "./example.ts"

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
    explanation:
      "People log in at providers, MCP clients talk to servers, and values come from parameters and constants.",
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
  AF0212: entry<{ readonly what: "param" | "constant"; readonly name: string }>({
    severity: "error",
    title: "Used before it is declared",
    message: ({ what, name }) => `the ${what === "param" ? "parameter" : what} \`${name}\` is declared further down`,
    explanation:
      "Parameters and constants may use those above them, so that a file reads from top to bottom and none needs itself.",
    remedy: "Move the one that is used up.",
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
    title: "Only a value can stand in a string",
    message: ({ found }) =>
      `${found} has no value that could stand in a string; only parameters and constants have, and no lists or maps`,
    explanation: "`${name}` puts the value of a parameter or constant into the string when the file is compiled.",
    remedy: "Name a parameter or a constant.",
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
  AF0215: entry<{ readonly found: string }>({
    severity: "error",
    title: "No constant",
    message: ({ found }) => `${found} is not known when the file is compiled, so it cannot stand in a constant`,
    explanation:
      "A constant is a name for text, a number, a duration, a size, a list or a map. What depends on the caller, and providers and servers themselves, are not known until a request comes.",
    remedy: "Write it where it is used.",
    example: changed(
      [["provider corp", "const role = match claims.groups { else => deny }\n\nprovider corp"]],
      [
        ["provider corp", 'const main_region = "us-east-1"\n\nprovider corp'],
        ['"us-east-1"\n    role', "main_region\n    role"],
      ],
    ),
  }),
  AF0216: entry<{ readonly circle: readonly string[] }>({
    severity: "error",
    title: "A value that needs itself",
    message: ({ circle }) => `this goes in a circle: ${circle.map((name) => `\`${name}\``).join(" needs ")}`,
    explanation: "None of them has a value unless another one has it first.",
    remedy: "Give one of them a value of its own.",
    example: {
      bad: `const host = "auth.\${domain}"\nconst domain = "\${host}"\n\n${SOUND.replace("idp.example.com", "idp.${host}")}`,
      good: `const domain = "example.com"\nconst host = "idp.\${domain}"\n\n${SOUND.replace("idp.example.com", "${host}")}`,
    },
  }),
  AF0217: entry<{ readonly path: string; readonly problem: "form" | "outside" }>({
    severity: "error",
    title: "A path that cannot be imported from",
    message: ({ path, problem }) =>
      problem === "form"
        ? `${JSON.stringify(path)} is no path to import from: it begins with \`./\` or \`../\` and has \`/\` between its parts`
        : `${JSON.stringify(path)} leads out of the folder that is worked in`,
    explanation:
      "An import names a file by its place beside this one, so that it means the same on every machine. Files outside of the folder that authflow works in are never read: a file from elsewhere could otherwise look at what it should not.",
    remedy:
      "Write the path from this file's folder, such as `./identity.authflow`; run authflow in a folder that holds both.",
    example: {
      bad: IMPORTING.replace("./identity", "../../identity"),
      good: IMPORTING,
      files: { "identity.authflow": IDENTITY },
    },
  }),
  AF0218: entry<{ readonly path: string }>({
    severity: "error",
    title: "No file to import from",
    message: ({ path }) => `there is no file ${path}`,
    explanation: "An import's path starts from the folder of the file it stands in.",
    remedy: "Correct the path.",
    example: {
      bad: IMPORTING.replace("./identity.authflow", "./identiy.authflow"),
      good: IMPORTING,
      files: { "identity.authflow": IDENTITY },
    },
  }),
  AF0219: entry<{ readonly circle: readonly string[] }>({
    severity: "error",
    title: "Files that import each other",
    message: ({ circle }) => `these files import each other: ${circle.join(" → ")}`,
    explanation: "Neither can be read before the other.",
    remedy: "Move what both need to a file of its own.",
    example: {
      bad: `import { issuer } from "./constants.authflow"\n\n${SOUND.replace('"https://idp.example.com"', "issuer")}`,
      good: IMPORTING,
      files: {
        "identity.authflow": IDENTITY,
        "constants.authflow": 'import { gate } from "./example.authflow"\n\nconst issuer = "https://idp.example.com"\n',
      },
    },
  }),
  AF0220: entry<{
    readonly name: string
    readonly path: string
    readonly meant: string | undefined
    readonly known: readonly string[]
  }>({
    severity: "error",
    title: "Nothing of this name to import",
    message: ({ name, path, meant, known }) =>
      `${JSON.stringify(path)} declares no \`${name}\`${
        meant !== undefined ? didYouMean(meant) : known.length > 0 ? `; it declares ${choices(known)}` : ""
      }`,
    explanation: "What a file imports itself, others import from where it is declared.",
    remedy: "Write one of the names that the file declares.",
    example: {
      bad: IMPORTING.replace("{ corp }", "{ crop as corp }"),
      good: IMPORTING,
      files: { "identity.authflow": IDENTITY },
    },
  }),
  AF0221: entry<{ readonly name: string }>({
    severity: "error",
    title: "A flow is not imported",
    message: ({ name }) => `\`${name}\` is a flow, and flows stay in their own file`,
    explanation: "A flow is not referred to by others; it would run twice.",
    remedy: "Leave it out of the import.",
    example: {
      bad: IMPORTING.replace("{ corp }", "{ corp, echo }"),
      good: IMPORTING,
      files: {
        "identity.authflow": `${IDENTITY}\nflow echo at "https://mcp.example.com/echo" {\n  identify corp\n  forward "https://echo.example.com"\n}\n`,
      },
    },
  }),
  AF0222: entry<{ readonly name: string }>({
    severity: "error",
    title: "One parameter in two files",
    message: ({ name }) => `two files that belong together declare the parameter \`${name}\``,
    explanation:
      "A parameter is set by its name, for a file and all it imports. Two of one name would be one value with two defaults.",
    remedy: "Declare it in one of the files and import it into the other.",
    example: {
      bad: `${IMPORTING.replace("\n\n", '\nparam domain: hostname = "example.org"\n\n')}`.replaceAll(
        "auth.example.com",
        "auth.${domain}",
      ),
      good: IMPORTING.replace("{ corp }", "{ corp, domain }").replaceAll("auth.example.com", "auth.${domain}"),
      files: { "identity.authflow": IDENTITY },
    },
  }),
  AF0223: entry<{ readonly name: string }>({
    severity: "error",
    title: "Two declarations of one name come together",
    message: ({ name }) => `this file brings together two declarations that are called \`${name}\``,
    explanation:
      "In the plan, and on Kubernetes, a provider or server is known by the name it is declared by, however an import calls it.",
    remedy: "Rename one of the two where it is declared.",
    example: {
      bad: `${IMPORTING.replace("{ corp }", "{ corp as staff }")}\n${SOUND.slice(0, SOUND.indexOf("server gate")).replace("idp.example.com", "partner.example.com")}`,
      good: IMPORTING,
      files: { "identity.authflow": IDENTITY },
    },
  }),
  AF0224: entry<{ readonly what: string; readonly name: string; readonly other: string }>({
    severity: "warning",
    title: "Two files declare one name",
    message: ({ what, name, other }) => `${other} has a ${what} \`${name}\` too`,
    explanation:
      "Each file is sound by itself. On Kubernetes their objects have one name, and what is applied later replaces what is there.",
    remedy: "Rename one of them, or apply them to different namespaces.",
  }),
} as const
