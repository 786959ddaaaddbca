/**
 * Where secret values come from. The plan names them, this looks them up, once, at start; they stay `Redacted` from here on.
 *
 * @module
 */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Data, Effect, Layer, Redacted } from "effect"
import type { SecretRef } from "./plan.ts"

/** A secret the plan names cannot be had. Names the reference and where it was looked for, never a value. */
export class SecretMissing extends Data.TaggedError("SecretMissing")<{
  readonly ref: SecretRef
  readonly looked: readonly string[]
}> {}

/** Looks up secrets by reference. Fails with SecretMissing. */
export class Secrets extends Context.Service<
  Secrets,
  { readonly get: (ref: SecretRef) => Effect.Effect<Redacted.Redacted<string>, SecretMissing> }
>()("authflow/runtime/Secrets") {
  /** From the environment first, then, where there is one, from a directory, and last from a command. */
  static readonly layer = (from: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly directory?: string | undefined
    readonly command?: string | undefined
  }): Layer.Layer<Secrets> =>
    Layer.sync(Secrets, () => {
      const lookups = [
        fromEnvironment(from.env),
        ...(from.directory === undefined ? [] : [fromDirectory(from.directory)]),
        ...(from.command === undefined ? [] : [fromCommand(from.command)]),
      ]
      return Secrets.of({ get: lookups.reduce(orElse) })
    })

  /** `AUTHFLOW_SECRET_<NAME>_<KEY>`, see `environmentVariable`. */
  static readonly layerEnvironment = (env: Readonly<Record<string, string | undefined>>): Layer.Layer<Secrets> =>
    Secrets.layer({ env })

  /** `<directory>/<name>/<key>`, as Kubernetes mounts Secrets; one line feed at the end is not part of the value. */
  static readonly layerDirectory = (directory: string): Layer.Layer<Secrets> => Secrets.layer({ env: {}, directory })
}

/** `corp-idp`, `client-secret` -> `AUTHFLOW_SECRET_CORP_IDP_CLIENT_SECRET`. */
export const environmentVariable = (ref: SecretRef): string =>
  `AUTHFLOW_SECRET_${ref.name}_${ref.key}`.replace(/[^A-Za-z0-9]/g, "_").toUpperCase()

type Lookup = Secrets["Service"]["get"]

const orElse =
  (first: Lookup, second: Lookup): Lookup =>
  (ref) =>
    Effect.catch(first(ref), ({ looked }) =>
      Effect.mapError(second(ref), (last) => new SecretMissing({ ref, looked: [...looked, ...last.looked] })),
    )

const fromEnvironment = (env: Readonly<Record<string, string | undefined>>): Lookup => {
  // `a-b`/`c` and `a`/`b-c` have the same variable. Whoever asks second is refused: one value must not serve as two secrets.
  const taken = new Map<string, SecretRef>()
  return (ref) =>
    Effect.suspend(() => {
      const variable = environmentVariable(ref)
      const value = env[variable]
      if (value === undefined) return new SecretMissing({ ref, looked: [`environment variable ${variable}`] })
      if (value === "") return new SecretMissing({ ref, looked: [`environment variable ${variable}, which is empty`] })
      const holder = taken.get(variable) ?? ref
      if (holder.name !== ref.name || holder.key !== ref.key) {
        const other = `${holder.name}/${holder.key}`
        return new SecretMissing({
          ref,
          looked: [`environment variable ${variable}, which already stands for ${other}`],
        })
      }
      taken.set(variable, ref)
      return Effect.succeed(Redacted.make(value))
    })
}

const fromDirectory =
  (directory: string): Lookup =>
  (ref) => {
    // A reference is two names; one that is a path would read files that are not secrets of this directory.
    if ([ref.name, ref.key].some((part) => part === "." || part === ".." || /[/\\\0]/.test(part))) {
      return new SecretMissing({ ref, looked: [`directory ${directory}, where it is no file name`] })
    }
    const file = join(directory, ref.name, ref.key)
    return Effect.tryPromise({
      try: () => readFile(file, "utf8"),
      catch: () => new SecretMissing({ ref, looked: [`file ${file}`] }),
    }).pipe(
      Effect.map((text) => text.replace(/\r?\n$/, "")),
      Effect.filterOrFail(
        (text) => text !== "",
        () => new SecretMissing({ ref, looked: [`file ${file}, which is empty`] }),
      ),
      Effect.map((text) => Redacted.make(text)),
    )
  }

/** Milliseconds that a command may take for one secret. */
const COMMAND_TIME = 10_000

/**
 * What `<command> <name> <key>` prints; one line break at the end is not part of the value. No shell reads the command, so a
 * name cannot be more than a name. What it writes to stderr is for the operator and goes there.
 */
const fromCommand =
  (command: string): Lookup =>
  (ref) =>
    Effect.callback((resume) => {
      const missing = (why: string) => resume(new SecretMissing({ ref, looked: [`command ${command}, which ${why}`] }))
      const child = execFile(
        command,
        [ref.name, ref.key],
        { encoding: "utf8", timeout: COMMAND_TIME, killSignal: "SIGKILL", maxBuffer: 1 << 20 },
        (error, printed) => {
          const value = printed.replace(/\r?\n$/, "")
          if (error !== null) missing(whyNot(error))
          else if (value === "") missing("printed nothing")
          else resume(Effect.succeed(Redacted.make(value)))
        },
      )
      child.stderr?.pipe(process.stderr, { end: false })
      child.stdin?.end()
      return Effect.sync(() => child.kill("SIGKILL"))
    })

/** Never the error's message: it holds the whole command line, and on some systems what was printed. */
const whyNot = (error: { readonly code?: unknown; readonly killed?: boolean }): string => {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "printed more than a secret"
  if (error.killed === true) return `did not end within ${COMMAND_TIME / 1000} seconds`
  return typeof error.code === "number" ? `ended with exit code ${error.code}` : `cannot be run (${String(error.code)})`
}
