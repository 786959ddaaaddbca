/**
 * The page on which somebody chooses who to be. Plain HTML: no script, nothing loaded from anywhere.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Person } from "../person.ts"

const style = `
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
  button { display: block; width: 100%; margin: .75rem 0; padding: .75rem 1rem; font: inherit; text-align: left; cursor: pointer }
  small { display: block }
  strong.sandbox { background: #fd0; color: #000; padding: .1rem .4rem }
`

/** Sent with every page of the provider. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  // No form-action: browsers apply it to the redirects that follow the form, and those end at the redirect URI of the MCP
  // client, which may have any scheme (RFC 8252 section 7.1). The page holds nothing that could put a form into it.
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

/** `issuer` is the real one that this page takes the place of. */
export const loginPage = (options: {
  readonly issuer: string
  readonly client: string
  readonly people: readonly Person[]
}): string =>
  page(
    "Sandbox login",
    `<p>This page takes the place of <code>${html(options.issuer)}</code>. Nobody here is real and there is no password.</p>
    <p><code>${html(options.client)}</code> asks who you are. Log in as:</p>
    <form method="post">
${options.people.map(button).join("\n")}
    </form>`,
  )

/** Says in one sentence why the login cannot go on. */
export const errorPage = (reason: string): string => page("Sandbox login failed", `<p>${html(reason)}</p>`)

const button = ({ id, about, claims }: Person): string => {
  const { name, email, groups } = claims
  const details = [
    email,
    Array.isArray(groups) && groups.length > 0 ? `groups: ${groups.join(", ")}` : undefined,
    about,
  ].filter((detail) => typeof detail === "string")
  const label = `${html(String(name ?? id))}<small>${html(details.join(" · "))}</small>`
  return `      <button name="person" value="${html(id)}">${label}</button>`
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${html(title)}</title>
    <style>${style}</style>
  </head>
  <body>
    <main>
    <h1>${html(title)}</h1>
    <p><strong class="sandbox">authflow sandbox</strong></p>
    ${body}
    </main>
  </body>
</html>
`

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const html = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")
