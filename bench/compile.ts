/**
 * How the time that checking takes grows: `npm run bench:compile`.
 *
 * Two ratios, each of times measured in turn in this process, of which the median of the rounds counts, so that what else the
 * machine does weighs on both alike:
 *
 * - a workspace of 1,000 flows in 100 files against one of 500 flows in 50: linear is 2. Each file has ten flows with their role
 *   rules, imports the provider from a file of its own, and has some 1,000 lines;
 * - the analysis of one of those files after an edit of one line, in a workspace where all has been analysed, against the whole
 *   check. Each edit is another one, so that nothing of it is known before.
 *
 * @module
 */
import { checkWorkspace, createWorkspace, type Workspace } from "../compiler/index.ts"
import { fileOf, identity, median, regions } from "./flows.ts"

const ROUNDS = 5
const GROWTH_BOUND = 2.3
const EDIT_BOUND = 1 / 50
const uriOf = (file: number): string => `flows-${file}.authflow`

const workspaceOf = (files: number): { readonly workspace: Workspace; readonly uris: readonly string[] } => {
  const workspace = createWorkspace()
  workspace.open({ uri: "identity.authflow", text: identity })
  const uris = Array.from({ length: files }, (_, file) => uriOf(file))
  for (const [file, uri] of uris.entries()) workspace.open({ uri, text: fileOf(file) })
  return { workspace, uris: ["identity.authflow", ...uris] }
}

const timed = (work: () => number): number => {
  const start = process.hrtime.bigint()
  const problems = work()
  const took = Number(process.hrtime.bigint() - start) / 1e6
  // What is refused early would be measured wrongly.
  if (problems !== 0) throw new Error(`the workspace has ${problems} problems`)
  return took
}

/** Everything, from the texts on. */
const whole = (files: number): number =>
  timed(() => {
    const { workspace, uris } = workspaceOf(files)
    return checkWorkspace(workspace, [uris]).diagnostics.length
  })

whole(20) // what runs first also compiles the code
const times = { half: [] as number[], full: [] as number[], edit: [] as number[] }
const { workspace, uris } = workspaceOf(100)
checkWorkspace(workspace, [uris])
for (let round = 0; round < ROUNDS; round++) {
  times.half.push(whole(50))
  times.full.push(whole(100))
  const text = fileOf(round, regions[round % regions.length])
  times.edit.push(
    timed(() => {
      workspace.change({ uri: uriOf(round), text })
      return workspace.analyze(uriOf(round), { flows: "optional" })?.diagnostics.length ?? Number.NaN
    }),
  )
}

const lines = fileOf(0).split("\n").length
const [half, full, edit] = [median(times.half), median(times.full), median(times.edit)]
console.log(`${ROUNDS} rounds, in turn, node ${process.versions.node}; ${lines} lines a file; median milliseconds`)
console.log(`  500 flows in  50 files, from the texts   ${half.toFixed(1).padStart(9)}`)
console.log(`1,000 flows in 100 files, from the texts   ${full.toFixed(1).padStart(9)}`)
console.log(`one line of one file, all else known       ${edit.toFixed(1).padStart(9)}`)

const growth = full / half
const share = edit / full
const verdict = (within: boolean): string => (within ? "within the bound" : "OVER THE BOUND")
console.log(`growth ${growth.toFixed(2)}, bound ${GROWTH_BOUND}: ${verdict(growth <= GROWTH_BOUND)}`)
console.log(`edit 1/${(1 / share).toFixed(0)} of the whole, bound 1/${1 / EDIT_BOUND}: ${verdict(share <= EDIT_BOUND)}`)
// A ratio that is no number is no pass either.
if (!(growth <= GROWTH_BOUND && share <= EDIT_BOUND)) process.exitCode = 1
