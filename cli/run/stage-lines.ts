/**
 * The live account of requests: one line a stage.
 *
 * @module
 */
import type { Entry } from "../../runtime/journal.ts"

/** How the account is written. */
export type LogFormat = "text" | "json"

/** Columns that a name is padded to; they grow with the names seen, so that later lines stay aligned. */
interface Columns {
  flow: number
  stage: number
}

const marks: Readonly<Record<Entry["outcome"], string>> = { ok: "ok     ", refused: "refused", failed: "failed " }
const colours: Readonly<Record<Entry["outcome"], number>> = { ok: 32, refused: 33, failed: 31 }

/**
 * Makes the function that turns entries into lines, each with its line break. Text is for people: local time, a stage a
 * line, a short request id to tell requests apart. JSON is the entry as it is.
 */
export const stageLines = (format: LogFormat, color: boolean): ((entry: Entry) => string) => {
  if (format === "json") return (entry) => `${JSON.stringify(entry)}\n`
  const columns: Columns = { flow: 8, stage: 16 }
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[39m` : text)
  const dim = (text: string) => (color ? `\u001b[2m${text}\u001b[22m` : text)
  return ({ time, request, flow, stage, outcome, summary, ms }) => {
    columns.flow = Math.max(columns.flow, flow.length)
    columns.stage = Math.max(columns.stage, stage.length)
    return [
      dim(clock(time)),
      dim(printable(request).slice(0, 8).padEnd(8)),
      printable(flow).padEnd(columns.flow),
      printable(stage).padEnd(columns.stage),
      paint(colours[outcome], marks[outcome]),
      dim(duration(ms).padStart(7)),
      ` ${printable(summary)}\n`,
    ].join(" ")
  }
}

/** `14:03:07.125`, in the time of the machine. */
const clock = (iso: string): string => {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, "0")
  const milliseconds = String(at.getMilliseconds()).padStart(3, "0")
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`
}

const duration = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)}ms` : ms < 10_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 1000)}s`

/** Control characters could move the cursor or forge lines: parts of a summary come from callers. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
