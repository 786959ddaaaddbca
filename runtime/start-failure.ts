/**
 * Why the runtime does not start. All of it is the operator's to mend, so every message says where and what.
 *
 * @module
 */
import { Data } from "effect"
import type { StartFailure as AuthServerFailure } from "./auth-server/start-failure.ts"
import type { SecretMissing } from "./secrets.ts"

/** The plan's JSON is not a plan this runtime reads: not JSON, another version, or another shape. */
export class PlanInvalid extends Data.TaggedError("PlanInvalid")<{
  /** Where in the plan, as `flows[0].stages[2].region`; empty for the whole. */
  readonly path: string
  readonly detail: string
}> {
  override get message() {
    return this.path === "" ? this.detail : `${this.path}: ${this.detail}`
  }
}

/** The plan is well formed and cannot run: its stages do not compose, a rule does not compile, names are not declared. */
export class PlanUnusable extends Data.TaggedError("PlanUnusable")<{ readonly path: string; readonly detail: string }> {
  override get message() {
    return this.path === "" ? this.detail : `${this.path}: ${this.detail}`
  }
}

/** Secrets that the plan names and nobody has: all of them, not only the first. */
export class SecretsMissing extends Data.TaggedError("SecretsMissing")<{ readonly missing: readonly SecretMissing[] }> {
  override get message() {
    return `missing secrets: ${this.missing
      .map(({ ref, looked }) => `${ref.name}/${ref.key} (looked in ${looked.join(", ") || "nothing"})`)
      .join("; ")}`
  }
}

/** An address that cannot be, or by policy is not, listened on. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{
  readonly host: string
  readonly port: number
  readonly detail: string
}> {
  override get message() {
    return `cannot listen on ${this.host}:${this.port}: ${this.detail}`
  }
}

/** The certificate for TLS cannot be read, or is not one. */
export class CertificateUnusable extends Data.TaggedError("CertificateUnusable")<{ readonly detail: string }> {
  override get message() {
    return `the certificate for TLS: ${this.detail}`
  }
}

/** The file of the audit log cannot be opened. Without a log that was asked for nobody is served. */
export class AuditUnwritable extends Data.TaggedError("AuditUnwritable")<{
  readonly path: string
  readonly detail: string
}> {
  override get message() {
    return `cannot write the audit log ${this.path}: ${this.detail}`
  }
}

export type StartFailure =
  | PlanInvalid
  | PlanUnusable
  | SecretsMissing
  | ListenFailed
  | CertificateUnusable
  | AuditUnwritable
  | AuthServerFailure
