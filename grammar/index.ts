/** Text to syntax tree and back. Pure functions: no Node import, nothing thrown. */
export type * from "./ast.ts"
export { type Lexeme, lexemes } from "./lexemes.ts"
export { units } from "./literal.ts"
export { MAX_FILE_LENGTH, type Parsed, parse } from "./parse.ts"
export { type Formatted, format, print } from "./print.ts"
export type { SyntaxProblem } from "./problem.ts"
export { itemKeywords, keywords, reservedKeywords } from "./tokens.ts"
export { childrenOf, type Node, nodesAt, walk } from "./visit.ts"
