/**
 * Elements, made in one expression. Text is always set as text, never as HTML.
 *
 * @module
 */

export type Child = Node | string | undefined | false

type Handlers = { readonly [E in keyof HTMLElementEventMap as `on${E}`]?: (event: HTMLElementEventMap[E]) => void }
type Attributes = Handlers & { readonly [name: string]: unknown }

/** An attribute of `true` is set empty, one of `undefined` or `false` is left out. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value as EventListener)
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value))
  }
  made.append(...children.filter((child) => child !== undefined && child !== false))
  return made
}

/** An element of the page itself. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/** Says something to who cannot see that it happened. */
export const announce = (text: string): void => {
  byId("announcements").textContent = text
}

/** Text with its `code spans` as such. */
export const prose = (text: string): readonly Child[] =>
  text.split(/(`[^`]+`)/).map((part) => (/^`[^`]+`$/.test(part) ? element("code", {}, part.slice(1, -1)) : part))
