/** Generic traversal of the syntax tree. */
import type {
  Argument,
  Arm,
  Block,
  Clause,
  Entry,
  Expression,
  Field,
  File,
  ImportedName,
  Item,
  Name,
  Segment,
  Stage,
  TemplateHole,
  TemplateText,
} from "./ast.ts"

export type Node =
  | File
  | Item
  | ImportedName
  | Stage
  | Clause
  | Block
  | Field
  | Expression
  | TemplateText
  | TemplateHole
  | Argument
  | Entry
  | Arm
  | Name
  | Segment

const present = <T>(...nodes: readonly (T | undefined)[]): readonly T[] => nodes.filter((node) => node !== undefined)

/** The nodes directly below `node`, in source order. */
export const childrenOf = (node: Node): readonly Node[] => {
  switch (node.kind) {
    case "File":
      return node.items
    case "Import":
      return [...node.names, node.path]
    case "ImportedName":
      return present<Node>(node.name, node.alias)
    case "Constant":
      return [node.name, node.value]
    case "Environment":
      return [node.name, node.body]
    case "Param":
      return present<Node>(node.name, node.type, node.choices, node.default)
    case "Declaration":
      return [node.keyword, node.name, node.type, node.body]
    case "Deployment":
      return [node.engine, node.body]
    case "Flow":
      return [node.name, node.url, ...node.stages]
    case "Test":
      return [node.title, ...node.clauses]
    case "Given":
      return [node.subject, node.value]
    case "Expectation":
      return [node.target, node.value]
    case "Stage":
      return present<Node>(node.verb, node.operand, node.body)
    case "Block":
      return node.fields
    case "Field":
      return [node.name, node.value]
    case "StringTemplate":
      return node.parts
    case "TemplateHole":
      return [node.expression]
    case "Reference":
      return node.path
    case "Call":
      return [node.callee, ...node.args]
    case "Argument":
      return present<Node>(node.name, node.value)
    case "ListLiteral":
      return node.items
    case "MapLiteral":
      return node.entries
    case "Entry":
      return [node.key, node.value]
    case "Match":
      return present<Node>(node.scrutinee, ...node.arms)
    case "Arm":
      return present<Node>(node.operator, node.operand, node.result)
    case "Name":
    case "Segment":
    case "TemplateText":
    case "NumberLiteral":
    case "DurationLiteral":
    case "SizeLiteral":
    case "Missing":
      return []
  }
}

/** Calls `enter` for `node` and everything below it, parents first. Where it answers false, the node's inside is passed over. */
export const walk = (node: Node, enter: (node: Node, ancestors: readonly Node[]) => boolean | undefined): void => {
  const ancestors: Node[] = []
  const visit = (current: Node): void => {
    if (enter(current, ancestors) === false) return
    ancestors.push(current)
    for (const child of childrenOf(current)) visit(child)
    ancestors.pop()
  }
  visit(node)
}

/**
 * The nodes whose span holds `offset`, outermost first; the last is the innermost. The end of a span counts as inside it, so
 * that the place right after a word finds the word; of two nodes that meet there, the one that starts there wins.
 */
export const nodesAt = (root: Node, offset: number): readonly Node[] => {
  const path: Node[] = []
  let current: Node | undefined = root
  while (current !== undefined) {
    path.push(current)
    const children: readonly Node[] = childrenOf(current)
    current = children.findLast((child) => child.span.start <= offset && offset <= child.span.end)
  }
  return path
}
