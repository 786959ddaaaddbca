/**
 * The examples, and which target runs each: the one table that all tests over examples go by.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs"
import type { Code, TargetName } from "../compiler/index.ts"

const folder = new URL("../examples/", import.meta.url)

/** The codes with which a target refuses an example; none where it runs it. */
type Refusals = Readonly<Record<TargetName, readonly Code[]>>

const RUNS: Refusals = { plan: [], toolhive: [] }

export const examples = {
  "aws-services": { plan: [], toolhive: ["AF0801", "AF0807", "AF0813", "AF0815", "AF1611"] },
  "decision-point": { plan: ["AF0891"], toolhive: [] },
  "entra-enterprise": { plan: [], toolhive: [] },
  "entra-obo": { plan: [], toolhive: ["AF0854"] },
  "exchange-chain": { plan: [], toolhive: ["AF0813", "AF0852", "AF1610", "AF1611", "AF1612"] },
  "external-oidc": RUNS,
  "github-login": RUNS,
  "id-jag": RUNS,
  "known-clients": { plan: [], toolhive: ["AF0801", "AF0813", "AF1550"] },
  "machine-callers": { plan: [], toolhive: ["AF0852", "AF0853", "AF1410", "AF1411"] },
  "opaque-tokens": RUNS,
  "static-header": RUNS,
  policies: { plan: ["AF0891"], toolhive: [] },
  "thv-0050": RUNS,
  "thv-0050-groups": { plan: [], toolhive: ["AF0801", "AF0803", "AF0813"] },
  "token-exchange": RUNS,
  "two-logins": { plan: [], toolhive: ["AF0801", "AF0807", "AF0853"] },
} as const satisfies Readonly<Record<string, Refusals>>

export type ExampleName = keyof typeof examples
export const exampleNames = Object.keys(examples) as readonly ExampleName[]

/** Those that the target runs, or those that it refuses. */
export const runBy = (target: TargetName): readonly ExampleName[] =>
  exampleNames.filter((name) => refusals(name, target).length === 0)
export const refusedBy = (target: TargetName): readonly ExampleName[] =>
  exampleNames.filter((name) => refusals(name, target).length > 0)

export const refusals = (name: ExampleName, target: TargetName): readonly Code[] => examples[name][target]

/**
 * What our own runtime runs and `authflow test` does not evaluate (AF1109): callers known by an API key, a certificate, an
 * account of the cluster, one of several issuers, or not at all. `given` says what one issuer's token says.
 */
const NOT_EVALUATED: readonly ExampleName[] = ["machine-callers"]
/** Those that have `test` blocks. */
export const testedHere: readonly ExampleName[] = runBy("plan").filter((name) => !NOT_EVALUATED.includes(name))

/** As the command line is given it, from the checkout's root. */
export const exampleUri = (name: ExampleName): string => `examples/${name}.authflow`
export const exampleText = (name: ExampleName): string => readFileSync(new URL(`${name}.authflow`, folder), "utf8")

/** What is in the folder, for the test that the table is complete. */
export const exampleFiles = (): readonly string[] => readdirSync(folder).filter((file) => file.endsWith(".authflow"))
