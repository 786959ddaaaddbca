/**
 * What is known of a diagnostic code, in one place: its title and message, why it exists, an example, the way out.
 *
 * @module
 */
import type { Severity } from "../diagnostic.ts"

/**
 * Two whole .authflow files: `bad` gives exactly this code, `good` nothing. The tests compile both. For `import` they are
 * manifests.
 */
export interface Example {
  readonly bad: string
  readonly good: string
  /** Values for the parameters of `bad`, as on the command line; a parameter without one is then an error. */
  readonly params?: Readonly<Record<string, string>>
  /** The environment the example is compiled for. */
  readonly env?: string
  /** Other files, which these import; this one is `example.authflow`. */
  readonly files?: Readonly<Record<string, string>>
  /** The target the example is compiled for, when it is the target that refuses. */
  readonly target?: "plan" | "toolhive"
  /** The command that reports it, when it is not one that reads .authflow. */
  readonly command?: "import"
}

/** `Args` are what the message template needs; a wrong set does not type-check where it is reported. */
export interface Entry<Args> {
  readonly severity: Severity
  /** A few words, the same for every occurrence. */
  readonly title: string
  /** One sentence on this occurrence, without a full stop. */
  readonly message: (args: Args) => string
  /** Why it is refused, in plain words, for somebody who has not opened the manual. */
  readonly explanation: string
  /** How to fix it. */
  readonly remedy: string
  /** Absent only where no file can show it (one that cannot be read). */
  readonly example?: Example
}

/** Declares one code. The arguments' type is inferred from the message template. */
export const entry = <Args = Record<never, never>>(declared: Entry<Args>): Entry<Args> => declared
