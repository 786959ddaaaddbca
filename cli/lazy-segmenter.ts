/**
 * Stands in for `Intl.Segmenter` in the bundle (build.ts). Making a real one loads tables that take half as long as Node
 * takes to start, and effect/cli makes one when it loads that only the layout of help texts needs.
 *
 * @module
 */
export class LazySegmenter {
  readonly #options: ConstructorParameters<typeof Intl.Segmenter>
  #made: Intl.Segmenter | undefined

  constructor(...options: ConstructorParameters<typeof Intl.Segmenter>) {
    this.#options = options
  }

  segment(text: string): Intl.Segments {
    // By another name than the bundler replaces.
    const { Segmenter } = Intl
    this.#made ??= new Segmenter(...this.#options)
    return this.#made.segment(text)
  }
}
