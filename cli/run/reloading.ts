/**
 * What makes a running proxy take its plan anew: SIGHUP, a changed secret or certificate, and with `--watch` a changed source.
 *
 * @module
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { changed, type Stamp, stampOf } from "../file-changes.ts"
import { FileRead } from "../read.ts"
import { say } from "../terminal.ts"
import type { Control, Serve } from "./serving.ts"

/** How often files are looked at, in milliseconds. */
const INTERVAL = 500

export interface Reloading<E> {
  /** The plan as the files have it now; what is wrong with them has been told when it fails. */
  readonly plan: Effect.Effect<unknown, E>
  /** Files that the plan in operation was made of. */
  readonly sources: readonly string[]
  /** Do changes of the sources count? */
  readonly watch: boolean
  readonly mode: Pick<Serve, "secrets" | "certificate">
}

/** Does SIGHUP mean a reload? On a terminal it means that the terminal has gone. */
export const hangupReloads = (): boolean => {
  const { isatty } = process.getBuiltinModule("node:tty")
  return ![0, 1, 2].some((descriptor) => isatty(descriptor))
}

/** Goes on until it is interrupted. A plan that does not compile or cannot run is told, and the one that runs goes on. */
export const reloading = Effect.fnUntraced(function* <E>(
  control: Control,
  { plan, sources, watch, mode }: Reloading<E>,
): Effect.fn.Return<never> {
  let read: readonly string[] = sources
  for (;;) {
    const files = [...secretFiles(mode.secrets.directory), ...certificateFiles(mode), ...(watch ? read : [])]
    const reason = yield* Effect.raceFirst(hangup, fileChange(files))
    const noted = new Set<string>()
    const next = yield* plan.pipe(
      Effect.map((value) => ({ value })),
      Effect.catch(() => Effect.succeed(undefined)),
      Effect.provideService(FileRead, (file) => noted.add(file)),
    )
    // A round that failed may not have come to all the files that the one before it read.
    read = next === undefined ? [...new Set([...read, ...noted])] : [...noted]
    const refused = next === undefined ? "the file has errors" : yield* Effect.promise(() => control.reload(next.value))
    yield* say(
      refused === undefined
        ? `${reason}: the plan was loaded anew`
        : `${reason}: the plan that runs goes on, since ${refused}`,
    )
  }
})

const hangup: Effect.Effect<string> = Effect.callback((resume) => {
  if (!hangupReloads()) return
  const onHangup = () => resume(Effect.succeed("SIGHUP"))
  process.once("SIGHUP", onHangup)
  return Effect.sync(() => process.removeListener("SIGHUP", onHangup))
})

const fileChange = (files: readonly string[]): Effect.Effect<string> =>
  files.length === 0
    ? Effect.never
    : Effect.map(
        changed(new Map<string, Stamp>(files.map((file) => [file, stampOf(file)])), INTERVAL),
        ([first, ...others]) => (others.length > 0 ? `${others.length + 1} files changed` : `${first} changed`),
      )

const certificateFiles = ({ certificate }: Pick<Serve, "certificate">): readonly string[] =>
  Object.values(certificate ?? {}).filter((file) => file !== undefined)

/** `DIR/NAME/KEY`; what Kubernetes keeps for itself beside them begins with two dots. */
const secretFiles = (directory: string | undefined): readonly string[] =>
  directory === undefined
    ? []
    : entries(directory).flatMap((name) => entries(join(directory, name)).map((key) => join(directory, name, key)))

const entries = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith(".."))
  } catch {
    return [] // no directory, or out of reach
  }
}
