/**
 * Random .authflow files that are right: each uses only claims, tokens and names that its declarations give.
 *
 * @module
 */
import * as fc from "fast-check"

const REGIONS = [
  ["us-east-1", "aws"],
  ["eu-central-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
  ["us-isob-east-1", "aws-iso-b"],
  ["eusc-de-east-1", "aws-eusc"],
] as const

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
/** Text with everything that has to be escaped or is wide. */
const value = fc.string({
  unit: fc.constantFrom("a", "B", "7", " ", '"', "\\", "$", "{", "é", "漢", "😀", "'"),
  minLength: 1,
  maxLength: 8,
})

const quote = (text: string): string => `"${text.replaceAll(/["\\$]/g, "\\$&")}"`

interface Provider {
  readonly text: string
  readonly subjects: readonly string[]
  readonly idClaims: readonly string[]
}

const provider = (name: string): fc.Arbitrary<Provider> =>
  fc
    .record({
      host: label,
      secret: fc.boolean(),
      scopes: fc.subarray(["email", "profile", "offline_access"]),
      groups: fc.boolean(),
      jwt: fc.boolean(),
      algorithms: fc.subarray(["RS256", "ES256", "EdDSA"]),
    })
    .map(({ host, secret, scopes, groups, jwt, algorithms }) => ({
      text: [
        `provider ${name} = oidc {`,
        `  issuer = "https://${host}.${name}.example/issuer"`,
        `  client_id = "client"`,
        ...(secret ? [`  client_secret = secret("${name}", key: "client-secret")`] : []),
        `  scopes = [${["openid", ...scopes].map(quote).join(", ")}]`,
        ...(groups ? ["  id_token = { claims: { groups: strings, department: string } }"] : []),
        ...(jwt ? [`  access_token = { format: jwt, audience: "sts.amazonaws.com" }`] : []),
        ...(algorithms.length > 0 ? [`  algorithms = [${algorithms.join(", ")}]`] : []),
        "}",
      ].join("\n"),
      subjects: [`${name}.id_token`, ...(jwt ? [`${name}.access_token`] : [])],
      idClaims: groups ? ["groups", "department"] : [],
    }))

/** What a role rule may read, by type. */
interface Readable {
  readonly strings: readonly string[]
  readonly string: readonly string[]
}

const role = (readable: Readable, partition: string, alone: boolean): fc.Arbitrary<string> => {
  const arn = (name: string) => `"arn:${partition}:iam::123456789012:role/${name}"`
  const decision = fc.oneof(
    label.map(arn),
    fc.constant("deny"),
    value.map((reason) => `deny(${quote(reason)})`),
  )
  // Values are longer than their prefixes and distinct, so that no rule takes another's callers.
  const distinct = fc.uniqueArray(value, { minLength: 1, maxLength: 3 })
  const cel = (claim: string, list: boolean) =>
    distinct.map(
      (values) =>
        `when ${quote(
          `has(claims.${claim}) && ${
            list ? `${JSON.stringify(values[0])} in claims.${claim}` : `claims.${claim} == ${JSON.stringify(values[0])}`
          }`,
        )}`,
    )
  const arms = (claim: string, list: boolean) =>
    fc.tuple(
      distinct.chain((values) =>
        fc.tuple(
          ...values.map((each) => decision.map((then) => `${list ? "contains" : "equals"} ${quote(each)} => ${then}`)),
        ),
      ),
      fc.option(
        fc.tuple(cel(claim, list), decision).map(([when, then]) => `${when} => ${then}`),
        { nil: undefined },
      ),
    )
  const match = (claim: string, list: boolean) =>
    fc
      .tuple(arms(claim, list), label.map(arn))
      .map(
        ([[plain, extra], last]) =>
          `match claims.${claim} {\n${[...plain, ...(extra ? [extra] : []), `else => ${last}`].map((arm) => `      ${arm}`).join("\n")}\n    }`,
      )
  const strings = readable.strings.map((claim) => match(claim, true))
  const string = readable.string.map((claim) => match(claim, false))
  return alone ? label.map(arn) : fc.oneof(label.map(arn), ...strings, ...string)
}

const simple = (index: number, who: string, scopes: readonly string[], stage: string): string =>
  [
    `flow f${index} at "https://mcp.\${domain}/f${index}" {`,
    `  identify ${who}${scopes.length > 0 ? ` { scopes = [${scopes.map(quote).join(", ")}] }` : ""}`,
    `  ${stage}`,
    `  forward "https://up${index}.example/mcp"`,
    "}",
  ].join("\n")

const flow = (
  index: number,
  who: string,
  subjects: readonly string[],
  readable: Readable,
  own: boolean,
  alone: boolean,
) =>
  fc.constantFrom(...REGIONS).chain(([region, partition]) =>
    fc
      .record({
        subject: fc.constantFrom(...subjects),
        role: role(readable, partition, alone),
        minutes: fc.integer({ min: 15, max: 720 }),
        onInvalid: fc.constantFrom("reject", "sanitize"),
        name: fc.constantFrom("sub", ...readable.string),
        scopes: fc.subarray(["mcp:use", "mcp:read"]),
        body: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
        timeout: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        said: fc.boolean(),
        shown: fc.oneof(
          { weight: 6, arbitrary: fc.constant(undefined) },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              "inject none",
              `exchange token_exchange {\n    subject = corp.${own ? "id_token" : "access_token"}\n    token_url = "https://sts.example/token"\n    audience = "orders"\n  }`,
              `exchange token_exchange {\n    subject = corp.${own ? "id_token" : "access_token"}\n    token_url = "https://sts.example/token"\n    audience = "a"\n    issued = { format: jwt }\n  }\n  exchange jwt_bearer {\n    subject = exchanged\n    token_url = "https://as.example/token"\n  }`,
              'exchange client_credentials {\n    token_url = "https://as.example/token"\n    client_id = "us"\n    client_secret = secret("up", key: "client")\n  }',
              'inject bearer { token = secret("up", key: "token") }',
              'inject header { name = "X-Tenant", value = secret("up", key: "key") }',
              `inject token { token = ${own ? "gate" : "corp"}.access_token, passthrough = allowed }`,
              ...(own ? ["inject token { token = corp.access_token }"] : []),
            ),
          },
        ),
      })
      .map(({ subject, role, minutes, onInvalid, name, scopes, body, timeout, said, shown }) => {
        if (shown !== undefined) return simple(index, who, scopes, shown)
        const safe = own && name === "sub"
        return [
          `flow f${index} at "https://mcp.\${domain}/f${index}" {`,
          `  identify ${who}${scopes.length > 0 ? ` { scopes = [${scopes.map(quote).join(", ")}] }` : ""}`,
          "  exchange aws.sts {",
          `    subject = ${subject}`,
          `    region = "${region}"`,
          `    role = ${role}`,
          `    session = { name: claims.${name}, ${safe && !said ? "" : `on_invalid: ${onInvalid}, `}duration: ${minutes}m }`,
          "  }",
          `  sign aws.sigv4 { service = "aws-mcp"${body === undefined ? "" : `, max_body = ${body}KiB`} }`,
          `  forward "https://up${index}.example/mcp"${timeout === undefined ? "" : ` { timeout = ${timeout}s }`}`,
          "}",
        ].join("\n")
      }),
  )

const PARAM = 'param domain: hostname = "example.com"'

const behindServer = (atTwo: fc.Arbitrary<boolean>): fc.Arbitrary<string> =>
  fc.tuple(provider("corp"), provider("partner"), atTwo).chain(([corp, partner, two]) => {
    const login = two ? [corp, partner] : [corp]
    const carried = corp.idClaims.map((claim) => `${claim}: corp.id_token.${claim}`)
    const readable = {
      strings: corp.idClaims.filter((claim) => claim === "groups"),
      string: corp.idClaims.filter((claim) => claim === "department"),
    }
    const server = fc
      .record({ hours: fc.integer({ min: 1, max: 24 }), days: fc.integer({ min: 1, max: 30 }), hmac: fc.boolean() })
      .map(({ hours, days, hmac }) =>
        [
          "server gate = auth_server {",
          `  issuer = "https://auth.\${domain}"`,
          `  login = [${two ? "corp, partner" : "corp"}]`,
          `  tokens = { access: ${hours}h, refresh: ${days}d }`,
          ...(carried.length > 0 ? [`  claims = { ${carried.join(", ")} }`] : []),
          '  keys = [secret("gate-keys", key: "2026")]',
          ...(hmac ? ['  hmac_keys = [secret("gate-hmac", key: "current")]'] : []),
          "}",
        ].join("\n"),
      )
    // A token of the second login vouches for nothing that the first one said: then the role is the same for everybody.
    const flows = fc
      .integer({ min: 1, max: 3 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, index) =>
            two && index === 1
              ? flow(index, "gate", partner.subjects, readable, true, true)
              : flow(index, "gate", ["gate.access_token", ...corp.subjects], readable, true, false),
          ),
        ),
      )
    return fc
      .tuple(server, flows)
      .map(([gate, all]) => [PARAM, ...login.map(({ text }) => text), gate, ...all].join("\n\n"))
  })

const outside: fc.Arbitrary<string> = fc
  .uniqueArray(fc.constantFrom("groups: strings", "email: string", "team: string"), { minLength: 1, maxLength: 3 })
  .chain((claims) => {
    const names = (type: string) =>
      claims.filter((each) => each.endsWith(` ${type}`)).map((each) => each.split(":")[0] ?? "")
    const corp = [
      "provider corp = oidc {",
      '  issuer = "https://idp.example"',
      `  access_token = { format: jwt, claims: { ${claims.join(", ")} } }`,
      "}",
    ].join("\n")
    const readable = { strings: names("strings"), string: names("string") }
    return fc
      .integer({ min: 1, max: 3 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, index) =>
            flow(index, "corp", ["corp.access_token"], readable, false, false),
          ),
        ),
      )
      .map((all) => [PARAM, corp, ...all].join("\n\n"))
  })

/** A whole file without an error. */
export const wellTyped: fc.Arbitrary<string> = fc.oneof(behindServer(fc.boolean()), outside).map((text) => `${text}\n`)

/** One that authflow's own runtime can run: it logs people in at one provider. */
export const runnable: fc.Arbitrary<string> = fc
  .oneof(behindServer(fc.constant(false)), outside)
  .map((text) => `${text}\n`)
