/**
 * How long a cold `authflow check` takes, as a multiple of the bare start of Node: `npm run bench:startup`.
 *
 * Both are started in turn, by the same node binary, with their output thrown away; the median of the rounds counts, so that
 * what else the machine does weighs on both alike. The compile cache is warm, as it is for every user, because the build
 * does the first start; what a start without it takes is shown too.
 *
 * @module
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const ROUNDS = 31
const BOUND = 5
const GOAL = 4

const root = fileURLToPath(new URL("..", import.meta.url))
const check = ["cli/launcher.js", "check", "examples/thv-0050.authflow"]

const contenders: Readonly<
  Record<string, { readonly args: readonly string[]; readonly env?: Record<string, string> }>
> = {
  "node -e 0": { args: ["-e", "0"] },
  "authflow check": { args: check },
  "authflow check, no cache": { args: check, env: { NODE_DISABLE_COMPILE_CACHE: "1" } },
}

/** Milliseconds from start to exit. A contender that fails would be measured wrongly, so it ends the benchmark. */
const time = (name: string, { args, env }: (typeof contenders)[string]): number => {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  })
  const took = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
  return took
}

const times = new Map(Object.keys(contenders).map((name): [string, number[]] => [name, []]))
for (const [name, contender] of Object.entries(contenders)) time(name, contender) // fills the file system's caches
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, contender] of Object.entries(contenders)) times.get(name)?.push(time(name, contender))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const bare = median(times.get("node -e 0") ?? [])
console.log(`${ROUNDS} rounds, in turn, node ${process.versions.node}; milliseconds`)
console.log(`${"".padEnd(26)}  median     min     max   ratio`)
const ratios = new Map<string, number>()
for (const [name, values] of times) {
  const ratio = median(values) / bare
  ratios.set(name, ratio)
  const cells = [median(values), Math.min(...values), Math.max(...values)].map((ms) => ms.toFixed(1).padStart(7))
  console.log(`${name.padEnd(26)} ${cells.join(" ")} ${ratio.toFixed(2).padStart(7)}`)
}
const verdict = (ratio = Number.NaN): string =>
  ratio <= GOAL ? "within the goal" : ratio <= BOUND ? "within the bound, over the goal" : "OVER THE BOUND"
const counted = ratios.get("authflow check") ?? Number.NaN
console.log(
  `bound ${BOUND}, goal ${GOAL}: ${verdict(counted)}; without the cache: ${verdict(ratios.get("authflow check, no cache"))}`,
)
// A ratio that is no number is no pass either.
if (!(counted <= BOUND)) process.exitCode = 1
