/**
 * `--validate-with DIR`: checks what was compiled against the CustomResourceDefinitions of a cluster, as its API server would.
 *
 * @module
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Artifact } from "../compiler/index.ts"
import { EnvironmentFault, Rejected } from "./exit-codes.ts"
import { readSource, reason } from "./read.ts"
import { say } from "./terminal.ts"

/** Fails with Rejected, after saying why, when the API server would refuse an artifact. */
export const validateWith = Effect.fnUntraced(function* (directory: string, artifacts: readonly Artifact[]) {
  const { parse, validate } = yield* Effect.promise(() => import("../compiler/targets/toolhive/crd/index.ts"))
  const sources = yield* Effect.forEach(yield* definitionFiles(directory), readSource)
  const crds = parse(sources.map(({ uri, text }) => ({ path: uri, text })))
  for (const { document, message } of crds.findings) {
    return yield* new EnvironmentFault({ message: `${document} is no definition: ${message}` })
  }
  const resources = parse(artifacts)
  const findings = [...resources.findings, ...validate(crds.documents, resources.documents)]
  if (findings.length === 0) return
  const lines = findings.map(
    ({ document, path, message, rule }) =>
      `${document}${path === "" ? "" : `: ${path}`}: ${message}${rule === undefined ? "" : `\n  rule: ${rule}`}`,
  )
  yield* say([...lines, `the definitions in ${directory} refuse this`].join("\n"))
  return yield* new Rejected()
})

const definitionFiles = (directory: string): Effect.Effect<readonly string[], EnvironmentFault> =>
  Effect.flatMap(
    Effect.try({
      try: () => readdirSync(directory).filter((name) => /\.(ya?ml|json)$/.test(name)),
      catch: (error) => new EnvironmentFault({ message: `cannot read ${directory}: ${reason(error)}` }),
    }),
    (names) =>
      names.length > 0
        ? Effect.succeed(names.toSorted().map((name) => join(directory, name)))
        : Effect.fail(new EnvironmentFault({ message: `${directory} holds no YAML files` })),
  )
