/**
 * How many retries all callers of one dependency have together. In an outage every request fails, and retrying each of them
 * would multiply the load on what is down; the budget is empty soon then, and fills only by what succeeds.
 *
 * @module
 */

export interface RetryBudget {
  /** Takes a retry; false when there is none left. */
  readonly spend: () => boolean
  /** A request succeeded. */
  readonly earn: () => void
}

/** As many retries at once. */
const CAPACITY = 20
/** Retries earned by one success: at most one in ten requests is a retry in the long run. */
const EARNED = 0.1

export const makeRetryBudget = (): RetryBudget => {
  let left = CAPACITY
  return {
    spend: () => {
      if (left < 1) return false
      left -= 1
      return true
    },
    earn: () => {
      left = Math.min(CAPACITY, left + EARNED)
    },
  }
}
