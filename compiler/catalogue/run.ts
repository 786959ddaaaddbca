/**
 * `run IMAGE`: where a flow ends whose upstream is a container that is started with it, and not one that is somewhere already.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import { at, type Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { type Fields, optional, type ValueType, withDefault } from "./field.ts"
import { integer } from "./scalars.ts"
import { type SecretRef, secret } from "./secret.ts"
import { choice, map, mismatch, pattern, scalar } from "./values.ts"

/** The distribution specification's reference: a name, and a tag or a digest behind it. */
const image = pattern(
  "a container image",
  /^(?=.{1,512}$)[a-z0-9][\w.:-]*(\/[a-z0-9][\w.-]*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
  'it is a name with a tag or a digest, such as "ghcr.io/example/server:1.2.0"',
)

/** Anything that can stand in an argument or a variable. */
const word: ValueType<string> = scalar("string", "a string", (value) => value)

/** Arguments; the same one may be there twice. */
const words: ValueType<readonly Located<string>[]> = {
  label: "a list of strings",
  structure: { kind: "list", item: word },
  check: (expression, scope) => {
    if (expression.kind !== "ListLiteral") return mismatch(expression, words.label, scope)
    const checked = expression.items.map((item) => {
      const value = word.check(item, scope)
      return value === undefined ? undefined : at(item.span, value)
    })
    const whole = checked.filter((each) => each !== undefined)
    return whole.length === checked.length ? whole : undefined
  },
}

const variable: ValueType<string | SecretRef> = {
  label: "a string or a secret reference",
  structure: { kind: "scalar" },
  check: (expression, scope) =>
    expression.kind === "Call" ? secret.check(expression, scope) : word.check(expression, scope),
}

const isVariable = ({ value, span }: Located<string>, scope: Scope): boolean => {
  if (/^[A-Za-z_]\w*$/.test(value)) return true
  scope.report("AF0312", span, {
    what: "the name of a variable",
    value,
    hint: "it is letters, digits and `_`",
  })
  return false
}

const fields = {
  transport: withDefault(choice(["stdio", "streamable_http", "sse"]), "stdio", {
    doc: "How MCP is spoken with the container: over its standard input and output, or over HTTP.",
    example: "streamable_http",
  }),
  port: optional(integer({ min: 1, max: 65_535 }), {
    doc: "The port it listens on. Not with `stdio`.",
    example: "8080",
  }),
  clients: optional(choice(["streamable_http", "sse"]), {
    doc: "How MCP is spoken with clients of a container that speaks `stdio`. `streamable_http` when unsaid.",
    example: "sse",
  }),
  args: optional(words, {
    doc: "Arguments of its command.",
    example: '["--read-only"]',
  }),
  env: optional(map(variable, 'a map of variables, such as `{ LOG_LEVEL: "info" }`', isVariable), {
    doc: "Its environment: text, or secrets.",
    example: '{ LOG_LEVEL: "info", API_KEY: secret("orders", key: "api-key") }',
  }),
}

export const run: StageConstruct<
  "run",
  string,
  typeof fields,
  "SignedRequest" | "Token" | "Headers" | "Unauthenticated",
  "Answer"
> = {
  verb: "run",
  kind: "run",
  doc: "Starts a container of this image and sends the request to it.",
  operand: { by: "value", type: image, example: '"ghcr.io/example/server:1.2.0"' },
  fields,
  consumes: ["SignedRequest", "Token", "Headers", "Unauthenticated"],
  produces: "Answer",
  type: ({ operand, fields: given, input, span }, scope) => {
    if (input.tag === "SignedRequest") scope.report("AF1319", span, {})
    return isConsistent(given, scope) && input.tag !== "SignedRequest" ? { tag: "Answer", url: operand } : undefined
  },
}

const isConsistent = ({ transport, port, clients }: Fields<typeof fields>, scope: Scope): boolean => {
  const idle =
    transport.value === "stdio"
      ? {
          name: "port",
          said: port,
          why: "a container that speaks `stdio` listens on none",
        }
      : {
          name: "clients",
          said: clients,
          why: "clients speak with the container itself, as `transport` says",
        }
  if (idle.said !== undefined) scope.report("AF0313", idle.said.span, { name: idle.name, why: idle.why })
  return idle.said === undefined
}
