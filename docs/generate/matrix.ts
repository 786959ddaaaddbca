/**
 * What each target makes of each construct and field. Nobody writes this down: the targets are asked, with the samples and
 * with variants of them that differ in one field.
 *
 * @module
 */
import type { Code, TargetName } from "../../compiler/index.ts"
import { constructs } from "./constructs.ts"
import { fieldsOf } from "./fields.ts"
import { accepting, corpus, type Place, type Sample, sampleOf, targetNames } from "./sample.ts"
import { keyOf, pairsOf, type Variant, variantsOf } from "./variants.ts"

/** What was seen of a construct or field on one target. */
export interface Seen {
  /** A program with it was accepted. */
  accepted: boolean
  /** What was made changed with it. */
  effective: boolean
  /** Codes it was refused with. */
  readonly refused: Set<Code>
}

/** By `kind` and `kind.field`. */
export type Matrix = ReadonlyMap<string, Readonly<Record<TargetName, Seen>>>

/** Samples that are varied, for each construct. More of them find little more and take longer. */
const BASES = 24

const unseen = (): Record<TargetName, Seen> =>
  Object.fromEntries(
    targetNames.map((name) => [name, { accepted: false, effective: false, refused: new Set() }]),
  ) as Record<TargetName, Seen>

export const matrix = (): Matrix => {
  const found = new Map(
    constructs.flatMap(({ kind, fields }) =>
      [keyOf(kind, []), ...fieldsOf(fields).map(({ path }) => keyOf(kind, path))].map((key) => [key, unseen()]),
    ),
  )
  const samples = corpus()
  for (const sample of samples) observe(sample, found)

  const texts = new Map<string, Set<string>>()
  for (const { text, places } of samples) {
    for (const { kind, path, value } of places) {
      const key = keyOf(kind, path)
      const known = texts.get(key) ?? new Set()
      if (value) texts.set(key, known.add(text.slice(value.span.start, value.span.end)))
    }
  }
  const seen = (key: string): readonly string[] => [...(texts.get(key) ?? [])]

  const tried = new Map<string, Sample | undefined>(samples.map((sample) => [sample.text, sample]))
  const attempt = (base: Sample, { kind, path, text }: Variant): void => {
    const known = tried.has(text)
    const variant = known ? tried.get(text) : sampleOf(text)
    tried.set(text, variant)
    if (variant) compare(base, variant, kind, path, found)
    if (variant && !known) observe(variant, found)
  }
  for (const { kind } of constructs) {
    const bases = basesOf(kind, samples)
    const places = bases.flatMap((base) =>
      base.places.filter((each) => each.kind === kind).map((place) => ({ base, place })),
    )
    for (const { base, place } of places) {
      for (const variant of variantsOf(base, place, seen)) attempt(base, variant)
    }
    const missing = (path: readonly string[]): boolean => isUnknown(found, kind, path)
    for (const { base, place } of places) {
      for (const variant of pairsOf(base, place, missing)) attempt(base, variant)
    }
  }
  return found
}

/** Whether a target runs the construct and nothing was seen of its field there. */
const isUnknown = (found: Matrix, kind: string, path: readonly string[]): boolean => {
  const [construct, field] = [found.get(keyOf(kind, [])), found.get(keyOf(kind, path))]
  return targetNames.some((name) => {
    const [whole, part] = [construct?.[name], field?.[name]]
    return whole?.accepted === true && part?.accepted === false && part.refused.size === 0
  })
}

/** Those that most targets accept first, and with different things in them. */
const basesOf = (kind: string, samples: readonly Sample[]): readonly Sample[] => {
  const shapes = new Map<string, Sample>()
  const having = samples.filter(({ places }) => places.some((place) => place.kind === kind))
  for (const sample of having.toSorted((a, b) => accepting(b) - accepting(a))) {
    const shape = sample.places
      .map((place) => keyOf(place.kind, place.path))
      .sort()
      .join(" ")
    if (!shapes.has(shape)) shapes.set(shape, sample)
  }
  return [...shapes.values()].slice(0, BASES)
}

/** Notes what the targets say of a sample by itself: a refusal belongs to the innermost place it was reported at. */
const observe = ({ places, outcomes }: Sample, found: Matrix): void => {
  for (const name of targetNames) {
    const { output, refusals } = outcomes[name]
    for (const { kind, path } of output === undefined ? [] : places) {
      const seen = found.get(keyOf(kind, path))?.[name]
      if (seen) seen.accepted = true
    }
    for (const { code, span } of refusals) {
      const at = innermost(places, span.start, span.end)
      if (at === undefined) continue
      found.get(keyOf(at.kind, at.path))?.[name].refused.add(code)
      // What no flow can name is refused with the stage that names it.
      const { of } = at.path.length === 0 ? (constructs.find(({ kind }) => kind === at.kind) ?? {}) : {}
      if (of !== undefined && output === undefined) found.get(keyOf(of, []))?.[name].refused.add(code)
    }
  }
}

const innermost = (places: readonly Place[], start: number, end: number): Place | undefined =>
  places
    .filter(({ span }) => span.start <= start && end <= span.end)
    .reduce<Place | undefined>(
      (best, each) => (best && best.span.end - best.span.start <= each.span.end - each.span.start ? best : each),
      undefined,
    )

/** Notes what one changed field changed; a change inside of a block is one of the block, too. */
const compare = (base: Sample, variant: Sample, kind: string, path: readonly string[], found: Matrix): void => {
  for (const name of targetNames) {
    const [before, after] = [base.outcomes[name], variant.outcomes[name]]
    if (before.output === undefined) continue
    if (after.output === undefined) {
      for (const { code } of after.refusals) found.get(keyOf(kind, path))?.[name].refused.add(code)
    } else if (after.output !== before.output) {
      for (let depth = path.length; depth > 0; depth--) {
        const seen = found.get(keyOf(kind, path.slice(0, depth)))?.[name]
        if (seen) seen.effective = true
      }
    }
  }
}
