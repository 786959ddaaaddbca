/**
 * Something that is done when nothing has called for it for a moment.
 *
 * @module
 */

/** Milliseconds without a key press. */
const PAUSE = 200

export interface Later {
  readonly soon: () => void
  readonly dispose: () => void
}

export const later = (act: () => void): Later => {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    soon: () => {
      clearTimeout(timer)
      timer = setTimeout(act, PAUSE)
    },
    dispose: () => clearTimeout(timer),
  }
}
