/**
 * When a person is asked to log in or to consent, beyond what the engine asks for by itself.
 *
 * @module
 */
import { Effect } from "effect"
import { interactionPolicy as enginePolicy } from "oidc-provider"
import { LOGIN_MISSING, loginsDone } from "./login-attempt.ts"
import type { Logins } from "./logins.ts"
import type { Resources } from "./resources.ts"
import { orStateAway } from "./state-away.ts"

export const interactionPolicy = (logins: Logins, resources: Resources) => {
  const { Check, base } = enginePolicy
  const prompts = base()
  prompts.get("login")?.checks.add(
    new Check(LOGIN_MISSING, "a login that is needed is missing or has ended", "login_required", async ({ oidc }) => {
      const subject = oidc.session?.accountId
      if (subject === undefined) return Check.NO_NEED_TO_PROMPT
      const missing = logins.missing(subject, resources.asked(oidc.params), loginsDone(oidc.result))
      return (await orStateAway(Effect.runPromise(missing))) === undefined
        ? Check.NO_NEED_TO_PROMPT
        : Check.REQUEST_PROMPT
    }),
  )
  // The engine would ask every native client every time. We register all clients as native, so the rule is told by what it
  // is about: RFC 8252 section 8.6, a redirect to this computer proves no identity, so consent to one app is not consent to
  // another that says it is the same. A redirect to an https host does, and consent to it is remembered for the session.
  const consent = prompts.get("consent")?.checks
  consent?.remove("native_client_prompt")
  consent?.add(
    new Check("unproven_client", "the client's identity is not proven", "interaction_required", ({ oidc }) => {
      const proven = String(oidc.params?.["redirect_uri"]).startsWith("https:")
      return proven || oidc.result?.consent !== undefined ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT
    }),
  )
  return prompts
}
