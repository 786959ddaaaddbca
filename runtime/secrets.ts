/**
 * Where secret values come from. The plan names them, this looks them up, once, at start; they stay `Redacted` from here on.
 *
 * @module
 */
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
  /** From the environment first, then, when there is one, from a directory. */
  static readonly layer = (from: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly directory?: string
  }): Layer.Layer<Secrets> =>
    Layer.sync(Secrets, () => {
      const environment = fromEnvironment(from.env)
      if (from.directory === undefined) return Secrets.of({ get: environment })
      const directory = fromDirectory(from.directory)
      return Secrets.of({
        get: (ref) =>
          environment(ref).pipe(
            Effect.catch((first) =>
              Effect.mapError(
                directory(ref),
                (second) => new SecretMissing({ ref, looked: [...first.looked, ...second.looked] }),
              ),
            ),
          ),
      })
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
