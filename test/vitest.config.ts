import { defineConfig } from "vitest/config"

const root = new URL("..", import.meta.url).pathname
const limits = { testTimeout: 30_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    root,
    projects: [
      { test: { name: "sources", root, include: ["test/**/*.test.ts"], exclude: ["test/cli/**"], ...limits } },
      // Those run the built command, so it is built before them.
      {
        test: {
          name: "command",
          root,
          include: ["test/cli/**/*.test.ts"],
          globalSetup: ["test/cli/built.ts"],
          ...limits,
        },
      },
    ],
  },
})
