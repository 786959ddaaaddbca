/**
 * From text to everything that is shown of it. The compiler's functions are pure: they run here as they do on a machine.
 *
 * @module
 */

import { runTests, type TestResult } from "../../compiler/analysis/evaluation.ts"
import { type GraphFormat, graphOf, renderers } from "../../compiler/analysis/graph/index.ts"
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts"
import { analyze, type Flow, type Lowered, type Program, type TargetName, targets } from "../../compiler/index.ts"
import { readExample } from "./examples.ts"

/** The name that the file has in the playground: nothing shows it but places in messages. */
export const URI = "playground.authflow"

export interface Compiled {
  readonly text: string
  readonly env: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Without one there is an error, or no flow. */
  readonly program: Program | undefined
  readonly environments: readonly string[]
  /** Parameters that were given no value: a sample of their type stands for them. */
  readonly sampled: readonly string[]
}

export const compile = (text: string, env: string | undefined): Compiled => {
  const known = analyze({ uri: URI, text }, {}, readExample).environments
  const chosen = env !== undefined && known.includes(env) ? env : undefined
  const options = {
    missingParams: "sample",
    flows: "optional",
    ...(chosen === undefined ? {} : { env: chosen }),
  } as const
  const { program, diagnostics, environments } = analyze({ uri: URI, text }, options, readExample)
  return {
    text,
    env: chosen,
    diagnostics,
    program,
    environments,
    sampled: program?.params.flatMap(({ name, value }) => (value.source === "sample" ? [name.value] : [])) ?? [],
  }
}

export const lower = (program: Program, target: TargetName): Lowered => targets[target].lower(program)

export const draw = (program: Program, flow: Flow | undefined, format: GraphFormat): string =>
  renderers[format](graphOf(program, flow?.name.value))

export const test = (program: Program): readonly TestResult[] => runTests(program, { now: Date.now() })
