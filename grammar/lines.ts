/** Where the lines of a text are. A line ends with `\n`, `\r\n` or a lone `\r`. */
export class Lines {
  /** Offset of each line's first code unit. */
  readonly starts: readonly number[]
  #last = 0

  constructor(starts: readonly number[]) {
    this.starts = starts
  }

  static of(text: string): Lines {
    const starts = [0]
    for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length)
    return new Lines(starts)
  }

  /** The zero-based line `offset` is on. Asking in source order is cheap. */
  lineAt(offset: number): number {
    if (this.#startOf(this.#last) > offset) {
      let low = 0
      let high = this.#last
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if (this.#startOf(middle) <= offset) low = middle
        else high = middle - 1
      }
      this.#last = low
    }
    let step = 1
    while (this.#startOf(this.#last + step) <= offset) {
      this.#last += step
      step *= 2
    }
    while (step > 1) {
      step = Math.floor(step / 2)
      if (this.#startOf(this.#last + step) <= offset) this.#last += step
    }
    return this.#last
  }

  columnOf(offset: number): number {
    return offset - this.#startOf(this.lineAt(offset))
  }

  #startOf(line: number): number {
    return this.starts[line] ?? Number.POSITIVE_INFINITY
  }
}
