/**
 * docs/stages.md: what can be declared, and the stages of a flow.
 *
 * @module
 */
import { paramTypes } from "../../compiler/catalogue/param.ts"
import { type Construct, constructs } from "./constructs.ts"
import { fieldsOf, presence } from "./fields.ts"
import { anchor, code, fenced, page, slug, table } from "./markdown.ts"

const entry = (construct: Construct): string => {
  const { kind, heading, doc, value, consumes, produces } = construct
  const fields = fieldsOf(construct.fields)
  return [
    `${anchor(kind)}\n### ${code(heading)}`,
    value === undefined ? doc : `${doc} \`VALUE\` is ${value}.`,
    ...(produces === undefined ? [] : [`${consumes.map(code).join(" or ")} → ${code(produces)}`]),
    fields.length === 0
      ? "It has no fields."
      : table(
          ["field", "value", "when unsaid", "what it is", "example"],
          fields.map(({ path, field }) => [
            code(path.join(".")),
            field.type.label,
            presence(field),
            field.doc,
            code(field.example),
          ]),
        ),
  ].join("\n\n")
}

const chain = (stages: readonly Construct[]): string =>
  table(
    ["takes", "stage", "gives"],
    stages.map(({ kind, heading, consumes, produces }) => [
      consumes.map(code).join(" or "),
      `[${code(heading)}](#${kind})`,
      code(produces ?? ""),
    ]),
  )

export const stagesPage = (): string => {
  const declarations = constructs.filter(({ group }) => group === "declaration")
  const stages = constructs.filter(({ group }) => group === "stage")
  const deployments = constructs.filter(({ group }) => group === "deployment")
  return page(
    "# Declarations and stages",
    "Everything that can stand in a file, with its fields. A field inside of a map has a dotted name: `session.name` is `name` " +
      "in `session = { name: … }`. Which engine can run what is in [capabilities.md](capabilities.md), the syntax in " +
      "[the grammar](../grammar/README.md).",
    [
      ...["Declarations", "Stages", "Deployments", "Parameters"].map((heading) => `- [${heading}](#${slug(heading)})`),
    ].join("\n"),
    "## Declarations",
    "A declaration gives something a name that flows refer to.",
    ...declarations.map(entry),
    "## Stages",
    "A flow is a list of stages, in the order a request takes. Each one takes a credential and gives another; a flow is well " +
      "typed when each stage is given what it takes. It begins with a `Caller`, who is nobody yet, and ends with the upstream's " +
      "`Answer`.",
    chain(stages),
    ...stages.map(entry),
    "## Deployments",
    "Where and how a flow runs is told to one engine, in a block that the other engines pass over. At the top of a file it is for " +
      "all flows of the file, in a flow for that one; what the flow says goes before.",
    ...deployments.map(entry),
    "## Parameters",
    "A parameter, `param NAME: TYPE = DEFAULT`, is given its value with `--param NAME=VALUE`. Its type is one of",
    table(
      ["type", "what it is"],
      Object.entries(paramTypes).map(([name, { doc }]) => [code(name), doc]),
    ),
    "For example:",
    fenced("authflow", 'param domain: hostname = "example.com"'),
  )
}
