/**
 * The CEL environment of the API server's validation rules: the standard library and Kubernetes' own extensions
 * (https://kubernetes.io/docs/reference/using-api/cel/): strings, lists, sets, regular expressions, URLs. What is not here
 * (quantities, IP addresses, formats, semantic versions) does not evaluate, and a rule that does not evaluate is a finding.
 *
 * @module
 */
import { type ASTNode, Environment, serialize } from "@marcbachmann/cel-js"
import { goPattern } from "./go-pattern.ts"

/** A parsed URL. */
class UrlValue {
  readonly url: URL
  readonly text: string
  constructor(text: string) {
    this.url = new URL(text)
    this.text = text
  }
}

type Value = unknown
type List = readonly Value[]

const plain = (value: Value): string =>
  typeof value === "bigint" ? `${value}n` : JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}n` : v))
const equal = (a: Value, b: Value): boolean => plain(a) === plain(b)
const includes = (list: List, value: Value): boolean => list.some((each) => equal(each, value))

const compare = (a: Value, b: Value): number => {
  if (typeof a === "string" && typeof b === "string") {
    const [left, right] = [[...a], [...b]].map((each) => each.map((char) => char.codePointAt(0) ?? 0))
    const at = (left ?? []).findIndex((code, i) => code !== right?.[i])
    return at === -1 ? (left?.length ?? 0) - (right?.length ?? 0) : (left?.[at] ?? 0) - (right?.[at] ?? -1)
  }
  const [left, right] = [Number(a), Number(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

const extreme = (list: List, sign: 1 | -1): Value => {
  if (list.length === 0) throw new RangeError("min and max need a list that is not empty")
  return list.reduce((best, each) => (Math.sign(compare(each, best)) === sign ? each : best))
}

const sum = (list: List): Value =>
  list.every((each) => typeof each === "bigint")
    ? list.reduce<bigint>((total, each) => total + (typeof each === "bigint" ? each : 0n), 0n)
    : list.reduce<number>((total, each) => total + Number(each), 0)

const at = (text: string, index: bigint): string => {
  const chars = [...text]
  if (index < 0n || index > BigInt(chars.length)) throw new RangeError(`index ${index} is out of the string`)
  return chars[Number(index)] ?? ""
}

/** `limit` as Go's strings.Replace: negative means all. */
const replace = (text: string, from: string, to: string, limit: bigint): string => {
  const parts = from === "" ? ["", ...text, ""] : text.split(from)
  const count = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1)
  return parts.slice(1).reduce((done, part, i) => done + (i < count ? to : from) + part, parts[0] ?? "")
}

const ascii = (text: string, pattern: RegExp, change: (char: string) => string): string => text.replace(pattern, change)

const port = ({ url }: UrlValue): string => url.port

/** Builds the environment once; parsing and evaluating do not change it. */
const build = (): Environment => {
  const environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxListElements: 10_000, maxMapEntries: 10_000 },
  })
  environment.registerType("KubernetesUrl", UrlValue)
  const functions: Readonly<Record<string, (...args: never[]) => Value>> = {
    "string.goMatches(string): bool": (text: string, pattern: string) => goPattern(pattern).test(text),
    "string.find(string): string": (text: string, pattern: string) => goPattern(pattern).exec(text)?.[0] ?? "",
    "string.findAll(string): list": (text: string, pattern: string) => all(text, pattern),
    "string.findAll(string, int): list": (text: string, pattern: string, limit: bigint) =>
      limit < 0n ? all(text, pattern) : all(text, pattern).slice(0, Number(limit)),
    "string.asciiLower(): string": (text: string) => ascii(text, /[A-Z]/g, (char) => char.toLowerCase()),
    "string.asciiUpper(): string": (text: string) => ascii(text, /[a-z]/g, (char) => char.toUpperCase()),
    "string.charAt(int): string": at,
    "string.replace(string, string): string": (text: string, from: string, to: string) => replace(text, from, to, -1n),
    "string.replace(string, string, int): string": replace,
    "list.isSorted(): bool": (list: List) => list.every((each, i) => i === 0 || compare(list[i - 1], each) <= 0),
    "list.sum(): dyn": sum,
    "list.min(): dyn": (list: List) => extreme(list, -1),
    "list.max(): dyn": (list: List) => extreme(list, 1),
    "list.indexOf(dyn): int": (list: List, value: Value) => BigInt(list.findIndex((each) => equal(each, value))),
    "list.lastIndexOf(dyn): int": (list: List, value: Value) =>
      BigInt(list.findLastIndex((each) => equal(each, value))),
    "setsContains(list, list): bool": (list: List, sub: List) => sub.every((each) => includes(list, each)),
    "setsIntersects(list, list): bool": (a: List, b: List) => a.some((each) => includes(b, each)),
    "setsEquivalent(list, list): bool": (a: List, b: List) =>
      a.every((each) => includes(b, each)) && b.every((each) => includes(a, each)),
    "isURL(string): bool": (text: string) => text.startsWith("/") || URL.canParse(text),
    "url(string): KubernetesUrl": (text: string) => new UrlValue(text),
    "KubernetesUrl.getScheme(): string": ({ url }: UrlValue) => url.protocol.slice(0, -1),
    "KubernetesUrl.getHost(): string": ({ url }: UrlValue) => url.host,
    "KubernetesUrl.getHostname(): string": ({ url }: UrlValue) => url.hostname.replace(/^\[|\]$/g, ""),
    "KubernetesUrl.getPort(): string": port,
    "KubernetesUrl.getEscapedPath(): string": ({ url, text }: UrlValue) =>
      url.pathname === "/" && !/^[^:]+:\/\/[^/?#]*\//.test(text) ? "" : url.pathname,
    "KubernetesUrl.getQuery(): map": ({ url }: UrlValue) =>
      new Map([...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)])),
  }
  for (const [signature, handler] of Object.entries(functions)) environment.registerFunction(signature, handler)
  return environment
}

const all = (text: string, pattern: string): readonly string[] => {
  const { source, flags } = goPattern(pattern)
  return [...text.matchAll(new RegExp(source, `${flags}g`))].map(([match]) => match)
}

/** Names whose meaning in Kubernetes differs from the library's own, and what stands in for them. */
const RENAMED: Readonly<Record<string, string>> = {
  matches: "goMatches",
  lowerAscii: "asciiLower",
  upperAscii: "asciiUpper",
}
const SETS: Readonly<Record<string, string>> = {
  contains: "setsContains",
  intersects: "setsIntersects",
  equivalent: "setsEquivalent",
}

/** `AsText`: what `serialize` needs of a node. The tree is copied, never changed. */
const rewrite = (node: ASTNode): ASTNode => {
  const again = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(again)
    return typeof each === "object" && each !== null && "op" in each ? rewrite(each as ASTNode) : each
  }
  const copy = (op: string, args: unknown): ASTNode => ({ op, args }) as unknown as ASTNode
  if (node.op === "rcall") {
    const [name, receiver, args] = node.args
    if (receiver.op === "id" && receiver.args === "sets" && SETS[name]) return copy("call", [SETS[name], again(args)])
    return copy("rcall", [RENAMED[name] ?? name, again(receiver), again(args)])
  }
  if (node.op === "call") {
    const [name, args] = node.args
    // `matches(text, pattern)` is the standard library's other form of `text.matches(pattern)`.
    const [text, pattern] = args
    if (name === "matches" && text && pattern) return copy("rcall", ["goMatches", again(text), [again(pattern)]])
    return copy("call", [name, again(args)])
  }
  return copy(
    node.op,
    Array.isArray(node.args)
      ? node.args.map(again)
      : node.op === "!_" || node.op === "-_"
        ? again(node.args)
        : node.args,
  )
}

export type Program = (context: Readonly<Record<string, unknown>>) => unknown

let environment: Environment | undefined
const programs = new Map<string, Program>()

/** Compiles a rule. @throws when it does not parse. */
export const compileRule = (rule: string): Program => {
  const known = programs.get(rule)
  if (known) return known
  environment ??= build()
  const program = environment.parse(serialize(rewrite(environment.parse(rule).ast)))
  programs.set(rule, program)
  return program
}
