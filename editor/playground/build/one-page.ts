/**
 * Puts scripts and styles into the page itself, and says in the page what it may do: run this script, and reach nothing. What
 * is written in the playground cannot leave it but in a link that somebody copies.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Plugin } from "vite"

const policy = (scripts: readonly string[]): string =>
  [
    "default-src 'none'",
    `script-src ${scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ")}`,
    // The editor makes its styles while it runs.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")

export const onePage = (): Plugin => ({
  name: "one-page",
  apply: "build",
  enforce: "post",
  generateBundle: (_options, bundle) => {
    const page = Object.values(bundle).find(({ fileName }) => fileName.endsWith(".html"))
    if (page?.type !== "asset") throw new Error("there is no page")
    const scripts: string[] = []
    let html = String(page.source)
    for (const [name, file] of Object.entries(bundle)) {
      if (file === page) continue
      // `</script` in a string would end the script, and `<!--` begin a comment: neither stands in code in any other way.
      const text = (file.type === "chunk" ? file.code : String(file.source))
        .replaceAll(/<(?=\/script|!--)/gi, "\\x3c")
        .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, "")
      const reference = new RegExp(
        `<(script|link)[^>]*(?:src|href)="\\./${name.replaceAll(".", "\\.")}"[^>]*>(?:</script>)?`,
      )
      if (!reference.test(html)) throw new Error(`${name} is not referred to by the page`)
      if (file.type === "chunk") scripts.push(text)
      const tag = file.type === "chunk" ? `<script type="module">${text}</script>` : `<style>${text}</style>`
      html = html.replace(reference, () => tag)
      delete bundle[name]
    }
    page.source = html.replace(
      '<meta charset="utf-8" />',
      (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy(scripts)}" />`,
    )
  },
})
