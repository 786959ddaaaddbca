/**
 * Why an authorization server of the plan cannot start. Each names the server and says in one sentence what to change.
 *
 * An upstream provider that cannot be reached is not here: it may come back, so it is answered per login, with 503.
 *
 * @module
 */
import { Data } from "effect"
import type { SecretRef } from "../plan.ts"
import type { SecretMissing } from "../secrets.ts"

/** A signing key is not a usable private key, is too weak, or is given twice. `reason` never holds key material. */
export class SigningKeyUnusable extends Data.TaggedError("SigningKeyUnusable")<{
  readonly server: string
  readonly ref: SecretRef
  readonly reason: string
}> {
  override get message() {
    return `the signing key ${this.ref.name}/${this.ref.key} of ${this.server} cannot be used: ${this.reason}`
  }
}

/** The plan names no signing keys, and ephemeral ones are for the sandbox only. */
export class SigningKeysMissing extends Data.TaggedError("SigningKeysMissing")<{
  readonly server: string
  readonly reason: string
}> {
  override get message() {
    return `${this.server} has no signing keys: ${this.reason}`
  }
}

/** The server's part of the plan cannot be run as it stands. */
export class AuthServerMisconfigured extends Data.TaggedError("AuthServerMisconfigured")<{
  readonly server: string
  readonly reason: string
}> {
  override get message() {
    return `${this.server} cannot run: ${this.reason}`
  }
}

/** State cannot be kept where it should be. `place`: a file, or a Redis; `detail` says what is wrong and how to mend it. */
export class StateUnusable extends Data.TaggedError("StateUnusable")<{
  readonly place: string
  readonly detail: string
}> {
  override get message() {
    return `cannot keep state in ${this.place}: ${this.detail}`
  }
}

export type StartFailure =
  | SigningKeyUnusable
  | SigningKeysMissing
  | AuthServerMisconfigured
  | StateUnusable
  | SecretMissing
