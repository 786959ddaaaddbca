import { defineConfig } from "vitest/config"

const root = new URL("..", import.meta.url).pathname
/** Tests that run the built command. */
const command = ["test/cli/**/*.test.ts", "test/editor/language-server/**/*.test.ts"]
const limits = { testTimeout: 30_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    root,
    projects: [
      { test: { name: "sources", root, include: ["test/**/*.test.ts"], exclude: command, ...limits } },
      // Those run the built command, so it is built before them.
      {
        test: {
          name: "command",
          root,
          include: command,
          globalSetup: ["test/cli/built.ts"],
          ...limits,
        },
      },
    ],
  },
})
