/**
 * The two pages people see: consent, and what went wrong. Plain HTML with no script, so that nothing in it can run even if
 * something in it were not escaped.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { ClientOrigin } from "./clients/known.ts"

/** Markup that is safe to put in a page as it is. */
class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | Html | readonly Html[]

/** Every string that is put in is escaped, in text and in quoted attributes alike. */
export const html = (literal: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(String.raw({ raw: literal }, ...parts.map(render)))

/** Markup that somebody we trust has made. */
export const trusted = (markup: string): Html => new Html(markup)

const render = (part: Part): string => {
  if (typeof part === "string") return escaped(part)
  return part instanceof Html ? part.text : part.map(({ text }) => text).join("")
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Also drops what would change the direction or the look of the text around it: names come from strangers. */
const escaped = (text: string) =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --ground: #f3f4f6; --line: #d0d7de;
  --accent: #0a5dc2; --on-accent: #fff; --warn: #9a3412; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a3adba; --paper: #1a1e24; --ground: #0f1216;
  --line: #3a424d; --accent: #6cb0ff; --on-accent: #06182e; --warn: #fdba74; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem;
  padding: 2rem; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 1rem; }
dl { margin: 1.25rem 0; display: grid; gap: .75rem; }
dt { color: var(--soft); font-size: .875rem; } dd { margin: 0; font-weight: 600; }
dd.plain { font-weight: 400; }
ul { margin: .25rem 0 0; padding-left: 1.25rem; font-weight: 400; } code { font-family: ui-monospace, monospace; font-size: .9em; }
form, .actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button, .actions a { flex: 1 1 8rem; min-height: 2.75rem; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid var(--line);
  font: inherit; font-weight: 600; cursor: pointer; background: transparent; color: var(--ink); text-align: center;
  text-decoration: none; }
button.link { flex-basis: 100%; border-color: transparent; color: var(--accent); }
button.primary, a.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
p { margin: .75rem 0 0; } .soft { color: var(--soft); font-size: .875rem; } .warn { color: var(--warn); }
`

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64")

export const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text

/**
 * Headers of every page. `formTargets`: where a form's answer may lead, beside here; undefined for a page with no form. Chromium holds `form-action` against every redirect
 * that follows a submission, so it has to name where the client sends the person, too, or the login would end in a blank page.
 * There is no Cross-Origin-Opener-Policy, because clients in a browser log in in a popup and wait for it to report back.
 */
export const pageHeaders = (formTargets?: readonly string[]): Readonly<Record<string, string>> => ({
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${formTargets === undefined ? "'none'" : ["'self'", ...formTargets].join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // `no-referrer` would make browsers send `Origin: null` with the form, which is checked.
  "referrer-policy": "same-origin",
})

/**
 * Sources for `form-action` that let the answer reach this redirect URI. https in general, because what receives the code
 * may well redirect on; a CSP cannot name an IPv6 address, so there the scheme has to do.
 */
export const formTargets = (redirectUri: string): readonly string[] => {
  const { protocol, hostname, origin } = new URL(redirectUri)
  if (protocol === "https:") return ["https:"]
  if (protocol === "http:" && !hostname.startsWith("[")) return ["https:", origin]
  return ["https:", protocol]
}

/** What the person is asked to agree to. */
export interface ConsentRequest {
  /** The client's own word for itself, which nobody checked. */
  readonly client: string
  readonly clientId: string
  readonly origin: ClientOrigin
  readonly redirectUri: string
  /** What is new. */
  readonly scopes: readonly string[]
  /** What was allowed before, and is asked for again. */
  readonly granted: readonly string[]
  readonly resources: ReadonlyArray<{ readonly name: string; readonly resource: string }>
  /** Will the client be able to come back without the person? */
  readonly staysSignedIn: boolean
  /** Providers whose tokens of the person are shown to what the client uses. */
  readonly logins: readonly string[]
  /** The person, as they know themselves. */
  readonly person: string | undefined
  /** Where the form goes. */
  readonly action: string
}

export const consentPage = (request: ConsentRequest): string =>
  page(
    `Allow ${request.client}?`,
    html`<h1>${
      request.granted.length === 0
        ? html`Allow <q>${request.client}</q> to act for you?`
        : html`Allow <q>${request.client}</q> more?`
    }</h1>
${request.person === undefined ? [] : html`<p>You are signed in as <strong>${request.person}</strong>.</p>`}
<dl>
<div><dt>It will be able to use</dt>${request.resources.map(
      ({ name, resource }) => html`<dd>${name} <code>${resource}</code></dd>`,
    )}</div>
<div><dt>It asks for</dt><dd><ul>${request.scopes.map(
      (scope) => html`<li><code>${scope}</code>${meaning(scope)}</li>`,
    )}</ul></dd></div>
${
  request.granted.length === 0
    ? []
    : html`<div><dt>You have allowed it before</dt><dd class="plain">${request.granted.map(
        (scope) => html`<code>${scope}</code> `,
      )}</dd></div>`
}
${
  request.logins.length === 0
    ? []
    : html`<div><dt>It acts with your sign-in at</dt>${request.logins.map((login) => html`<dd>${login}</dd>`)}</div>`
}
<div><dt>You will be sent to</dt><dd>${destination(request.redirectUri)}</dd></div>
<div><dt>Who says that it is this app</dt><dd class="plain">${voucher(request)}</dd></div>
</dl>
${
  request.staysSignedIn
    ? html`<p class="soft">It can keep this access, without asking again, until your sign-in here runs out.</p>`
    : []
}
<p class="soft">Go on only if you have just started this yourself.</p>
<form method="post" action="${request.action}">
<button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
${request.person === undefined ? [] : html`<button class="link" name="decision" value="switch">Use another account</button>`}
</form>`,
  )

/** The name is the client's own word; this is what stands behind it. */
const voucher = ({ origin, clientId }: ConsentRequest): Html => {
  switch (origin) {
    case "known":
      return html`The operator of this server registered it.`
    case "document":
      return html`The website <code>${new URL(clientId).host}</code>, which publishes it.`
    case "registered":
      return html`<span class="warn">Nobody: it is not verified. Any app can register under any name.</span>`
  }
}

const meaning = (scope: string): Html => {
  switch (scope) {
    case "openid":
      return html`: know who you are`
    case "email":
      return html`: see your e-mail address`
    case "profile":
      return html`: see your name`
    case "offline_access":
      return html`: keep access while you are away`
    default:
      return html``
  }
}

/** MCP asks that the redirect host be shown: it is the one thing about the client that is not its own word. */
const destination = (redirectUri: string): Html => {
  const { protocol, host, hostname } = new URL(redirectUri)
  if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) {
    return html`an app on this computer (<code>${host}</code>)`
  }
  return protocol === "https:" ? html`<code>${host}</code>` : html`the app that opens <code>${protocol}</code> links`
}

/** What went wrong, for the person who sees it. */
export interface Trouble {
  readonly title: string
  readonly explanation: string
  /** The error's code in OAuth's words, for who is asked for help. */
  readonly code?: string
  /** Where to try again, when that makes sense. */
  readonly retry?: string
}

export const troublePage = (trouble: Trouble): string =>
  page(
    trouble.title,
    html`<h1>${trouble.title}</h1>
<p>${trouble.explanation}</p>
${trouble.code === undefined ? [] : html`<p class="soft">Error: <code>${trouble.code}</code></p>`}
${trouble.retry === undefined ? [] : html`<p class="actions"><a class="primary" href="${trouble.retry}">Try again</a></p>`}`,
  )
