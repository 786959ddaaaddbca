import { expect, it } from "vitest"
import { probeTable } from "../../cli/run/probe-table.ts"
import type { Outcome, ProbeSession } from "../../runtime/sandbox/probe/index.ts"

const roles = (expected: Outcome, got: Outcome, ok: boolean): string => {
  const session: ProbeSession = { flow: "aws", person: "guest", steps: [], expected, got, ok }
  const table = probeTable({ sessions: [session], ok }, false)
  return table.slice(table.indexOf("Roles")).split("\n")[1]?.trim() ?? ""
}

it("shows the reason that a caller was told where the file denies without one", () => {
  expect(roles({ deny: "" }, { deny: "no role for you" }, true)).toBe("ok      aws  guest  refused: no role for you")
})

it("says what differs", () => {
  expect(roles({ deny: "no role" }, { deny: "another" }, false)).toBe(
    "FAILED  aws  guest  got refused: another, the file says refused: no role",
  )
  expect(roles({ deny: "" }, { role: "r" }, false)).toBe("FAILED  aws  guest  got r, the file says refused")
})
