/**
 * What a signature costs: `npm run bench:sign`. Ours against the SDK's signer, aws4 and aws4fetch, in one process, in turn, each
 * over the same request with a body of 1 KB; medians of the rounds count.
 *
 * Ours keeps the signing key of a day, as the SDK's does; the other two derive it each time or keep it too, by their own rules.
 *
 * @module
 */
import { hash } from "node:crypto"
import { rulesOf, sigv4 } from "../runtime/signing/sigv4.ts"
import { byAws4, byAws4fetch, type Case, HOST, smithy } from "../test/runtime/sigv4-signers.ts"

const ROUNDS = 15
const SIGNATURES = 500

const request: Case = {
  method: "POST",
  path: "/mcp",
  query: [],
  headers: [
    ["content-type", "application/json"],
    ["accept", "application/json, text/event-stream"],
    ["mcp-protocol-version", "2025-11-25"],
    ["mcp-session-id", "0f8fad5b-d9cb-469f-a165-70867728950e"],
  ],
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { text: "y".repeat(960) } }),
  service: "aws-mcp",
  region: "us-east-1",
  date: new Date(),
  credentials: { accessKeyId: "ASIAEXAMPLEEXAMPLE00", secretAccessKey: "s".repeat(40), sessionToken: "t".repeat(800) },
}

const sign = sigv4({ service: request.service, region: request.region, ...rulesOf(request.service) })
const ours = (given: Case): string => {
  const headers = [["host", HOST] as const, ...given.headers]
  const unsigned = { method: given.method, target: given.path, headers }
  return sign(unsigned, hash("sha256", given.body), given.credentials, given.date)?.signature ?? ""
}

const contenders: Readonly<Record<string, (given: Case) => string | Promise<string>>> = {
  authflow: ours,
  "@smithy/signature-v4": smithy,
  aws4: byAws4,
  aws4fetch: byAws4fetch,
}

/** Microseconds a signature. One that is wrong would be measured wrongly, so it ends the benchmark. */
const time = async (name: string, signer: (given: Case) => string | Promise<string>): Promise<number> => {
  const start = process.hrtime.bigint()
  for (let n = 0; n < SIGNATURES; n++) await signer(request)
  const took = Number(process.hrtime.bigint() - start) / 1e3 / SIGNATURES
  if ((await signer(request)) !== ours(request)) throw new Error(`${name} signs otherwise`)
  return took
}

const times = new Map(Object.keys(contenders).map((name): [string, number[]] => [name, []]))
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, signer] of Object.entries(contenders)) {
    const took = await time(name, signer)
    if (round >= 0) times.get(name)?.push(took)
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const own = median(times.get("authflow") ?? [])
console.log(
  `${ROUNDS} rounds of ${SIGNATURES} signatures in turn, node ${process.versions.node}; microseconds a signature`,
)
for (const [name, values] of times) {
  const took = median(values)
  console.log(`${name.padEnd(22)} ${took.toFixed(1).padStart(7)}   ${(took / own).toFixed(2).padStart(6)} times ours`)
}
if (!(own < median(times.get("@smithy/signature-v4") ?? []))) process.exitCode = 1
