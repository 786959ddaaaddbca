/**
 * AF089x: what authflow's own runtime cannot run yet.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { SOUND } from "./example.ts"

const EXCHANGE = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  forward"))

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
        EXCHANGE,
        () => `  exchange obo {
    subject       = corp.access_token
    tenant        = "example.onmicrosoft.com"
    client_id     = "mcp-gateway"
    client_secret = secret("corp-idp", key: "client-secret")
    scopes        = ["api://orders/.default"]
  }
`,
      ),
    },
  }),
} as const
