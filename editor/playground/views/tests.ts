/**
 * The file's own tests, run anew with each change.
 *
 * @module
 */
import { writeObserved } from "../../../compiler/catalogue/observation.ts"
import { test } from "../compiled.ts"
import { element } from "../element.ts"
import { account } from "./steps.ts"
import { empty, type View } from "./view.ts"

export const testsView = (): View => {
  const root = element("div", { class: "view scroll tests", tabindex: "0" })
  return {
    title: "Tests",
    root,
    show: (_, program) => {
      const results = test(program)
      const passed = results.filter((each) => each.passed).length
      const failed = results.length - passed
      if (results.length === 0) {
        root.replaceChildren(
          empty(
            "This file has no tests.",
            'A test says who calls and what has to come of it: test "…" { given claims { … } expect … }',
          ),
        )
        return
      }
      root.replaceChildren(
        element(
          "p",
          { class: failed > 0 ? "outcome refused" : "outcome allowed" },
          element("strong", {}, failed > 0 ? `${failed} failed` : "All pass"),
          ` ${passed} passed`,
        ),
        element(
          "ol",
          { class: "test-list" },
          ...results.map(({ passed, test, verdicts, traces }) =>
            element(
              "li",
              {},
              element(
                "details",
                { open: !passed },
                element(
                  "summary",
                  {},
                  element("span", { class: passed ? "pill ok" : "pill refused" }, passed ? "ok" : "failed"),
                  ` ${test.title.value}`,
                ),
                ...verdicts
                  .filter(({ holds }) => !holds)
                  .map(({ expectation, seen }) =>
                    element(
                      "p",
                      { class: "note" },
                      `expected ${expectation.flow.name.value}.${expectation.what} ${expectation.operator} ${writeObserved(expectation.value)}, and it is ${writeObserved(seen)}`,
                    ),
                  ),
                ...traces.flatMap(account),
              ),
            ),
          ),
        ),
      )
    },
  }
}
