/**
 * What stands at the top: examples, the environment, format, share, light and dark.
 *
 * @module
 */
import { element } from "./element.ts"
import { type Example, examples } from "./examples.ts"
import { type Theme, theme, toggleTheme } from "./theme.ts"

interface Actions {
  readonly load: (example: Example) => void
  readonly choose: (env: string | undefined) => void
  readonly format: () => void
  readonly share: () => void
  readonly themed: () => void
}

export interface Tools {
  readonly root: readonly HTMLElement[]
  readonly environments: (names: readonly string[], chosen: string | undefined) => void
}

export const tools = ({ load, choose, format, share, themed }: Actions): Tools => {
  const menu = element(
    "div",
    { id: "examples", popover: "auto", class: "menu", "aria-label": "Examples" },
    element(
      "ul",
      {},
      ...examples.map((example) => {
        const chosen = () => {
          menu.hidePopover()
          load(example)
        }
        return element(
          "li",
          {},
          element(
            "button",
            { type: "button", onclick: chosen },
            element("strong", {}, example.name),
            element("span", {}, example.about),
          ),
        )
      }),
    ),
  )
  const opener = element("button", { type: "button", popovertarget: "examples", "aria-haspopup": "true" }, "Examples")
  // The menu hangs below its button wherever that has come to stand.
  menu.addEventListener("beforetoggle", () => {
    const { left, bottom } = opener.getBoundingClientRect()
    menu.style.top = `${bottom + 6}px`
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - 8 - Math.min(460, innerWidth - 16)))}px`
  })
  const select = element("select", {
    id: "env",
    onchange: () => choose(select.value === "" ? undefined : select.value),
  })
  const environment = element(
    "span",
    { class: "env", hidden: true },
    element("label", { for: "env" }, "Environment"),
    select,
  )
  const say = (now: Theme): void => {
    toggle.textContent = now === "dark" ? "Light" : "Dark"
    toggle.setAttribute("aria-label", now === "dark" ? "Use light colours" : "Use dark colours")
  }
  const toggle = element("button", {
    type: "button",
    onclick: () => {
      say(toggleTheme())
      themed()
    },
  })
  say(theme())
  return {
    root: [
      opener,
      menu,
      environment,
      element("button", { type: "button", onclick: format, title: "Shift+Alt+F" }, "Format"),
      toggle,
      element("button", { type: "button", class: "primary", onclick: share, title: "Ctrl+S in the source" }, "Share"),
    ],
    environments: (names, chosen) => {
      environment.hidden = names.length === 0
      select.replaceChildren(
        element("option", { value: "" }, "none"),
        ...names.map((name) => element("option", { value: name, selected: name === chosen }, name)),
      )
    },
  }
}
