/**
 * The flows of a file as a drawing beside it. The view has no scripts, and a policy that lets none run.
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import { ColorThemeKind, Uri, ViewColumn, type WebviewPanel, window } from "vscode"
import { type Ask, textIn } from "./answer.ts"
import { later } from "./later.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/**
 * The page with a drawing, which is the compiler's: its texts are escaped there. It asks the system for light or dark; here VS
 * Code's theme says it.
 */
export const graphPage = (title: string, svg: string, dark: boolean, nonce: string): string => {
  const drawing = svg
    .replace("<style>", `<style nonce="${nonce}">`)
    .replace("@media (prefers-color-scheme: dark)", dark ? "@media all" : "@media not all")
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'" />
    <title>${escaped(title)}</title>
    <style nonce="${nonce}">
      body { margin: 0; padding: 8px; background: ${dark ? "#0d1117" : "#ffffff"} }
      svg { display: block; max-width: 100%; min-width: 600px; height: auto }
    </style>
  </head>
  <body>
    ${drawing}
  </body>
</html>
`
}

const isDark = (): boolean => {
  const { kind } = window.activeColorTheme
  return kind === ColorThemeKind.Dark || kind === ColorThemeKind.HighContrast
}

export const createGraph = (ask: Ask) => {
  let panel: WebviewPanel | undefined
  let shown: { readonly uri: string; readonly flow: string | undefined } | undefined
  const render = async (): Promise<void> => {
    if (panel === undefined || shown === undefined) return
    const { uri, flow } = shown
    const given = flow === undefined ? [uri] : [uri, flow]
    const svg = textIn(await ask("authflow.showGraph", ...given), "text")
    // A file that has mistakes for the moment keeps its last drawing.
    if (svg === "" || panel === undefined || shown.uri !== uri) return
    panel.title = `${flow ?? Uri.parse(uri).path.replace(/^.*\//, "")}: graph`
    panel.webview.html = graphPage(panel.title, svg, isDark(), randomBytes(16).toString("base64url"))
  }
  const refresh = later(() => void render())
  return {
    open: async (uri: string, flow?: string): Promise<void> => {
      shown = { uri, flow }
      if (panel === undefined) {
        const column = { viewColumn: ViewColumn.Beside, preserveFocus: true }
        const options = { enableScripts: false, localResourceRoots: [], retainContextWhenHidden: false }
        panel = window.createWebviewPanel("authflow.graph", "Graph", column, options)
        panel.onDidDispose(() => {
          panel = undefined
        })
      } else panel.reveal(undefined, true)
      await render()
    },
    changed: (uri: string): void => {
      if (panel !== undefined && shown?.uri === uri) refresh.soon()
    },
    themed: (): void => void render(),
    dispose: () => {
      refresh.dispose()
      panel?.dispose()
    },
  }
}
