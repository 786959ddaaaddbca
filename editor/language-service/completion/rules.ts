/**
 * Inside a `match`: words that begin an arm, those that fit the type of the claim first.
 *
 * @module
 */
import { type RuleWord, ruleWords } from "../../../compiler/catalogue/role-rules.ts"
import { paragraphs, source } from "../hover/describe.ts"
import { type Completion, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { Places, quoted } from "./snippet.ts"

export const ruleWordsAt = ({ place, word, rest }: Cursor): readonly Completion[] => {
  const match = place.path.findLast((node) => node.kind === "Match")
  if (match?.kind !== "Match") return []
  const looked = match.scrutinee?.kind === "Reference" ? match.scrutinee.path[1]?.text : undefined
  const type = looked === undefined ? undefined : place.scope.principal?.token.claims.get(looked)?.type
  const self = place.path.findLast(({ kind }) => kind === "Arm")
  const hasElse = match.arms.some((arm) => arm !== self && arm.operator.text === "else")
  const words: readonly (readonly [string, RuleWord])[] = Object.entries(ruleWords)
  return words.flatMap(([name, { claim, operand, doc, example }]): readonly Completion[] => {
    if (operand === "none" && hasElse) return []
    if (claim !== undefined && match.scrutinee === undefined) return []
    const fits = claim === undefined || type === undefined || claim === type
    const places = new Places()
    const whole = `${quoted(example, places)} => ${operand === "none" ? "deny" : "$0"}`
    return [
      {
        label: name,
        kind: "keyword",
        detail: fits ? undefined : `the claim is ${type === "strings" ? "a list" : `a ${type}`}`,
        doc: paragraphs(doc, source(`${example} => …`)),
        snippet: /^\s*\S/.test(rest) ? name : whole,
        span: word,
        rank: !fits ? rank.unfit : claim === undefined ? rank.good : rank.best,
      },
    ]
  })
}
