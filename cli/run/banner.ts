/**
 * What `authflow run` says before the first request: where it listens, and in the sandbox what is stood in for, who can log
 * in, and what to give an MCP client.
 *
 * @module
 */
import type { Plan, RoleDecision } from "../../runtime/plan.ts"
import type { Person, Sandbox } from "../../runtime/sandbox/index.ts"
import type { Outcome } from "../../runtime/sandbox/probe/index.ts"
import { type Address, showAddress } from "./address.ts"
import { table } from "./table.ts"

/** The flows by name with their public URLs, and the addresses that listen for them. */
export const servingBanner = (
  plan: Plan,
  addresses: readonly Address[],
  { secure, admin, state }: { secure: boolean; admin: Address | undefined; state: string | undefined },
): string =>
  [
    `Listening on ${addresses.map((address) => urlOf(address, secure)).join(", ")} for`,
    table([
      ...plan.flows.map(({ name, resource }) => [name, resource]),
      ...plan.servers.map(({ name, issuer }) => [name, issuer]),
    ]),
    ...(secure ? [] : ["Public https URLs need TLS that ends in front of this address and passes the Host header on."]),
    ...(admin ? [`/metrics, /healthz and /readyz are on ${urlOf(admin, false)}.`] : []),
    ...stateLines(plan, state),
    "Ctrl-C drains and ends.",
    "",
  ].join("\n")

/** Where logins are kept, because who loses that place logs everybody out, and who reads it should not. */
const stateLines = ({ servers }: Plan, directory: string | undefined): readonly string[] => {
  const here = servers.filter(({ storage }) => storage === undefined)
  const redis = servers.length > here.length ? ["Logins and tokens are kept in Redis."] : []
  if (here.length === 0) return redis
  const whose = redis.length > 0 ? ` of ${here.map(({ name }) => name).join(", ")}` : ""
  const where = directory === undefined ? "in memory, and end with this process" : `in ${directory}`
  return [...redis, `Logins and tokens${whose} are kept ${where}.`]
}

const urlOf = (address: Address, secure: boolean): string => `${secure ? "https" : "http"}://${showAddress(address)}`

/** Everything somebody needs to try the sandbox. */
export const sandboxBanner = ({ plan, people, standIns }: Sandbox): string =>
  [
    "Sandbox: what is listed here stands in for the real thing, on this machine only.",
    table(standIns.map(({ what, by }) => [what, by === "generated" ? "a generated value" : by])),
    "",
    "People who can log in (choose one on the login page)",
    table(people.map((person) => [person.id, person.about, expectations(person)])),
    "",
    "MCP endpoints",
    table(plan.flows.map(({ name, resource }) => [name, resource])),
    "",
    "For an MCP client that reads a JSON configuration:",
    indented(JSON.stringify({ mcpServers: servers(plan) }, null, 2)),
    "For one with a command line:",
    ...plan.flows.map(({ name, resource }) => `  claude mcp add --transport http ${name} ${resource}`),
    "",
    "Ctrl-C drains and ends. Each request's way through the stages follows on stdout.",
    "",
  ].join("\n")

const servers = (plan: Plan) =>
  Object.fromEntries(plan.flows.map(({ name, resource }) => [name, { type: "http", url: resource }]))

const expectations = ({ expects }: Person): string => {
  const decisions = Object.entries(expects)
  return decisions
    .map(([flow, decision]) => `${decisions.length > 1 ? `${flow}: ` : ""}${showDecision(decision)}`)
    .join("; ")
}

/** `arn:aws:iam::…:role/mcp-admin`, or `refused: no group of yours has a role here`. */
export const showDecision = (decision: RoleDecision | Outcome): string => {
  if ("role" in decision) return decision.role
  return "shown" in decision ? decision.shown : `refused${decision.deny === "" ? "" : `: ${decision.deny}`}`
}

const indented = (text: string): string => text.replace(/^/gm, "  ")
