/**
 * The pages of a logout (OpenID Connect RP-Initiated Logout section 2: the person is asked, since anybody can link here).
 *
 * @module
 */
import { html, page, trusted } from "./pages.ts"

export interface LogoutRequest {
  /** The engine's form, with what proves that the answer comes from this page; buttons belong to it by this id. */
  readonly form: string
  readonly formId: string
  /** The app that sent the person here, in its own word. */
  readonly client: string | undefined
  /** The person, as they know themselves; undefined when nobody is signed in. */
  readonly person: string | undefined
}

/** Value of `logout` that ends what all apps were allowed, too. */
export const EVERYWHERE = "everywhere"

export const logoutPage = ({ form, formId, client, person }: LogoutRequest): string =>
  page(
    "Sign out?",
    html`<h1>Sign out?</h1>
<p>${person === undefined ? "You are signed in here." : html`You are signed in as <strong>${person}</strong>.`}${
      client === undefined ? "" : html` <q>${client}</q> asks to end that.`
    }</p>
${trusted(form)}
<p class="actions">
<button class="primary" form="${formId}" name="logout" value="browser">Sign out</button>
<button form="${formId}">Stay signed in</button>
<button class="link" form="${formId}" name="logout" value="${EVERYWHERE}">Sign out and disconnect all apps</button>
</p>
<p class="soft">Signing out ends it in this browser. Apps that you have allowed keep their access until you disconnect them.</p>`,
  )

/** Nobody is signed in, and the app waits to hear of it. */
export const nobodyPage = ({ action, xsrf }: { readonly action: string; readonly xsrf: string }): string =>
  page(
    "You are signed out",
    html`<h1>You are signed out</h1>
<p>Nobody is signed in in this browser.</p>
<form method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}">
<button class="primary" name="logout" value="browser">Go on</button></form>`,
  )

export const signedOutPage = (): string =>
  page("You are signed out", html`<h1>You are signed out</h1>\n<p>You can close this window.</p>`)
