/**
 * AF03xx: fields and their values.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed } from "./example.ts"
import { choices, didYouMean } from "./names.ts"
import { serving } from "./toolhive-example.ts"

const amount = (count: number): string => (count === 1 ? "one item" : `${count} items`)

export const fields = {
  AF0301: entry<{
    readonly name: string
    readonly owner: string
    readonly meant: string | undefined
    readonly known: readonly string[]
  }>({
    severity: "error",
    title: "Unknown field",
    message: ({ name, owner, meant, known }) =>
      `${owner} has no field \`${name}\`${meant === undefined ? `; it has ${choices(known)}` : didYouMean(meant)}`,
    explanation: "A field that nothing reads would be silently dropped, and the file would not do what it says.",
    remedy: "Correct the name, or delete the field.",
    example: changed([["issuer        =", "isuer         ="]]),
  }),
  AF0302: entry<{ readonly name: string; readonly owner: string }>({
    severity: "error",
    title: "A field is missing",
    message: ({ name, owner }) => `${owner} needs a field \`${name}\``,
    explanation: "Nothing that decides who gets in is guessed; what has no safe default has to be said.",
    remedy: "Add the field.",
    example: changed([['    region  = "us-east-1"\n', ""]]),
  }),
  AF0303: entry<{ readonly name: string }>({
    severity: "error",
    title: "A field is said twice",
    message: ({ name }) => `\`${name}\` is said twice`,
    explanation: "One of the two would be dropped, and a reader could not tell which.",
    remedy: "Delete one of the two.",
    example: changed([['    region  = "us-east-1"\n', '    region  = "us-east-1"\n    region  = "us-east-2"\n']]),
  }),
  AF0304: entry<{ readonly expected: string; readonly found: string }>({
    severity: "error",
    title: "Another kind of value is expected",
    message: ({ expected, found }) => `expected ${expected}, found ${found}`,
    explanation: "Each field takes one kind of value.",
    remedy: "Write a value of the kind that is expected.",
    example: changed([['service = "aws-mcp"', "service = 8MiB"]]),
  }),
  AF0305: entry<{ readonly found: string; readonly bounds: string }>({
    severity: "error",
    title: "Out of bounds",
    message: ({ found, bounds }) => `${found} is out of bounds: expected ${bounds}`,
    explanation: "The bounds are those of the protocol, or of the service that is called.",
    remedy: "Choose a value within the bounds.",
    example: changed([["name: claims.sub }", "name: claims.sub, duration: 24h }"]]),
  }),
  AF0306: entry<{ readonly found: string; readonly choices: readonly string[]; readonly meant: string | undefined }>({
    severity: "error",
    title: "Not one of the choices",
    message: ({ found, choices: words, meant }) => `\`${found}\` is not one of ${choices(words)}${didYouMean(meant)}`,
    explanation: "The field takes one of a few words.",
    remedy: "Write one of them.",
    example: changed([["{ groups: strings }", "{ groups: string_list }"]]),
  }),
  AF0307: entry({
    severity: "error",
    title: "A secret stands in the file",
    message: () => "a secret is never written in the file",
    explanation:
      "The file is read, committed and shown to others. Whoever can read it has the secret; if this one was real, replace it.",
    remedy: 'Refer to it: `secret("name", key: "key")`.',
    example: changed([['secret("corp-idp", key: "client-secret")', '"hunter2"']]),
  }),
  AF0308: entry<{ readonly expected: string }>({
    severity: "error",
    title: "A secret is not possible here",
    message: ({ expected }) => `a secret cannot stand here; expected ${expected}`,
    explanation:
      "The value is public: it ends up in a plan, in metadata or in a log, where a secret would be given away.",
    remedy: "Write the value itself.",
    example: changed([['"mcp-gateway"', 'secret("corp-idp", key: "client-id")']]),
  }),
  AF0309: entry<{ readonly reason: string }>({
    severity: "error",
    title: "Not a reference to a secret",
    message: ({ reason }) => `this refers to no secret: ${reason}`,
    explanation: "A secret is referred to by its name and the key in it, as in a Kubernetes Secret.",
    remedy: 'Write `secret("name", key: "key")`.',
    example: changed([['secret("corp-idp", key: "client-secret")', 'secret("corp-idp")']]),
  }),
  AF0310: entry<{ readonly count: number; readonly min: number; readonly max: number | undefined }>({
    severity: "error",
    title: "The list is too short or too long",
    message: ({ count, min, max }) =>
      count < min
        ? `at least ${amount(min)} needed, found ${count}`
        : `at most ${amount(max ?? 0)} possible, found ${count}`,
    explanation: "The list needs something in it to mean anything, or its target takes no more.",
    remedy: "Add or take away items.",
    example: changed([
      ["login  = [corp]", "login  = []"],
      ["  claims = { groups: corp.id_token.groups }\n", ""],
    ]),
  }),
  AF0311: entry<{ readonly item: string }>({
    severity: "error",
    title: "An item is in the list twice",
    message: ({ item }) => `\`${item}\` is in the list twice`,
    explanation: "The second one has no effect; most often another was meant.",
    remedy: "Delete it, or write the one that was meant.",
    example: changed([['["openid", "email"]', '["openid", "email", "email"]']]),
  }),
  AF0312: entry<{ readonly what: string; readonly value: string; readonly hint: string }>({
    severity: "error",
    title: "Not of the right form",
    message: ({ what, value, hint }) => `${JSON.stringify(value)} is not ${what}: ${hint}`,
    explanation: "The value would be refused by whoever it is sent to, at the first request.",
    remedy: "Write it in the form that is asked for.",
    example: changed([['"us-east-1"', '"us east 1"']]),
  }),
  AF0313: entry<{ readonly name: string; readonly why: string }>({
    severity: "error",
    title: "Said without effect",
    message: ({ name, why }) => `\`${name}\` has no effect: ${why}`,
    explanation:
      "Nothing a file says is silently dropped. A field that comes to nothing because of another one is a mistake in one of the two.",
    remedy: "Leave the field out, or change the one that takes its effect away.",
    example: serving(
      "  clients   = { metadata_cache: { size: 64, lifetime: 10m } }",
      `  clients   = {
    metadata_documents:     on
    metadata_cache:         { size: 64, lifetime: 10m }
    confidential:           on
    confidential_redirects: ["https://app.example.com/callback"]
  }`,
    ),
  }),
  AF0314: entry<{ readonly names: readonly string[]; readonly both: boolean }>({
    severity: "error",
    title: "One of several is needed",
    message: ({ names, both }) =>
      both
        ? `${names.map((name) => `\`${name}\``).join(" and ")} exclude each other`
        : `one of ${names.map((name) => `\`${name}\``).join(" and ")} is needed`,
    explanation:
      "These fields are ways to say the same thing: with none of them it is not said, with two it is said twice.",
    remedy: "Say exactly one of them.",
    example: serving(
      '  storage   = { password: secret("redis", key: "password") }',
      `  storage   = {
    sentinel:     { master: "mymaster", addresses: ["sentinel-0.redis.svc:26379"], db: 1 }
    sentinel_tls: { ca: secret("redis-ca", key: "ca.crt"), verify: true }
    password:     secret("redis", key: "password")
  }`,
    ),
  }),
} as const
