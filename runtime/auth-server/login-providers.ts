/**
 * The providers that a server's people log in at, checked for what the server needs of each.
 *
 * @module
 */
import { Effect } from "effect"
import type { AuthServer, Provider } from "../plan.ts"
import { RESERVED } from "./claims.ts"
import type { LoginAt } from "./logins.ts"
import { AuthServerMisconfigured } from "./start-failure.ts"
import type { Store } from "./store.ts"
import { makeUpstream } from "./upstream/index.ts"

/** In the plan's order. Fails with AuthServerMisconfigured or SecretMissing. */
export const loginProviders = Effect.fn("AuthServer.loginProviders")(function* (
  config: AuthServer,
  providers: readonly Provider[],
  store: Store,
) {
  const wrong = (reason: string) => new AuthServerMisconfigured({ server: config.name, reason })
  const issuer = new URL(config.issuer)
  if (issuer.search !== "" || issuer.hash !== "") return yield* wrong("an issuer has no query and no fragment")
  const names: readonly string[] = config.login
  for (const { claim, provider } of config.claims) {
    if (RESERVED.has(claim))
      return yield* wrong(`the claim ${claim} has a meaning of its own and cannot be carried over`)
    if (!names.includes(provider))
      return yield* wrong(`the claim ${claim} comes from ${provider}, where nobody logs in`)
  }
  const loginAt = Effect.fnUntraced(function* (name: string) {
    const provider = providers.find((each) => each.name === name)
    if (provider === undefined) return yield* wrong(`it logs people in at ${name}, which the plan does not declare`)
    return { provider, upstream: yield* makeUpstream(config, provider, store) } satisfies LoginAt
  })
  const [first, ...others] = config.login
  const identity = yield* loginAt(first)
  const further = yield* Effect.forEach(others, loginAt)
  const all: readonly [LoginAt, ...LoginAt[]] = [identity, ...further]
  for (const [at, { provider, upstream }] of all.entries()) {
    const same = all.slice(0, at).find((other) => other.upstream.redirectUri === upstream.redirectUri)
    if (same === undefined || (provider.issuer !== undefined && same.provider.issuer !== undefined)) continue
    // Mix-up (RFC 9700 section 4.4): neither an issuer in the answer nor its address would tell them apart.
    return yield* wrong(
      `${same.provider.name} and ${provider.name} send browsers back to ${upstream.redirectUri}, and not both say their issuer`,
    )
  }
  return all
})
