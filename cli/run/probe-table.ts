/**
 * What `authflow run --probe` found, for people and for machines.
 *
 * @module
 */
import type { ProbeReport, ProbeSession } from "../../runtime/sandbox/probe/index.ts"
import { showDecision } from "./banner.ts"
import { table } from "./table.ts"

/** A block for each session with a line a step, then a line a person with the role got, then the verdict. */
export const probeTable = ({ sessions, ok }: ProbeReport, color: boolean): string => {
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[39m` : text)
  const mark = (good: boolean) => (good ? paint(32, "ok    ") : paint(31, "FAILED"))
  const failed = sessions.filter((session) => !session.ok).length
  return [
    ...sessions.map(
      ({ flow, person, steps }) =>
        `${flow} as ${person}\n${table(steps.map((step) => [mark(step.ok), step.name, step.detail]))}\n`,
    ),
    "Roles",
    table(sessions.map((session) => [mark(session.ok), session.flow, session.person, outcome(session)])),
    "",
    ok ? `All ${sessions.length} sessions went as the file says.` : verdict(failed, sessions.length),
    "",
  ].join("\n")
}

const verdict = (failed: number, total: number): string =>
  failed > 0 ? `${failed} of ${total} sessions did not go as the file says.` : "Nothing was tried."

const outcome = ({ expected, got }: ProbeSession): string => {
  const seen = got === undefined ? "nothing" : showDecision(got)
  if (expected === undefined) return seen
  // A bare `deny` gives no reason of its own: whatever reason the proxy gave is what the file says.
  const asSaid = got !== undefined && "deny" in got && "deny" in expected && expected.deny === ""
  const wanted = showDecision(expected)
  return asSaid || wanted === seen ? seen : `got ${seen}, the file says ${wanted}`
}
