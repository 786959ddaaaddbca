/**
 * A browser as far as a login needs one: follows redirects, keeps cookies, presses buttons. It goes nowhere but loopback.
 *
 * @module
 */
import { LOOPBACK } from "../loopback.ts"

/** The browser was led somewhere that a login does not go. `reason` holds no code, token or cookie. */
export class LoginStuck extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = "LoginStuck"
  }
}

export interface Browser {
  /**
   * Opens a URL and goes on until a redirect leads to `redirectUri`, choosing the person on the login page and allowing the
   * client on the consent page. Returns the URL it was sent to. Throws LoginStuck.
   */
  readonly logIn: (start: URL, person: string, redirectUri: string) => Promise<URL>
}

/** Redirects and pages of one login: more than any login has. */
const MAX_STEPS = 25

export const browser = (): Browser => {
  const cookies = new Map<string, Cookie>()

  const open = async (url: URL, form?: URLSearchParams): Promise<Response> => {
    if (url.protocol !== "http:" || url.hostname !== LOOPBACK) throw new LoginStuck(`the login leads to ${url.origin}`)
    const sent = [...cookies.values()].filter(({ path }) => pathMatches(url.pathname, path))
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(15_000),
      headers: {
        accept: "text/html",
        ...(sent.length > 0 ? { cookie: sent.map(({ name, value }) => `${name}=${value}`).join("; ") } : {}),
        ...(form === undefined ? {} : { origin: url.origin, "sec-fetch-site": "same-origin" }),
      },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const cookie = parseCookie(line, url)
      // One host, so the ports share a jar, as they do in a browser (RFC 6265 section 8.5).
      const key = `${cookie.path} ${cookie.name}`
      if (cookie.expired) cookies.delete(key)
      else cookies.set(key, cookie)
    }
    return response
  }

  return {
    logIn: async (start, person, redirectUri) => {
      let url = start
      let form: URLSearchParams | undefined
      for (let step = 0; step < MAX_STEPS; step++) {
        const response = await open(url, form)
        form = undefined
        const location = response.headers.get("location")
        if (response.status >= 300 && response.status < 400 && location !== null) {
          await response.body?.cancel()
          const next = new URL(location, url)
          if (next.origin + next.pathname === redirectUri) return next
          url = next
          continue
        }
        const page = await response.text()
        const press = firstForm(page, url, person)
        if (press === undefined) throw new LoginStuck(`${url.origin} answered ${response.status}: ${title(page)}`)
        url = press.action
        form = press.fields
      }
      throw new LoginStuck("the login goes round in circles")
    },
  }
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly expired: boolean
}

const parseCookie = (line: string, from: URL): Cookie => {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim())
  const at = pair.indexOf("=")
  const attribute = (name: string): string | undefined =>
    attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
  const expires = attribute("expires")
  const path = attribute("path")
  return {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    // RFC 6265 section 5.1.4: without the attribute, up to the last slash of the request's path.
    path: path?.startsWith("/") ? path : from.pathname.replace(/\/[^/]*$/, "") || "/",
    expired: attribute("max-age") === "0" || (expires !== undefined && Date.parse(expires) <= Date.now()),
  }
}

const pathMatches = (path: string, cookiePath: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`)

/** What pressing the right button of the page's form sends: the person's on a login page, Allow on a consent page. */
const firstForm = (
  page: string,
  at: URL,
  person: string,
): { readonly action: URL; readonly fields: URLSearchParams } | undefined => {
  for (const [, opening = "", content = ""] of page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)) {
    if (attributeOf(opening, "method")?.toLowerCase() !== "post") continue
    const fields = new URLSearchParams()
    for (const [, input = ""] of content.matchAll(/<input\b([^>]*)>/gis)) {
      const name = attributeOf(input, "name")
      if (name !== undefined && attributeOf(input, "type") === "hidden")
        fields.append(name, attributeOf(input, "value") ?? "")
    }
    const buttons = [...content.matchAll(/<button\b([^>]*)>/gis)].map(([, button = ""]) => ({
      name: attributeOf(button, "name") ?? "",
      value: attributeOf(button, "value") ?? "",
    }))
    const right =
      buttons.find(({ name, value }) => name === "person" && value === person) ??
      buttons.find(({ value }) => value === "allow")
    if (right === undefined) continue
    fields.append(right.name, right.value)
    return { action: new URL(attributeOf(opening, "action") ?? at.href, at), fields }
  }
  return undefined
}

const attributeOf = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\b${name}="([^"]*)"`, "i").exec(tag)?.[1]
  return value?.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (entity) => entities[entity] ?? entity)
}

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#x27;": "'",
}

const title = (page: string): string =>
  /<title>([^<]*)<\/title>/i.exec(page)?.[1]?.trim() || "a page with no form to press"
