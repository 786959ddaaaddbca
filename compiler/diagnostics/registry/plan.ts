/**
 * AF089x: what authflow's own runtime cannot run yet.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { SOUND } from "./example.ts"

export const plan = {
  AF0891: entry<{ readonly construct: string }>({
    severity: "error",
    title: "authflow's own runtime cannot run this yet",
    message: ({ construct }) => `authflow's own runtime has no \`${construct}\` yet`,
    explanation:
      "What the runtime cannot do yet is checked all the same, and lowered to targets that have it. Left out of the plan, it would be silently missing: a request would arrive with no credential, a person would not be asked to log in where the file says so.",
    remedy: "Compile the file for ToolHive: `authflow compile --target toolhive`.",
    example: {
      target: "plan",
      good: SOUND,
      bad: SOUND.replace(
        "  exchange aws",
        () => "  limit tool_calls { shared = { calls: 100, per: 1m } }\n  exchange aws",
      ),
    },
  }),
} as const
