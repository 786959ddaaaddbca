/**
 * Builds the playground: `npm run playground`. One page that holds everything, so that it can be opened from disk, mailed, or
 * put on any web server.
 *
 * @module
 */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { onePage } from "./one-page.ts"

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  base: "./",
  build: {
    outDir: fileURLToPath(new URL("../../../dist/playground", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    modulePreload: false,
    // It is one file all the same; what is said of parts of it helps nobody.
    chunkSizeWarningLimit: 4096,
    rolldownOptions: { output: { codeSplitting: false } },
  },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  plugins: [onePage()],
})
