/**
 * What the engine's errors mean to the person whose browser shows them.
 *
 * @module
 */

/** `error`: the OAuth error code. */
export const explain = (error: string): { readonly title: string; readonly explanation: string } => {
  switch (error) {
    case "invalid_client":
      return {
        title: "This app is not known here",
        explanation:
          "It has not registered, or its registration has been forgotten. Remove the connection in the app and add it again.",
      }
    case "invalid_client_metadata":
      return {
        title: "This app cannot be let in",
        explanation: "What it publishes about itself is not what is needed here. Nothing was given to it.",
      }
    case "invalid_redirect_uri":
      return {
        title: "This app may not send you there",
        explanation: "It asked for an answer at an address it did not register. Nothing was given to it.",
      }
    case "temporarily_unavailable":
      return { title: "Not available at the moment", explanation: "Nothing was refused. Try again in a moment." }
    case "server_error":
      return { title: "Something went wrong", explanation: "The error is ours and has been recorded. Try again later." }
    default:
      return {
        title: "This sign-in cannot go on",
        explanation:
          "It has run out, or the app asked for something that is not possible here. Start again in the app.",
      }
  }
}
