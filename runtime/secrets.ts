/**
 * Where secret values come from. The plan names them, this looks them up, once, at start; they stay `Redacted` from here on.
 *
 * @module
 */
import { Context, Data, type Effect, type Redacted } from "effect"
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
>()("authflow/runtime/Secrets") {}
