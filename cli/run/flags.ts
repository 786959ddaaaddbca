/**
 * The flags of `authflow run`, and how they belong together.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageFault } from "../exit-codes.ts"
import { type Address, parseAddress } from "./address.ts"
import type { CertificateFiles, Serve } from "./serving.ts"

const DEFAULT_ADDRESS = "127.0.0.1:8080"
const DRAIN_SECONDS = 10

const optionalFile = (name: string, description: string) =>
  Flag.File(name).pipe(Flag.withMetavar("FILE"), Flag.optional, Flag.withDescription(description))

export const flags = {
  sandbox: Flag.Boolean("sandbox").pipe(
    Flag.withDefault(false),
    Flag.withDescription(
      "Stand in for everything outside: identity provider, AWS STS, MCP server, secrets; loopback only",
    ),
  ),
  probe: Flag.Boolean("probe").pipe(
    Flag.withDefault(false),
    Flag.withDescription(
      "Play an MCP client as each person of the sandbox, say how it went, and end (implies --sandbox)",
    ),
  ),
  listen: Flag.String("listen").pipe(
    Flag.withMetavar("HOST:PORT"),
    Flag.optional,
    Flag.withDescription(`Where to listen, ${DEFAULT_ADDRESS} unless said otherwise`),
  ),
  listenAny: Flag.Boolean("listen-any").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Allow --listen to name an address that other machines can reach although TLS ends elsewhere"),
  ),
  allowOrigin: Flag.String("allow-origin").pipe(
    Flag.withMetavar("ORIGIN"),
    Flag.withDescription(
      "Let scripts of this web page call the flows (CORS), as https://app.example.com; may be repeated",
    ),
    Flag.atLeast(0),
  ),
  tlsCert: optionalFile("tls-cert", "Speak TLS with this certificate (PEM, with those above it); read again on change"),
  tlsKey: optionalFile("tls-key", "The certificate's private key (PEM)"),
  tlsClientCa: optionalFile("tls-client-ca", "Ask callers for a certificate of these authorities (PEM)"),
  secrets: Flag.Directory("secrets").pipe(
    Flag.withMetavar("DIR"),
    Flag.optional,
    Flag.withDescription("Directory with one file a secret, NAME/KEY, read again on change; after the environment"),
  ),
  secretsCommand: optionalFile(
    "secrets-command",
    "A program that is run with NAME KEY and prints the secret; asked last",
  ),
  state: Flag.String("state").pipe(
    Flag.withMetavar("DIR"),
    Flag.optional,
    Flag.withDescription(
      "Where authorization servers keep logins and tokens, unless the file says so; `memory` forgets them at the end",
    ),
  ),
  watch: Flag.Boolean("watch").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Take the file anew whenever it, or a file it imports, changes; no request is dropped"),
  ),
  drain: Flag.Int("drain").pipe(
    Flag.withMetavar("SECONDS"),
    Flag.withDefault(DRAIN_SECONDS),
    Flag.withDescription(`What requests under way are given when stopping, ${DRAIN_SECONDS} unless said otherwise`),
  ),
  admin: Flag.String("admin").pipe(
    Flag.withMetavar("HOST:PORT"),
    Flag.optional,
    Flag.withDescription("Serve /metrics (Prometheus), /healthz and /readyz there"),
  ),
  audit: optionalFile(
    "audit",
    "Append to this file one line of JSON for each request: who, which flow, what was decided",
  ),
  log: Flag.Literals("log", ["text", "json"]).pipe(
    Flag.withDefault("text"),
    Flag.withDescription("How each request's way through the stages is written to stdout"),
  ),
} as const

interface Given {
  readonly listen: Option.Option<string>
  readonly listenAny: boolean
  readonly allowOrigin: readonly string[]
  readonly tlsCert: Option.Option<string>
  readonly tlsKey: Option.Option<string>
  readonly tlsClientCa: Option.Option<string>
  readonly secrets: Option.Option<string>
  readonly secretsCommand: Option.Option<string>
  readonly state: Option.Option<string>
  readonly watch: boolean
  readonly drain: number
  readonly admin: Option.Option<string>
  readonly audit: Option.Option<string>
}

/** What is said of serving for real has no meaning in the sandbox, which makes its own addresses and secrets. */
export const onlyForServing = (given: Given): Effect.Effect<void, UsageFault> => {
  const said = [
    ["--listen", Option.isSome(given.listen)],
    ["--listen-any", given.listenAny],
    ["--allow-origin", given.allowOrigin.length > 0],
    ["--tls-cert", Option.isSome(given.tlsCert)],
    ["--tls-key", Option.isSome(given.tlsKey)],
    ["--tls-client-ca", Option.isSome(given.tlsClientCa)],
    ["--secrets", Option.isSome(given.secrets)],
    ["--secrets-command", Option.isSome(given.secretsCommand)],
    ["--state", Option.isSome(given.state)],
    ["--watch", given.watch],
    ["--admin", Option.isSome(given.admin)],
    ["--audit", Option.isSome(given.audit)],
  ] as const
  const names = said.filter(([, is]) => is).map(([name]) => name)
  return names.length === 0
    ? Effect.void
    : Effect.fail(
        new UsageFault({
          message: `the sandbox makes its own addresses, certificates and secrets, and ends with the command; leave out ${names.join(" and ")}`,
        }),
      )
}

/** Fails with UsageFault where flags contradict each other. */
export const servingOf = Effect.fnUntraced(function* (
  given: Given,
): Effect.fn.Return<Omit<Serve, "started">, UsageFault> {
  const certificate = yield* certificateOf(given)
  const address = yield* parseAddress(
    "--listen",
    Option.getOrElse(given.listen, () => DEFAULT_ADDRESS),
    given.listenAny || certificate !== undefined,
  )
  const odd = given.allowOrigin.find((origin) => !isOrigin(origin))
  if (odd !== undefined) {
    return yield* new UsageFault({ message: `--allow-origin: ${odd} is no origin, such as https://app.example.com` })
  }
  if (given.drain < 0) return yield* new UsageFault({ message: "--drain: seconds, 0 or more" })
  return {
    kind: "serve",
    address,
    listenAny: given.listenAny,
    origins: given.allowOrigin,
    secrets: {
      directory: Option.getOrUndefined(given.secrets),
      command: Option.getOrUndefined(given.secretsCommand),
    },
    certificate,
    state: stateOf(given.state),
    drain: given.drain,
    admin: yield* adminOf(given),
    audit: Option.getOrUndefined(given.audit),
  }
})

/** As a browser writes it: scheme, host and port, and nothing behind. */
const isOrigin = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
}

/** Where programs keep such things (XDG Base Directory Specification), unless it is said. */
const stateOf = (given: Option.Option<string>): string | undefined => {
  const said = Option.getOrUndefined(given)
  if (said !== undefined) return said === "memory" ? undefined : resolve(said)
  const { XDG_STATE_HOME: home } = process.env
  // One that is not absolute is to be ignored, says the specification.
  return join(
    home !== undefined && isAbsolute(home)
      ? home
      : join(process.getBuiltinModule("node:os").homedir(), ".local", "state"),
    "authflow",
  )
}

const certificateOf = ({
  tlsCert,
  tlsKey,
  tlsClientCa,
}: Given): Effect.Effect<CertificateFiles | undefined, UsageFault> => {
  const [chain, key, clientAuthorities] = [tlsCert, tlsKey, tlsClientCa].map(Option.getOrUndefined)
  if (chain !== undefined && key !== undefined) return Effect.succeed({ chain, key, clientAuthorities })
  if (chain === undefined && key === undefined && clientAuthorities === undefined) return Effect.succeed(undefined)
  return Effect.fail(new UsageFault({ message: "TLS needs both --tls-cert and --tls-key" }))
}

/** What the metrics tell of flows and load is not for everybody, but holds no secret: consent is that of --listen-any. */
const adminOf = ({ admin, listenAny }: Given): Effect.Effect<Address | undefined, UsageFault> =>
  Option.isNone(admin) ? Effect.succeed(undefined) : parseAddress("--admin", admin.value, listenAny)
