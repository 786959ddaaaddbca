/**
 * Files that are worked on together. What was found out about a file is kept for as long as neither it nor what it imports
 * changes, so that an edit costs the analysis of one file and of those that import it.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { parse, type SyntaxProblem } from "../../grammar/index.ts"
import { checkProgram } from "../check/check.ts"
import { checkEnvironments, environmentNames, givenBy, paramsByName } from "../check/environment.ts"
import type { Known } from "../check/known.ts"
import { checkModule, type Module, type ResolvedImport } from "../check/module.ts"
import { nearest } from "../check/names.ts"
import type { ParamOptions } from "../check/params.ts"
import type { Program } from "../check/program.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import { type Report, reporter } from "../diagnostics/report.ts"
import { reportSyntax } from "../diagnostics/syntax.ts"
import { outermostOf, rootOf } from "../source/path.ts"
import { baseOf, moved, type Places, placesOf } from "../source/places.ts"
import type { Source } from "../source/source.ts"
import { closureOf, importsOf, inOrder, type Loaded, type Node } from "./closure.ts"

export interface Options {
  /** Values for the parameters of the file and of those it imports, as written on the command line. */
  readonly params?: Readonly<Record<string, string>>
  /** The environment whose values the parameters have, where `params` says nothing else. */
  readonly env?: string
  /** A parameter with neither value nor default: an `error`, or stood for by a `sample` of its type. Default: `error`. */
  readonly missingParams?: "error" | "sample"
  /** Whether a file without flows is an error, or fine as one that others import. Default: `required`. */
  readonly flows?: "required" | "optional"
  /** The folder that no import leads out of, named as the file is. Default: the current one, or the file's own outside of it. */
  readonly root?: string
}

export interface Analysis {
  readonly uri: string
  readonly text: string
  readonly file: Ast.File
  /** Present only when no diagnostic is an error, and the file has flows. */
  readonly program: Program | undefined
  /** What is known of the file, whatever is wrong with it; `undefined` where nothing could be read. */
  readonly known: Known | undefined
  /** What its spans, and those of what it imports, stand for. */
  readonly places: Places
  /** In the order of the text; those of files that it imports come after its own. */
  readonly diagnostics: readonly Diagnostic[]
  /** The file, and those it imports, directly or not. */
  readonly sources: readonly Source[]
  /** The names of the environments that can be chosen. */
  readonly environments: readonly string[]
}

/** Files by their URI, however the user names them. Nothing here throws, whatever the texts. */
export interface Workspace {
  readonly open: (source: Source) => void
  /** Gives a file another text. */
  readonly change: (source: Source) => void
  readonly close: (uri: string) => void
  /** The files that are open, in the order they were opened. */
  readonly files: () => readonly Source[]
  /** A file that is open. */
  readonly source: (uri: string) => Source | undefined
  /** `undefined` when the file is not open. */
  readonly analyze: (uri: string, options?: Options) => Analysis | undefined
  /** Opens a file and analyses it. */
  readonly analyzeSource: (source: Source, options?: Options) => Analysis
  /** The names of the environments that can be chosen for a file. */
  readonly environments: (uri: string, root?: string) => readonly string[]
  /** The open files that import this one, directly or not: those whose analysis may be another when it changes. */
  readonly importers: (uri: string) => readonly string[]
}

interface Read extends Loaded {
  /** 0 for the file that is compiled. */
  readonly slot: number
  readonly problems: readonly SyntaxProblem[]
}

/** What is found out about a file: as one that is compiled, or as one that is imported. */
interface Checked<Result> {
  readonly read: Read
  readonly key: string
  readonly imports: readonly (Module | undefined)[]
  readonly result: Result
}

interface CheckedModule {
  readonly module: Module
  readonly diagnostics: readonly Diagnostic[]
}

/** What the parameters of a file are given. */
const ownOptions = (file: Ast.File, { given, missing }: ParamOptions): ParamOptions & { readonly key: string } => {
  const own = file.items.flatMap((item) => {
    const name = item.kind === "Param" ? item.name.text : ""
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return value === undefined ? [] : [[name, value] as const]
  })
  return { given: Object.fromEntries(own), missing, key: JSON.stringify([missing, own]) }
}

const isSame = (
  checked: Checked<unknown>,
  read: Read,
  key: string,
  imports: readonly (Module | undefined)[],
): boolean =>
  checked.read === read && checked.key === key && checked.imports.every((module, index) => module === imports[index])

const resolvedImports = (
  { imports }: Node<Read>,
  modules: readonly (Module | undefined)[],
): readonly ResolvedImport[] => imports.map(({ item }, index) => ({ item, module: modules[index] }))

/** By file, in the order of `sources`, and in the order of its text. */
const inTextOrder = (diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly Diagnostic[] => {
  const order = new Map(sources.map(({ uri }, index) => [uri, index]))
  return diagnostics.toSorted(
    (a, b) =>
      (order.get(a.uri) ?? 0) - (order.get(b.uri) ?? 0) || a.span.start - b.span.start || a.span.end - b.span.end,
  )
}

/** `read` answers with the text of a file that is imported but not open. */
export const createWorkspace = (read: (uri: string) => string | undefined = () => undefined): Workspace => {
  const open = new Map<string, Source>()
  /** What each open file imports, and from where. */
  const imports = new Map<string, readonly (readonly [uri: string, item: Ast.Import])[]>()
  /** The open files that import a file. */
  const importers = new Map<string, Set<string>>()
  const texts = new Map<string, Read>()
  const moduleTexts = new Map<string, Read>()
  const modules = new Map<string, Checked<CheckedModule>>()
  const analyses = new Map<string, Checked<Analysis>>()
  let slots = 0

  /** The file with places of its own text. */
  const parsed = (source: Source): Read => {
    const known = texts.get(source.uri)
    if (known?.source.text === source.text) return known
    const { file, problems } = parse(source.text)
    const fresh: Read = { source, file, problems, slot: 0 }
    texts.set(source.uri, fresh)
    return fresh
  }

  /** The file with places of a slot of its own. */
  const imported = (uri: string): Read | undefined => {
    const text = open.get(uri)?.text ?? read(uri)
    if (text === undefined) return undefined
    const known = moduleTexts.get(uri)
    if (known?.source.text === text) return known
    const own = parsed({ uri, text })
    const slot = ++slots
    const fresh: Read = { ...own, slot, file: { ...own.file, items: moved(own.file.items, baseOf(slot)) } }
    moduleTexts.set(uri, fresh)
    return fresh
  }

  const forget = (uri: string): void => {
    for (const [from] of imports.get(uri) ?? []) importers.get(from)?.delete(uri)
    imports.delete(uri)
    open.delete(uri)
  }

  const add = (source: Source): void => {
    if (open.get(source.uri)?.text === source.text) return
    const { file } = parsed(source)
    for (const [from] of imports.get(source.uri) ?? []) importers.get(from)?.delete(source.uri)
    open.set(source.uri, source)
    // Who imports a file is asked for whatever folder imports stay in.
    const own = importsOf(file, source.uri, outermostOf(source.uri))
    imports.set(source.uri, own)
    for (const [from] of own) importers.set(from, (importers.get(from) ?? new Set()).add(source.uri))
  }

  const closure = (
    source: Source,
    root: string | undefined,
    slotted: Map<number, Source>,
    report: Report,
  ): { readonly node: Node<Read>; readonly nodes: readonly Node<Read>[]; readonly files: readonly Ast.File[] } => {
    const load = (uri: string): Read | undefined => {
      const file = imported(uri)
      if (file) slotted.set(file.slot, file.source)
      return file
    }
    const node = closureOf(parsed(source), root ?? rootOf(source.uri), load, report)
    const nodes = inOrder(node)
    return { node, nodes, files: nodes.map(({ loaded }) => loaded.file).reverse() }
  }

  const checkedModule = (
    node: Node<Read>,
    options: ParamOptions,
    places: Places,
    known: ReadonlyMap<Node<Read>, CheckedModule>,
  ): CheckedModule => {
    const { loaded } = node
    const from = node.imports.map(({ node }) => node && known.get(node)?.module)
    const own = ownOptions(loaded.file, options)
    const cached = modules.get(loaded.source.uri)
    if (cached && isSame(cached, loaded, own.key, from)) return cached.result
    const syntax = reporter(loaded.source.uri)
    for (const problem of loaded.problems) reportSyntax(problem, syntax.report)
    const { report, reported } = reporter(places)
    checkEnvironments(loaded.file, report)
    const module = checkModule(loaded.file, resolvedImports(node, from), own, report)
    const result = { module, diagnostics: [...syntax.reported, ...reported] }
    modules.set(loaded.source.uri, { read: loaded, key: own.key, imports: from, result })
    return result
  }

  const analyze = (source: Source, options: Options): Analysis => {
    const entry = parsed(source)
    const slotted = new Map<number, Source>()
    const places = placesOf(source, (slot) => slotted.get(slot))
    // How the files belong together is cheap to see, and is looked at anew each time.
    const { report, reported } = reporter(places)
    const { node: root, nodes, files } = closure(source, options.root, slotted, report)
    const params = paramsByName(files, report)
    for (const name of Object.keys(options.params ?? {})) {
      const known = [...params.keys()]
      if (!params.has(name)) report("AF0902", { start: 0, end: 0 }, { name, meant: nearest(name, known), known })
    }
    const byEnvironment = options.env === undefined ? {} : givenBy(options.env, files, params, report)
    const given: ParamOptions = {
      given: { ...byEnvironment, ...options.params },
      missing: options.missingParams ?? "error",
    }
    const known = new Map<Node<Read>, CheckedModule>()
    for (const node of nodes) if (node !== root) known.set(node, checkedModule(node, given, places, known))
    const before = [...reported, ...[...known.values()].flatMap(({ diagnostics }) => diagnostics)]
    const from = root.imports.map(({ node }) => node && known.get(node)?.module)
    const own = ownOptions(entry.file, given)
    const importedElsewhere = new Set(
      [...(importers.get(source.uri) ?? [])].flatMap((importer) =>
        (imports.get(importer) ?? []).flatMap(([uri, { names }]) =>
          uri === source.uri ? names.map(({ name }) => name.text) : [],
        ),
      ),
    )
    const flows = options.flows ?? "required"
    const key = JSON.stringify([own.key, flows, [...importedElsewhere], before, environmentNames(files)])
    const name = JSON.stringify([source.uri, options.env])
    const cached = analyses.get(name)
    if (cached && isSame(cached, entry, key, from)) return cached.result
    const soundImports = before.every(({ severity }) => severity !== "error")
    const fresh = reporter(places)
    for (const problem of entry.problems) reportSyntax(problem, fresh.report)
    checkEnvironments(entry.file, fresh.report)
    // Where nothing could be read, everything else would only follow from that.
    const unread = entry.problems.length > 0 && entry.file.items.length === 0
    const module = unread ? undefined : checkModule(entry.file, resolvedImports(root, from), own, fresh.report)
    const all = [...known.values(), ...(module ? [{ module }] : [])].flatMap(({ module }) => module.params)
    const checked =
      module &&
      checkProgram(
        entry.file,
        module,
        { source, places, flows, importedElsewhere, soundImports, params: all },
        fresh.report,
        fresh.reported,
      )
    const sources = [source, ...slotted.values()]
    const result: Analysis = {
      uri: source.uri,
      text: source.text,
      file: entry.file,
      program: soundImports ? checked?.program : undefined,
      known: checked?.known,
      places,
      diagnostics: inTextOrder([...fresh.reported, ...before], sources),
      sources,
      environments: environmentNames(files),
    }
    analyses.set(name, { read: entry, key, imports: from, result })
    return result
  }

  return {
    open: add,
    change: add,
    close: forget,
    files: () => [...open.values()],
    source: (uri) => open.get(uri),
    analyze: (uri, options = {}) => {
      const source = open.get(uri)
      return source && analyze(source, options)
    },
    analyzeSource: (source, options = {}) => {
      add(source)
      return analyze(source, options)
    },
    environments: (uri, root) => {
      const source = open.get(uri)
      if (source === undefined) return []
      return environmentNames(closure(source, root, new Map(), reporter(uri).report).files)
    },
    importers: (uri) => {
      const found = new Set<string>()
      const collect = (from: string): void => {
        for (const importer of importers.get(from) ?? []) {
          if (found.has(importer)) continue
          found.add(importer)
          collect(importer)
        }
      }
      collect(uri)
      return [...found]
    },
  }
}
