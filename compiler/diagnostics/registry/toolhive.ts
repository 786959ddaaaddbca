/**
 * AF08xx: what the toolhive target refuses.
 *
 * @module
 */
import { entry } from "./entry.ts"

export const toolhive = {
  AF0801: entry<{ readonly what: string; readonly reason: string }>({
    severity: "error",
    title: "The target cannot run this",
    message: ({ what, reason }) => `${what} cannot be run by ToolHive: ${reason}`,
    explanation: "The chosen target has no way to do what the file says, and nothing a file says is silently dropped.",
    remedy: "Choose another target, or say it in a way this target can run.",
  }),
} as const
