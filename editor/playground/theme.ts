/**
 * Light or dark: as the system says, until somebody says otherwise.
 *
 * @module
 */

export type Theme = "light" | "dark"

const KEY = "authflow.theme"
const system = matchMedia("(prefers-color-scheme: dark)")

// Storage is not there for a page that is opened from disk in some browsers.
const stored = (): Theme | undefined => {
  try {
    const value = localStorage.getItem(KEY)
    return value === "light" || value === "dark" ? value : undefined
  } catch {
    return undefined
  }
}

let chosen = stored()

export const theme = (): Theme => chosen ?? (system.matches ? "dark" : "light")

const apply = (): void => {
  document.documentElement.dataset["theme"] = theme()
}

/** Applies the theme now and when the system changes. */
export const followTheme = (onChange: () => void): void => {
  apply()
  system.addEventListener("change", () => {
    apply()
    onChange()
  })
}

export const toggleTheme = (): Theme => {
  chosen = theme() === "dark" ? "light" : "dark"
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // It then holds as long as the page is open.
  }
  apply()
  return chosen
}
