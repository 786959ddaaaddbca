/**
 * What happens between an authorization request and its answer: the login at the upstream provider and the consent.
 *
 * Two cookies tie it to one browser. The engine's, which only goes to the interaction's own path, proves who may see and
 * finish it. Ours, which only goes to the callback, proves that the browser that comes back from the provider is the one
 * that was sent there: without it somebody could begin a login here, have another person finish it at the provider, and find
 * that person's answer in their own interaction (RFC 9700 sections 4.5 and 4.7).
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect } from "effect"
import { errors, type default as Provider } from "oidc-provider"
import type { AuthServer as Config } from "../plan.ts"
import type { ProtectedResource } from "./auth-server.ts"
import { noteSession } from "./backchannel-logout.ts"
import { originOf } from "./clients/known.ts"
import { cookieName, digest, equal, readCookie } from "./cookie.ts"
import type { Events } from "./events.ts"
import { readForm } from "./form.ts"
import { grantTtl } from "./grants.ts"
import {
  DENIALS,
  DONE,
  LOGIN_MISSING,
  type LoginAnswer,
  type LoginAttempt,
  loginsDone,
  wishesOf,
} from "./login-attempt.ts"
import type { Logins } from "./logins.ts"
import { consentPage, formTargets, pageHeaders, type Trouble, troublePage } from "./pages.ts"
import type { Resources } from "./resources.ts"
import { PATHS } from "./routes.ts"
import type { Store } from "./store.ts"
import type { ProviderFailed, Upstream } from "./upstream/index.ts"

/** Seconds from being sent to the provider to coming back. */
const LOGIN_TIME = 15 * 60
/** Seconds from coming back to the redemption of the code, one redirect later. */
const ANSWER_TIME = 60
/** Bytes of the consent form. */
const MAX_FORM = 4096
/** Seconds the person is told to wait when the provider is out. */
const RETRY_AFTER = 5

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>
type Grant = InstanceType<Provider["Grant"]>

export interface Interactions {
  readonly show: (request: IncomingMessage, response: ServerResponse, uid: string) => Promise<void>
  readonly consent: (request: IncomingMessage, response: ServerResponse, uid: string) => Promise<void>
  /** The provider's answer at the redirect URI. */
  readonly callback: (request: IncomingMessage, response: ServerResponse, query: string) => Promise<void>
}

export const makeInteractions = (options: {
  readonly config: Config
  readonly engine: Provider
  /** Where people log in; the first one says who they are. */
  readonly upstreams: readonly [Upstream, ...Upstream[]]
  readonly logins: Logins
  readonly store: Store
  readonly resources: Resources
  /** Every scope that can be granted. */
  readonly scopes: ReadonlySet<string>
  readonly events: Events
  /** The issuer's path. */
  readonly mount: string
}): Interactions => {
  const { config, engine, upstreams, logins, store, resources, scopes, events, mount } = options
  const secure = config.issuer.startsWith("https:")
  const [identity] = upstreams
  /** One for each login, so that logins in two tabs do not disturb each other. */
  const loginCookieName = (state: string) => `${cookieName(config, "login")}_${digest(state).slice(0, 16)}`
  const loginCookie = (upstream: Upstream, state: string, value: string, maxAge: number) =>
    `${loginCookieName(state)}=${value}; Path=${new URL(upstream.redirectUri).pathname}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`
  const interactionPath = (uid: string) => `${mount}${PATHS.interaction}/${uid}`

  const trouble = (response: ServerResponse, status: number, what: Trouble, headers: Record<string, string> = {}) => {
    response.writeHead(status, { ...pageHeaders(), ...headers })
    response.end(troublePage(what))
  }

  const redirect = (response: ServerResponse, to: string, headers: Record<string, string> = {}) => {
    response.writeHead(303, { location: to, "cache-control": "no-store", "referrer-policy": "no-referrer", ...headers })
    response.end()
  }

  /** The interaction of this browser, or undefined after an answer that says so. */
  const ours = async (request: IncomingMessage, response: ServerResponse, uid: string) => {
    const interaction = await engine.interactionDetails(request, response).catch((cause: unknown) => {
      if (cause instanceof errors.SessionNotFound) return undefined
      throw cause
    })
    if (interaction?.uid === uid) return interaction
    trouble(response, 400, {
      title: "This sign-in is not going on here",
      explanation:
        "It has run out, was finished already, or was begun in another browser. Start again in the app that sent you here.",
    })
    return undefined
  }

  const finish = async (response: ServerResponse, interaction: Interaction, result: Interaction["result"]) => {
    interaction.result =
      result !== undefined && "error" in result ? result : { ...interaction.lastSubmission, ...result }
    await interaction.persist()
    redirect(response, interaction.returnTo)
  }

  const deny = (response: ServerResponse, interaction: Interaction, description: string) =>
    finish(response, interaction, { error: "access_denied", error_description: description })

  const providerTrouble = (response: ServerResponse, uid: string, failure: ProviderFailed) => {
    const { provider, reason, code, detail } = failure
    events.write(`login ${provider}`, "failed", `login not finished: ${detail}`, { error: code })
    const retry = interactionPath(uid)
    if (reason === "out") {
      const explanation = "The place where you sign in cannot be reached at the moment. Your app has not been refused."
      const headers = { "retry-after": String(RETRY_AFTER) }
      trouble(response, 503, { title: "Sign-in is not available", explanation, retry }, headers)
      return
    }
    trouble(response, 502, {
      title: "Sign-in did not work",
      explanation: "The place where you sign in answered with an error.",
      code,
      retry,
    })
  }

  /** Where the person has to log in next: the first provider says who it is, a further one belongs to that person. */
  const nextLogin = async (interaction: Interaction): Promise<Upstream> => {
    const person = interaction.session?.accountId
    const { reasons } = interaction.prompt
    if (person === undefined || reasons.some((reason) => reason !== LOGIN_MISSING)) return identity
    const done = loginsDone(interaction.lastSubmission)
    const missing = logins.missing(person, resources.asked(interaction.params), done)
    return (await Effect.runPromise(missing)) ?? identity
  }

  /** Sends the browser to the provider. */
  const beginLogin = async (response: ServerResponse, interaction: Interaction) => {
    const upstream = await nextLogin(interaction)
    const checks = upstream.checks()
    // How the person is to be asked is about who it is.
    const wishes = upstream === identity ? wishesOf(interaction.params) : {}
    const begun = await Effect.runPromise(Effect.result(upstream.authorizationUrl(checks, wishes)))
    if (begun._tag === "Failure") return providerTrouble(response, interaction.uid, begun.failure)
    const browser = randomBytes(32).toString("base64url")
    const { uid } = interaction
    const attempt: LoginAttempt = { uid, provider: upstream.name, browser: digest(browser), checks, wishes }
    await store.put("LoginAttempt", checks.state, { ...attempt }, { ttl: LOGIN_TIME })
    const client = await nameOfClient(interaction)
    events.write(`login ${upstream.name}`, "ok", `login started for ${client}`, { client })
    redirect(response, begun.success.href, {
      "set-cookie": loginCookie(upstream, checks.state, browser, LOGIN_TIME),
    })
  }

  /** Redeems the provider's answer, in the browser that it was given to. */
  const finishLogin = async (response: ServerResponse, interaction: Interaction, answer: LoginAnswer) => {
    const { checks, wishes } = answer.attempt
    const upstream = upstreams.find(({ name }) => name === answer.attempt.provider)
    // A further login is that of the person the interaction is with; without one there is nobody to give it to.
    const person = upstream === identity ? undefined : interaction.session?.accountId
    if (upstream === undefined || (upstream !== identity && person === undefined))
      return beginLogin(response, interaction)
    const login = await Effect.runPromise(
      Effect.result(
        Effect.gen(function* () {
          const tokens = yield* upstream.redeem(answer.query, checks, wishes)
          const kept = yield* logins.keep(upstream, tokens, person)
          const { claims = {} } = tokens.idToken ?? {}
          yield* Effect.promise(() => noteSession(store, upstream, claims, kept.subject, grantTtl(config)))
          return kept
        }),
      ),
    )
    if (login._tag === "Failure") {
      const { failure } = login
      if (failure.reason === "refused" && DENIALS.includes(failure.code)) {
        events.write(`login ${upstream.name}`, "refused", `login refused: ${failure.code}`, { error: failure.code })
        return deny(response, interaction, "the login was refused")
      }
      return providerTrouble(response, interaction.uid, failure)
    }
    const { subject, claims } = login.success
    const known = claims["email"] ?? claims["name"]
    events.write(`login ${upstream.name}`, "ok", `${typeof known === "string" ? known : subject} logged in`, {
      subject,
    })
    await forgetOther(interaction, subject)
    const done = upstream === identity ? [] : loginsDone(interaction.lastSubmission)
    return finish(response, interaction, { login: { accountId: subject }, [DONE]: [...done, upstream.name] })
  }

  /**
   * Another person than the browser's session is for: the session ends here. The engine would ask for it with a page of its
   * own, which works by script.
   */
  const forgetOther = async (interaction: Interaction, subject: string | undefined) => {
    const before = interaction.session
    if (before === undefined || before.accountId === subject) return
    await (await engine.Session.findByUid(before.uid))?.destroy()
    delete interaction.session
  }

  /** Somebody else than the browser's session is for sits here: the session ends, and the login begins anew. */
  const startOver = async (response: ServerResponse, interaction: Interaction) => {
    await forgetOther(interaction, undefined)
    await interaction.destroy()
    const again = new URL(config.issuer + PATHS.authorize)
    for (const [name, value] of Object.entries(interaction.params)) {
      for (const each of [value].flat()) if (each !== undefined) again.searchParams.append(name, String(each))
    }
    again.searchParams.set("prompt", "login")
    events.write("consent", "ok", "another account was asked for", {})
    redirect(response, again.href)
  }

  const nameOfClient = async (interaction: Interaction) => {
    const id = String(interaction.params["client_id"])
    return (await engine.Client.find(id))?.clientName ?? id
  }

  const askConsent = async (response: ServerResponse, interaction: Interaction) => {
    const { params } = interaction
    const client = await engine.Client.find(String(params["client_id"]))
    const redirectUri = String(params["redirect_uri"])
    const claims =
      interaction.session === undefined
        ? undefined
        : await Effect.runPromise(logins.claims(interaction.session.accountId))
    const known = claims?.["email"] ?? claims?.["name"]
    const asked = scopesOf(interaction)
    const earlier = await earlierGrant(interaction)
    const granted =
      earlier === undefined ? [] : asked.filter((scope) => covers(earlier, scope, resourcesOf(interaction)))
    // Nothing new: asked again because nobody knows whether it is the same app, so it is asked about all of it.
    const again = granted.length === asked.length
    response.writeHead(200, pageHeaders([...formTargets(redirectUri), ...upstreams.map(({ origin }) => origin)]))
    response.end(
      consentPage({
        client: client?.clientName ?? String(params["client_id"]),
        clientId: String(params["client_id"]),
        origin: client === undefined ? "registered" : originOf(config, client),
        redirectUri,
        scopes: again ? asked : asked.filter((scope) => !granted.includes(scope)),
        granted: again ? [] : granted,
        resources: resourcesOf(interaction),
        staysSignedIn: client?.grantTypeAllowed("refresh_token") ?? false,
        person: typeof known === "string" ? known : undefined,
        logins: [...new Set(resources.asked(params).flatMap((each) => each.logins ?? []))],
        action: `${interactionPath(interaction.uid)}/consent`,
      }),
    )
  }

  /** What this person allowed the client before, in this session. */
  const earlierGrant = async ({ grantId, params, session }: Interaction) => {
    const grant = grantId === undefined ? undefined : await engine.Grant.find(grantId)
    const same = grant?.accountId === session?.accountId && grant?.clientId === params["client_id"]
    return same ? grant : undefined
  }

  const covers = (grant: Grant, scope: string, asked: readonly ProtectedResource[]) => {
    const only = new Set([scope])
    const held = (resource: ProtectedResource) => grant.getResourceScopeFiltered(resource.resource, only) !== ""
    return grant.getOIDCScopeFiltered(only) !== "" && asked.every(held)
  }

  const resourcesOf = ({ params }: Interaction) => {
    const asked = Array.isArray(params["resource"]) ? params["resource"] : [params["resource"]]
    return [...new Set(asked.map((indicator) => resources.find(String(indicator))))].filter(
      (each) => each !== undefined,
    )
  }

  /** What is asked for and exists here; the engine ignores the rest (RFC 6749 section 3.3). */
  const scopesOf = ({ params }: Interaction) =>
    typeof params["scope"] === "string" ? params["scope"].split(" ").filter((scope) => scopes.has(scope)) : []

  const show: Interactions["show"] = async (request, response, uid) => {
    const interaction = await ours(request, response, uid)
    if (interaction === undefined) return
    if (interaction.prompt.name === "consent") return askConsent(response, interaction)
    const answer = (await store.take("LoginAnswer", uid)) as LoginAnswer | undefined
    return answer === undefined ? beginLogin(response, interaction) : finishLogin(response, interaction, answer)
  }

  const consent: Interactions["consent"] = async (request, response, uid) => {
    const interaction = await ours(request, response, uid)
    if (interaction === undefined) return
    const form = await readForm(request, MAX_FORM)
    const { origin } = request.headers
    const foreign = origin !== undefined && origin !== new URL(config.issuer).origin
    const person = interaction.session?.accountId
    if (form === undefined || foreign || person === undefined || interaction.prompt.name !== "consent") {
      return trouble(response, 400, {
        title: "That did not come from our page",
        explanation: "Your answer could not be taken. Start again in the app that sent you here.",
      })
    }
    const client = await nameOfClient(interaction)
    if (form.get("decision") === "switch") return startOver(response, interaction)
    if (form.get("decision") !== "allow") {
      events.write("consent", "refused", `${client} was denied access`, { client, subject: person })
      return deny(response, interaction, "the person denied access")
    }
    // More for a client whose identity its redirect proves goes into the grant it has. Any other one's is a grant of its own:
    // what is agreed to here may be another app than the one before.
    const proven = String(interaction.params["redirect_uri"]).startsWith("https:")
    const grant =
      (proven ? await earlierGrant(interaction) : undefined) ??
      new engine.Grant({ accountId: person, clientId: String(interaction.params["client_id"]) })
    const scope = scopesOf(interaction).join(" ")
    grant.addOIDCScope(scope)
    for (const resource of resourcesOf(interaction)) {
      for (const spelling of resources.spellings(resource)) grant.addResourceScope(spelling, scope)
    }
    events.write("consent", "ok", `${client} was given access`, { client, subject: person, scope })
    return finish(response, interaction, { consent: { grantId: await grant.save() } })
  }

  const callback: Interactions["callback"] = async (request, response, query) => {
    const lost = () =>
      trouble(response, 400, {
        title: "This sign-in is not going on here",
        explanation:
          "The answer from the sign-in belongs to no sign-in of this browser, or was used already. Start again in the app that sent you here.",
      })
    const state = new URLSearchParams(query).get("state") ?? ""
    const browser = readCookie(request, loginCookieName(state))
    const known = (await store.get("LoginAttempt", state)) as LoginAttempt | undefined
    // Checked before it is taken: another browser must not be able to use it up either.
    const upstream = upstreams.find(({ name }) => name === known?.provider)
    const here = new URL(request.url ?? "/", config.issuer).pathname
    const wrong =
      known === undefined || upstream === undefined
        ? "its state is unknown or was used"
        : new URL(upstream.redirectUri).pathname !== here
          ? "it came to the address of another provider"
          : browser === undefined || !equal(known.browser, digest(browser))
            ? "it came from another browser"
            : undefined
    if (upstream === undefined || wrong !== undefined) {
      const from = upstream?.name ?? identity.name
      events.write(`login ${from}`, "refused", `an answer from ${from} was not taken: ${wrong}`)
      return lost()
    }
    const attempt = (await store.take("LoginAttempt", state)) as LoginAttempt | undefined
    if (attempt === undefined) return lost()
    const answer: LoginAnswer = { query, attempt }
    await store.put("LoginAnswer", attempt.uid, { ...answer }, { ttl: ANSWER_TIME })
    redirect(response, interactionPath(attempt.uid), { "set-cookie": loginCookie(upstream, state, "", 0) })
  }

  return { show, consent, callback }
}
