/**
 * Builds and links the command once before the tests, as `npm ci` does.
 *
 * @module
 */
export const setup = async (): Promise<void> => {
  await import("../../cli/build.ts")
  await import("../../cli/link.ts")
}
