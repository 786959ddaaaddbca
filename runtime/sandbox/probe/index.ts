/**
 * Plays a whole MCP client as each person of the sandbox and compares what they got with what the file says.
 *
 * @module
 */

/** One step of one person's session. */
export interface ProbeStep {
  /** In the field's words: `authorization code with PKCE`, `tools/call whoami`. */
  readonly name: string
  readonly ok: boolean
  /** What was seen, in one line; the reason when it failed. No token, code or secret. */
  readonly detail: string
}

/** How one person fared in one flow. */
export interface ProbeSession {
  readonly flow: string
  /** `Person.id`. */
  readonly person: string
  readonly steps: readonly ProbeStep[]
  /** What the plan's rules say: a role ARN, or a refusal. */
  readonly expected: { readonly role: string } | { readonly deny: string } | undefined
  /** What happened, as the MCP server saw it (`whoami`), or the refusal the proxy gave. */
  readonly got: { readonly role: string } | { readonly deny: string } | undefined
  readonly ok: boolean
}

/** What the probe found. `ok` is the exit code: every step of every session went as the file says. */
export interface ProbeReport {
  readonly sessions: readonly ProbeSession[]
  readonly ok: boolean
}
