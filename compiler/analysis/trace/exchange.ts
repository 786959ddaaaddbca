/**
 * Exchanges at token endpoints, as far as they are known without asking: what is shown to whom, and what comes of it.
 *
 * @module
 */
import { nameOf, type PresentedKind, type TokenType } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Evaluate, Passed, Progress, Stopped } from "./progress.ts"
import { refuse } from "./refuse.ts"
import { isOwn, shown } from "./show.ts"

type ExchangeKind = "token_exchange" | "obo" | "xaa" | "jwt_bearer" | "client_credentials"

const exchange = (
  stage: StageOf<ExchangeKind>,
  progress: Progress,
  named: readonly TokenType[],
  hosts: readonly string[],
  target: string,
): Passed | Stopped => {
  const callers = stage.input.tag === "Token" ? stage.input.principal.token : stage.input.token
  const [subject] = named
  const own = named.some((token) => isOwn(token, callers))
  // Only the caller's own token is at hand; those of the login are taken to be good.
  if (own && (progress.identified?.expiresAt ?? 0) * 1000 <= progress.now)
    return refuse("exchange-token-rejected", "the login's token has expired")
  const [first, ...others] = hosts
  const told = named.map((token) => `${nameOf(token)}${origin(token, callers)}`)
  return shown(
    stage,
    subject === undefined ? progress : { ...progress, subject: nameOf(subject) },
    `a token${target === "" ? "" : ` for ${target}`} from ${hosts.at(-1)}`,
    [
      told.length === 0
        ? `${first} is shown who we are, and no token of the caller`
        : `${first} is shown ${told.join(" and ")}`,
      ...others.map((host) => `${host} is shown what ${first} gives`),
      "whether it gives a token is its own decision, and not looked at here",
    ],
  )
}

const origin = (token: TokenType, callers: TokenType<PresentedKind>): string => {
  if (token.issuer.kind === "token_endpoint") return ", the token of the stage before"
  return isOwn(token, callers) ? ", the caller's own token" : ", kept from the login"
}

const hostOf = (url: string): string => new URL(url).host

export const exchangeToken: Evaluate<"token_exchange"> = (stage, progress) => {
  const { subject, actor, token_url, audience, resource } = stage.fields
  const named = [subject.value, ...(actor ? [actor.value] : [])]
  return exchange(stage, progress, named, [hostOf(token_url.value)], audience?.value ?? resource?.value ?? "")
}

export const onBehalfOf: Evaluate<"obo"> = (stage, progress) => {
  const { subject, authority, scopes, audience } = stage.fields
  const target = audience?.value ?? scopes.value.map(({ value }) => value).join(" ")
  return exchange(stage, progress, [subject.value], [hostOf(authority.value)], target)
}

export const crossApp: Evaluate<"xaa"> = (stage, progress) => {
  const { subject, idp_token_url, target_token_url, resource, audience } = stage.fields
  const hosts = [hostOf(idp_token_url.value), hostOf(target_token_url.value)]
  return exchange(stage, progress, [subject.value], hosts, resource?.value ?? audience.value)
}

export const grantJwt: Evaluate<"jwt_bearer"> = (stage, progress) => {
  const { subject, token_url, resource } = stage.fields
  return exchange(stage, progress, [subject.value], [hostOf(token_url.value)], resource?.value ?? "")
}

export const ourOwn: Evaluate<"client_credentials"> = (stage, progress) => {
  const { token_url, audience, resource } = stage.fields
  return exchange(stage, progress, [], [hostOf(token_url.value)], audience?.value ?? resource?.value ?? "")
}
