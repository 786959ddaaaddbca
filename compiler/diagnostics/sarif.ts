/**
 * Diagnostics for code scanning: SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format). Section numbers are those of
 * its specification.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { lineStarts, positionAt } from "../source/lines.ts"
import type { Source } from "../source/source.ts"
import type { Diagnostic, Fix } from "./diagnostic.ts"
import { type Code, registry } from "./registry/index.ts"

export interface SarifOptions {
  /** Version of authflow. */
  readonly version: string
  /** Absolute URL of the page of all diagnostics, when it is known; a code's entry is at `#af0101`. */
  readonly docs?: string
}

/** The schema that the log says it follows. */
const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

/** One log with one run; its rules are those that have a result. Places in a file that is not among the sources are at 1:1. */
export const renderSarif = (
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
  { version, docs }: SarifOptions,
): string => {
  const files = new Map(sources.map((source) => [source.uri, { ...source, starts: lineStarts(source.text) }]))
  const used = [...new Set(diagnostics.map(({ code }) => code))].sort()

  const region = (uri: string, span: Span) => {
    const starts = files.get(uri)?.starts ?? [0]
    const known = files.has(uri) ? span : { start: 0, end: 0 }
    const start = positionAt(starts, known.start)
    const end = positionAt(starts, known.end)
    return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column }
  }
  const location = (uri: string, span: Span) => ({
    physicalLocation: { artifactLocation: { uri: uriOf(uri) }, region: region(uri, span) },
  })
  const fixOf = ({ title, edits }: Fix) => ({
    description: { text: sentence(title) },
    artifactChanges: [...new Set(edits.map(({ uri }) => uri))].map((uri) => ({
      artifactLocation: { uri: uriOf(uri) },
      replacements: edits
        .filter((edit) => edit.uri === uri)
        .map(({ span, text }) => ({ deletedRegion: region(uri, span), insertedContent: { text } })),
    })),
  })
  const fingerprint = fingerprints((uri, { start }) => {
    const file = files.get(uri)
    if (file === undefined) return ""
    const { line } = positionAt(file.starts, start)
    return file.text.slice(file.starts[line - 1], file.starts[line]).trim()
  })

  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "authflow", version, rules: used.map((code) => ruleOf(code, docs)) } },
        artifacts: sources.map(({ uri }) => ({ location: { uri: uriOf(uri) }, roles: ["analysisTarget"] })),
        // Section 3.14.17 and 3.14.18: how columns are counted, and where lines end, in every region of the run.
        columnKind: "utf16CodeUnits",
        newlineSequences: ["\r\n", "\n", "\r"],
        results: diagnostics.map((diagnostic) => {
          const { code, severity, message, uri, span, notes, related, fix } = diagnostic
          return {
            ruleId: code,
            ruleIndex: used.indexOf(code),
            level: severity,
            message: { text: escaped([message, ...notes].map(sentence).join("\n")) },
            locations: [location(uri, span)],
            ...(related.length > 0 && {
              relatedLocations: related.map((each, index) => ({
                id: index + 1,
                ...location(each.uri, each.span),
                message: { text: escaped(sentence(each.message)) },
              })),
            }),
            partialFingerprints: { "authflow/v1": fingerprint(diagnostic) },
            ...(fix && { fixes: [fixOf(fix)] }),
          }
        }),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const ruleOf = (code: Code, docs: string | undefined) => {
  const { title, severity, explanation, remedy } = registry[code]
  return {
    id: code,
    shortDescription: { text: sentence(title) },
    fullDescription: { text: explanation },
    help: {
      text: `${explanation}\n\n${remedy}`,
      markdown: `${explanation}\n\n**What to do:** ${remedy}\n\n\`authflow explain ${code}\` shows an example.`,
    },
    ...(docs !== undefined && { helpUri: `${docs}#${code.toLowerCase()}` }),
    defaultConfiguration: { level: severity },
  }
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

/** Section 3.11.5: braces in a result's message are doubled, since `{0}` stands for an argument. */
const escaped = (text: string): string => text.replaceAll(/[{}]/g, "$&$&")

/** Section 3.4.3: a URI reference (RFC 3986). Paths stay relative when they were; consumers resolve them at the root of the repository. */
const uriOf = (file: string): string => {
  const path = file.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "")
  // A colon in the first segment would be the end of a scheme.
  const encoded = path.split("/").map(encodeURIComponent).join("/")
  if (/^[A-Za-z]:\//.test(path)) return `file:///${encoded.replace("%3A", ":")}`
  return path.startsWith("/") ? `file://${encoded}` : encoded
}

/**
 * What a problem is known by from one commit to the next (section 3.27.17): its code, the line's text and how many like it come
 * before it in the file, but no line number, so that a line added above changes nothing.
 */
const fingerprints = (lineOf: (uri: string, span: Span) => string): ((diagnostic: Diagnostic) => string) => {
  const seen = new Map<string, number>()
  return ({ code, uri, span }) => {
    const what = `${code}\n${lineOf(uri, span)}`
    const count = seen.get(`${uri}\n${what}`) ?? 0
    seen.set(`${uri}\n${what}`, count + 1)
    return fnv1a(`${what}\n${count}`)
  }
}

/** FNV-1a, 64 bits, over UTF-16 code units, as 16 hexadecimal digits. Tells texts apart; no protection against an adversary. */
const fnv1a = (text: string): string => {
  let hash = 0xcbf29ce484222325n
  for (let at = 0; at < text.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, "0")
}
