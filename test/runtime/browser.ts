/**
 * A browser's part in a login: cookies by host and path (not by port, as RFC 6265 has it), redirects one at a time, forms.
 *
 * @module
 */

interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly path: string
}

export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export class Browser {
  #cookies: Cookie[] = []

  /** One request, no redirect followed. */
  async once(url: string, init: RequestInit = {}): Promise<Page> {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...Object.fromEntries(new Headers(init.headers)), cookie: this.#cookieHeader(url) },
    })
    for (const line of response.headers.getSetCookie()) this.#store(url, line)
    return { url, status: response.status, headers: response.headers, text: await response.text() }
  }

  /** Follows redirects until there is a page, or the next address starts with `until`. */
  async open(url: string, until?: string, init?: RequestInit): Promise<Page> {
    let page = await this.once(url, init)
    for (let hop = 0; hop < 20; hop++) {
      const location = page.headers.get("location")
      if (page.status < 300 || page.status > 399 || location === null) return page
      const next = new URL(location, page.url).href
      if (until !== undefined && next.startsWith(until)) return { ...page, url: next, text: "" }
      page = await this.once(next)
    }
    throw new Error(`too many redirects at ${page.url}`)
  }

  /** Sends the one form of a page. */
  submit(page: Page, fields: Record<string, string>, until?: string): Promise<Page> {
    const action = /<form[^>]*\baction="([^"]*)"/.exec(page.text)?.[1] ?? page.url
    const target = new URL(action, page.url)
    return this.open(target.href, until, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: target.origin },
      body: new URLSearchParams(fields).toString(),
    })
  }

  /** Cookies that somebody else has put here. */
  plant(cookies: readonly Cookie[]): void {
    this.#cookies = [...this.#cookies, ...cookies]
  }

  get cookies(): readonly Cookie[] {
    return this.#cookies
  }

  #cookieHeader(url: string) {
    const { hostname, pathname } = new URL(url)
    return this.#cookies
      .filter(({ host, path }) => host === hostname && matches(pathname, path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ")
  }

  #store(url: string, line: string) {
    const [pair = "", ...attributes] = line.split(/;\s*/)
    const at = pair.indexOf("=")
    const attribute = (name: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
    const { hostname, pathname } = new URL(url)
    const cookie: Cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      host: hostname,
      path: attribute("path") ?? (pathname.replace(/\/[^/]*$/, "") || "/"),
    }
    this.#cookies = this.#cookies.filter(
      ({ name, host, path }) => !(name === cookie.name && host === cookie.host && path === cookie.path),
    )
    const expires = attribute("expires")
    if ((expires !== undefined && Date.parse(expires) <= Date.now()) || attribute("max-age") === "0") return
    this.#cookies.push(cookie)
  }
}

/** RFC 6265 section 5.1.4. */
const matches = (path: string, cookiePath: string) =>
  path === cookiePath || path.startsWith(cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`)
