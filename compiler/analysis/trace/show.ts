/**
 * Stages that make what the upstream is shown without an exchange: `inject`.
 *
 * @module
 */
import { nameOf, type PresentedKind, type TokenType } from "../../catalogue/credential.ts"
import { type MadeHeader, madeHeaders } from "../../catalogue/made-header.ts"
import type { Stage } from "../../check/program.ts"
import type { UpstreamHeader } from "./account.ts"
import { upstreamUrl } from "./flow-url.ts"
import type { Evaluate, Passed, Progress } from "./progress.ts"
import { refuse } from "./refuse.ts"
import { passOn } from "./upstream.ts"

/** The headers of a request that leaves unsigned: whatever the caller sent in those that a stage makes is gone. */
export const unsignedHeaders = (
  { caller, flow }: Progress,
  made: ReadonlyMap<string, MadeHeader>,
): { readonly headers: readonly UpstreamHeader[]; readonly dropped: readonly string[] } => {
  const { headers, dropped } = passOn(caller.headers, upstreamUrl(flow))
  // Repeated ones are one list (RFC 9110 section 5.3).
  const lists = new Map<string, string>()
  for (const [name, value] of headers) {
    const earlier = lists.get(name)
    if (!made.has(name)) lists.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return {
    headers: [
      ...[...lists].map(([name, value]) => ({ name, value })),
      ...[...made].map(([name, each]) => ({ name, made: each })),
    ],
    dropped,
  }
}

/** What comes of the credential that a stage makes. */
export const shown = (
  { output }: Pick<Stage, "output">,
  progress: Progress,
  summary: string,
  notes: readonly string[] = [],
): Passed => {
  const { headers, dropped } = unsignedHeaders(progress, madeHeaders(output))
  return {
    summary,
    notes: [...notes, ...(dropped.length > 0 ? [`headers that do not pass: ${dropped.join(", ")}`] : [])],
    progress: { ...progress, upstream: headers },
  }
}

export const showSecret: Evaluate<"inject.bearer" | "inject.header"> = (stage, progress) =>
  shown(stage, progress, `the header ${stage.output.names.join(", ").toLowerCase()}, from a secret`)

export const showNothing: Evaluate<"inject.none"> = (stage, progress) => shown(stage, progress, "no credential")

export const showToken: Evaluate<"inject.token"> = (stage, progress) => {
  const { token } = stage.fields
  const own = isOwn(token.value, stage.input.token)
  const subject = nameOf(token.value)
  // Only the caller's own token is at hand; one of the login is taken to be good.
  if (own && (progress.identified?.expiresAt ?? 0) * 1000 <= progress.now)
    return refuse("login-expired", "the login's token for the upstream has expired")
  return shown(stage, { ...progress, subject }, subject, [own ? "the caller's own token" : "kept from the login"])
}

/** Is it the token that the caller came with? */
export const isOwn = (token: TokenType, callers: TokenType<PresentedKind>): boolean => nameOf(token) === nameOf(callers)
