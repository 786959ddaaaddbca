/**
 * Every word that means something in some place of a file, by what it is there: for those who colour text. Nothing is listed
 * here that the catalogue, the checks or the grammar do not say themselves.
 *
 * @module
 */
import { decision, forwarded } from "../check/expectation.ts"
import type { FieldDeclarations, Structure } from "./field.ts"
import { declarations, deployments, stages } from "./index.ts"
import { functions, givens } from "./item.ts"
import { madeWords } from "./made-header.ts"
import { observationNames } from "./observation.ts"
import { paramTypes } from "./param.ts"
import { ruleWords } from "./role-rules.ts"
import { TOKEN_KINDS } from "./token.ts"

/** The choices a value of this structure can be or hold. */
const choicesIn = (structure: Structure): readonly string[] => {
  switch (structure.kind) {
    case "choice":
      return structure.values
    case "list":
      return choicesIn(structure.item.structure)
    case "map":
      return choicesIn(structure.value.structure)
    case "block":
      return choicesOf(structure.fields)
    default:
      return []
  }
}

const choicesOf = (fields: FieldDeclarations): readonly string[] =>
  Object.values(fields).flatMap(({ type }) => choicesIn(type.structure))

const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].sort()

const constructs: readonly { readonly fields: FieldDeclarations }[] = [
  ...Object.values(declarations),
  ...Object.values(stages),
  ...Object.values(deployments),
]

export const words = {
  /** `exchange`, `sign`: what a stage begins with. */
  verbs: sorted(Object.values(stages).map(({ verb }) => verb)),
  /** `aws.sts`: what follows a verb, where it says the kind of stage. */
  stageKinds: sorted(Object.values(stages).flatMap(({ operand }) => (operand.by === "kind" ? [operand.name] : []))),
  /** `oidc`: what a declaration is. */
  declarationKinds: sorted(Object.keys(declarations)),
  engines: sorted(Object.keys(deployments)),
  paramTypes: sorted(Object.keys(paramTypes)),
  /** `contains`, `when`: what a rule begins with; `else` is one of the grammar's own. */
  ruleWords: sorted(Object.keys(ruleWords).filter((word) => word !== "else")),
  functions: sorted(Object.keys(functions)),
  /** What `given` gives. */
  subjects: sorted(Object.keys(givens)),
  /** What `expect` looks at. */
  observations: sorted(observationNames),
  /** `corp.id_token` */
  tokens: sorted([...TOKEN_KINDS, "userinfo"]),
  /** Words that are values: choices of fields, switches, and what an expectation can say. */
  values: sorted([
    ...constructs.flatMap(({ fields }) => choicesOf(fields)),
    ...[decision, forwarded].flatMap(({ structure }) => choicesIn(structure)),
    ...madeWords,
    ...["none", "true", "false", "on", "off"],
  ]),
} as const satisfies Readonly<Record<string, readonly string[]>>

export type WordClass = keyof typeof words
