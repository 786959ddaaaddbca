/**
 * How a command ends: the exit codes, and the failures that lead to them.
 *
 * @module
 */
import * as Data from "effect/Data"

export const exitCodes = {
  /** All is well. */
  clean: 0,
  /** The work was done and the answer is no: diagnostics of severity error, a probe that failed, files not formatted. */
  rejected: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The machine or authflow itself: a file that cannot be read, a port in use, a missing secret, a bug. */
  environment: 3,
  /** Stopped by a second Ctrl-C without waiting: 128 + the signal, as shells count. */
  interrupted: 130,
  /** The same for SIGTERM and SIGHUP. */
  terminated: 143,
} as const

/** The answer is no, and what there was to say is said. */
export class Rejected extends Data.TaggedError("Rejected")<object> {}

/** The arguments make no sense together, which the parser of the command line cannot know. One sentence, no full stop. */
export class UsageFault extends Data.TaggedError("UsageFault")<{ readonly message: string }> {}

/** Something outside of the file is in the way. One sentence without a full stop, and what to do about it. */
export class EnvironmentFault extends Data.TaggedError("EnvironmentFault")<{
  readonly message: string
  readonly hint?: string
}> {}

/** A file cannot be read, and a diagnostic has said so. */
export class Unreadable extends Data.TaggedError("Unreadable")<object> {}
