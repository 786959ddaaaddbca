/**
 * What an upstream of the sandbox was shown instead of a signature, once it has verified it.
 *
 * @module
 */

export type Shown =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "none" }
  | {
      readonly kind: "token"
      readonly issuer: string
      /** `aud`; undefined where the token has none. */
      readonly audience: string | undefined
      /** `sub`: on whose behalf, by the issuer's name of the person. */
      readonly subject: string
    }

/** In one line, for people, and for the probe to compare. */
export const showShown = (shown: Shown): string => {
  switch (shown.kind) {
    case "header":
      return `the secret in the header ${shown.name}`
    case "none":
      return "no credential"
    case "token":
      return `a token of ${shown.issuer}${shown.audience === undefined ? "" : ` for ${shown.audience}`}, of ${shown.subject}`
  }
}
