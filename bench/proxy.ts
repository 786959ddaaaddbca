/**
 * What the full chain costs a request, against a bare pass-through: `npm run bench:proxy`.
 *
 * The chain is the runtime's own: a JWT verified, AWS credentials kept, SigV4 over the body, forwarded. The peer is Node's
 * server with undici's pool behind it and nothing between. Each is a process of its own with the same upstream, everything is on
 * loopback, and the load (autocannon) comes from this process. Contenders run in turn, round after round, and medians count, so
 * that what else the machine does weighs on all alike. A chain made of jose and @smithy/signature-v4 is shown for comparison.
 *
 * - throughput: requests a second at 32 connections with bodies of 1 KB, as a part of the pass-through's;
 * - latency: 99th percentile at half of the chain's peak, as a multiple of the pass-through's at the same load;
 * - memory: an answer of 1 GB in constant memory; with `--soak MINUTES`, resident memory under half of the peak load.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { parseArgs } from "node:util"
import autocannon from "autocannon"

const THROUGHPUT_GOAL = 0.7
const LATENCY_BOUND = 2
/** Resident memory that a streamed gigabyte may add, in bytes: some rounds of the collector, and no copy of it. */
const STREAM_BOUND = 150 * 2 ** 20
const CONNECTIONS = 32
const BODY = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { text: "y".repeat(960) } })

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    soak: { type: "string", default: "0" },
  },
})
const rounds = Number(given.rounds)
const seconds = Number(given.seconds)

interface Ready {
  readonly port: number
  readonly headers: Record<string, string>
}

interface Contender extends Ready {
  readonly name: string
  readonly child: ChildProcess
}

const children: ChildProcess[] = []
const begin = async (file: string, upstream = ""): Promise<Ready & { readonly child: ChildProcess }> => {
  const child = fork(new URL(`proxy/${file}.ts`, import.meta.url), {
    env: { ...process.env, UPSTREAM: upstream },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  children.push(child)
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)))
  const [ready] = (await Promise.race([once(child, "message"), ended])) as [Ready]
  ended.catch(() => {})
  return { ...ready, child }
}

/** Resident memory of another process in bytes, where the system tells. */
const resident = ({ pid }: ChildProcess): number => {
  const [, kilobytes = "NaN"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kilobytes) * 1024
}

/** Processor time of another process so far in microseconds, where the system tells; its ticks are hundredths of a second. */
const processorTime = ({ pid }: ChildProcess): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** A contender that refuses would be measured wrongly, so it ends the benchmark. */
const load = async (
  { name, port, headers }: Contender,
  duration: number,
  rate?: number,
): Promise<autocannon.Result> => {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/mcp`,
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: BODY,
    connections: CONNECTIONS,
    duration,
    ...(rate !== undefined && { overallRate: rate }),
  })
  if (result.non2xx + result.errors > 0) {
    throw new Error(`${name}: ${result.non2xx} answers were no 200, ${result.errors} requests failed`)
  }
  return result
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const stream = ({ port, headers, child }: Contender, bytes: number): Promise<{ got: number; grew: number }> =>
  new Promise((resolve, reject) => {
    const before = resident(child)
    let most = before
    let got = 0
    const watch = setInterval(() => {
      most = Math.max(most, resident(child))
    }, 20)
    request({ host: "127.0.0.1", port, path: `/mcp/stream/${bytes}`, headers, agent: false }, (response) => {
      response.on("data", (chunk: Buffer) => {
        got += chunk.length
      })
      response.on("close", () => {
        clearInterval(watch)
        resolve({ got, grew: most - before })
      })
    })
      .on("error", reject)
      .end()
  })

try {
  const upstream = await begin("upstream")
  const origin = `http://127.0.0.1:${upstream.port}`
  const contend = async (name: string, file: string): Promise<Contender> => ({ name, ...(await begin(file, origin)) })
  const peer = await contend("pass-through", "pass-through")
  const naive = await contend("naive chain", "naive-chain")
  const chain = await contend("authflow", "full-chain")
  const contenders = [peer, naive, chain]

  console.log(
    `node ${process.versions.node}, ${rounds} rounds in turn of ${seconds} s, ${CONNECTIONS} connections, 1 KB bodies`,
  )
  const rates = new Map<Contender, number[]>(contenders.map((each) => [each, []]))
  const costs = new Map<Contender, number[]>(contenders.map((each) => [each, []]))
  for (const each of contenders) await load(each, 3)
  for (let round = 0; round < rounds; round++) {
    for (const each of contenders) {
      const before = processorTime(each.child)
      const { requests } = await load(each, seconds)
      rates.get(each)?.push(requests.average)
      costs.get(each)?.push((processorTime(each.child) - before) / requests.total)
    }
  }
  const rateOf = (each: Contender) => median(rates.get(each) ?? [])
  const part = (each: Contender) => rateOf(each) / rateOf(peer)
  const costOf = (each: Contender) => median(costs.get(each) ?? [])
  console.log(
    `${"".padEnd(14)} requests/s   part of the pass-through's   processor time a request   the pass-through's part of it`,
  )
  for (const each of contenders) {
    const [rate, cost] = [rateOf(each).toFixed(0), `${costOf(each).toFixed(0)} us`]
    const shares = [part(each).toFixed(2).padEnd(26), cost.padStart(24), (costOf(peer) / costOf(each)).toFixed(2)]
    console.log(`${each.name.padEnd(14)} ${rate.padStart(10)}   ${shares.join("   ")}`)
  }

  const half = Math.round(rateOf(chain) / 2)
  const tails = new Map<Contender, number[]>([peer, chain].map((each) => [each, []]))
  for (let round = 0; round < rounds; round++) {
    for (const each of [peer, chain]) tails.get(each)?.push((await load(each, seconds, half)).latency.p99)
  }
  const tailOf = (each: Contender) => median(tails.get(each) ?? [])
  // autocannon counts whole milliseconds.
  const tail = Math.max(tailOf(chain), 1) / Math.max(tailOf(peer), 1)
  console.log(
    `p99 at ${half} requests/s: pass-through ${tailOf(peer)} ms, authflow ${tailOf(chain)} ms, ratio ${tail.toFixed(2)}`,
  )

  const gigabyte = 2 ** 30
  const { got, grew } = await stream(chain, gigabyte)
  if (got !== gigabyte) throw new Error(`of a streamed gigabyte ${got} bytes came`)
  console.log(`1 GB streamed: resident memory grew by ${(grew / 2 ** 20).toFixed(0)} MB at most`)

  const minutes = Number(given.soak)
  const grown: number[] = []
  for (let minute = 0; minute <= minutes && minutes > 0; minute++) {
    await load(chain, 60, half)
    grown.push(resident(chain.child))
    console.log(`soak, minute ${minute + 1}: ${(resident(chain.child) / 2 ** 20).toFixed(0)} MB resident`)
  }

  const verdicts = [
    [`throughput ${part(chain).toFixed(2)}, goal ${THROUGHPUT_GOAL}`, part(chain) >= THROUGHPUT_GOAL],
    [`p99 ${tail.toFixed(2)}, bound ${LATENCY_BOUND}`, tail <= LATENCY_BOUND],
    [`streaming ${(grew / 2 ** 20).toFixed(0)} MB, bound ${STREAM_BOUND / 2 ** 20} MB`, grew <= STREAM_BOUND],
  ] as const
  for (const [text, held] of verdicts) console.log(`${held ? "held" : "NOT HELD"}: ${text}`)
  if (!verdicts.every(([, held]) => held)) process.exitCode = 1
} finally {
  for (const child of children) child.kill()
}
