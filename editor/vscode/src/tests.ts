/**
 * The tests of a file: run, and what came of them shown.
 *
 * @module
 */
import { type Uri, window } from "vscode"
import { type Ask, isTrueIn, textIn } from "./answer.ts"

export const createTests = (ask: Ask) => {
  const output = window.createOutputChannel("authflow tests")
  const show = (answer: unknown): void => {
    const text = textIn(answer, "text")
    if (text === "") return
    output.clear()
    output.append(text)
    if (isTrueIn(answer, "passed")) void window.setStatusBarMessage("$(check) authflow: tests pass", 4000)
    else output.show(true)
  }
  return {
    show,
    run: async (uri: Uri): Promise<void> => {
      const answer = await ask("authflow.runTest", uri.toString())
      show(answer)
      // Asked for by name, so that also a good answer is to be seen.
      if (answer !== undefined) output.show(true)
    },
    dispose: () => output.dispose(),
  }
}
