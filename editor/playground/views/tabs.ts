/**
 * Tabs, as the ARIA Authoring Practices have them: one stop of the Tab key, arrow keys between them.
 *
 * @module
 */
import { element } from "../element.ts"

export interface Tabs<Name extends string> {
  readonly root: HTMLElement
  readonly open: (name: Name) => void
}

export const tabList = <Name extends string>(
  label: string,
  tabs: readonly { readonly name: Name; readonly title: string; readonly panel: HTMLElement }[],
  onOpen: (name: Name) => void,
): Tabs<Name> => {
  const buttons = tabs.map(({ name, title, panel }) => {
    const [id, panelId] = [`tab-${name}`, `panel-${name}`]
    panel.id = panelId
    panel.setAttribute("role", "tabpanel")
    panel.setAttribute("aria-labelledby", id)
    return element(
      "button",
      { id, type: "button", role: "tab", "aria-controls": panelId, onclick: () => open(name) },
      title,
    )
  })
  const open = (name: Name): void => {
    for (const [at, tab] of tabs.entries()) {
      const chosen = tab.name === name
      buttons[at]?.setAttribute("aria-selected", String(chosen))
      buttons[at]?.setAttribute("tabindex", chosen ? "0" : "-1")
      tab.panel.hidden = !chosen
    }
    onOpen(name)
  }
  const move = (event: KeyboardEvent): void => {
    const now = buttons.findIndex(({ id }) => id === document.activeElement?.id)
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (to === undefined || now < 0) return
    event.preventDefault()
    const at = (to + buttons.length) % buttons.length
    const tab = tabs[at]
    if (tab === undefined) return
    open(tab.name)
    buttons[at]?.focus()
  }
  const root = element("div", { role: "tablist", "aria-label": label, class: "tabs", onkeydown: move }, ...buttons)
  return { root, open }
}
