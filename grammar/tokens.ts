/**
 * The words and signs of the language, as chevrotain token types, and the lexer made of them.
 *
 * Keywords are contextual: each is also a `Name`, so that `server`, `at` or `match` can be a field, a map key or a segment.
 * A string is not one token: its quotes, text, escapes and holes are, in lexer modes of their own, so that what stands in a
 * hole has its place in the file like everything else. The lexer never fails: what fits nowhere is a token too, and
 * `scan.ts` reports it.
 *
 * @module
 */
import { createToken, type ITokenConfig, Lexer, type TokenType } from "chevrotain"

/** Beyond ASCII a word is still lexed as one, so that `größe` is one bad name and not three mistakes. */
const letter = "A-Za-z_\\u00aa-\\u1fff\\u2c00-\\u2fff\\u3040-\\ud7ff"
const newline = /\r\n|\r|\n/

export const Name = createToken({
  name: "Name",
  label: "a name",
  pattern: new RegExp(`[${letter}][${letter}0-9]*(?:-[${letter}0-9]+)*`),
})

/** `provider`, `server`, `callers`: words that open a `keyword name = type { … }`. */
export const DeclarationKeyword = createToken({ name: "DeclarationKeyword", pattern: Lexer.NA, categories: [Name] })

const keyword = (word: string, category: TokenType = Name): TokenType =>
  createToken({
    name: `${word.charAt(0).toUpperCase()}${word.slice(1)}`,
    label: `\`${word}\``,
    pattern: new RegExp(word),
    longer_alt: Name,
    categories: [category],
  })

export const Param = keyword("param")
export const Provider = keyword("provider", DeclarationKeyword)
export const Server = keyword("server", DeclarationKeyword)
export const Callers = keyword("callers", DeclarationKeyword)
export const Import = keyword("import")
export const From = keyword("from")
export const As = keyword("as")
export const In = keyword("in")
export const Constant = keyword("const")
export const Environment = keyword("env")
export const Deploy = keyword("deploy")
export const Flow = keyword("flow")
export const Test = keyword("test")
export const Given = keyword("given")
export const Expect = keyword("expect")
export const At = keyword("at")
export const Match = keyword("match")
export const Else = keyword("else")

/** Words an item begins with. */
export const itemKeywords: readonly string[] = [
  "import",
  "param",
  "const",
  "env",
  "provider",
  "server",
  "callers",
  "deploy",
  "flow",
  "test",
]

/** Every word the grammar itself knows; the verbs, types and fields are the catalogue's. For highlighters. */
export const keywords: readonly string[] = [
  ...itemKeywords,
  "from",
  "as",
  "in",
  "given",
  "expect",
  "at",
  "match",
  "else",
]

/** Words no item begins with yet, kept for what the language will get: see README.md. Everywhere else they are names. */
export const reservedKeywords: readonly string[] = ["export", "type"]

const sign = (name: string, pattern: string, more: Partial<ITokenConfig> = {}): TokenType =>
  createToken({ name, label: `\`${pattern}\``, pattern, ...more })

/** What stands between two entries in braces: a comma or, put in by `layout.ts`, the end of a line. */
export const Separator = createToken({ name: "Separator", pattern: Lexer.NA })
export const LineEnd = createToken({
  name: "LineEnd",
  label: "end of line",
  pattern: Lexer.NA,
  categories: [Separator],
})
export const Comma = sign("Comma", ",", { categories: [Separator] })

export const Arrow = sign("Arrow", "=>")
/** `==`, `!=` */
export const Comparison = createToken({ name: "Comparison", pattern: Lexer.NA })
export const EqualTo = sign("EqualTo", "==", { categories: [Comparison] })
export const NotEqualTo = sign("NotEqualTo", "!=", { categories: [Comparison] })
export const Equals = sign("Equals", "=")
export const Colon = sign("Colon", ":")
export const Dot = sign("Dot", ".")
export const LCurly = sign("LCurly", "{")
export const RCurly = sign("RCurly", "}")
export const LSquare = sign("LSquare", "[")
export const RSquare = sign("RSquare", "]")
export const LParen = sign("LParen", "(")
export const RParen = sign("RParen", ")")

/** Everything that starts like a number; `literal.ts` tells integers, durations and sizes apart. */
export const NumberLike = createToken({
  name: "NumberLike",
  label: "a number",
  pattern: /-?[0-9][A-Za-z0-9_]*(?:\.[0-9][A-Za-z0-9_]*)*/,
})

export const StringStart = createToken({ name: "StringStart", label: "a string", pattern: /"/, push_mode: "string" })
export const StringEnd = createToken({ name: "StringEnd", label: '`"`', pattern: /"/, pop_mode: true })
/** The line ends inside a string. */
export const StringBreak = createToken({
  name: "StringBreak",
  pattern: newline,
  line_breaks: true,
  pop_mode: true,
})
export const Text = createToken({ name: "Text", pattern: /[^"\\$\r\n]+/ })
/** A `$` that opens no hole. */
export const Dollar = createToken({ name: "Dollar", pattern: /\$/, categories: [Text] })
export const Escape = createToken({ name: "Escape", pattern: /\\u\{[^}"\r\n]*\}|\\[^\r\n]?/ })

/** Holes and strings take turns on the mode stack, so that the end of the line can leave both at once. */
export const HoleOpen = createToken({
  name: "HoleOpen",
  label: "`${`",
  pattern: /\$\{/,
  pop_mode: true,
  push_mode: "hole",
})
export const HoleClose = createToken({
  name: "HoleClose",
  label: "`}`",
  pattern: /\}/,
  pop_mode: true,
  push_mode: "string",
})
/** `["cognito:groups"]` inside a hole. */
export const HoleIndex = createToken({ name: "HoleIndex", pattern: /\[[ \t]*"(?:[^"\\\r\n]|\\[^\r\n])*"[ \t]*\]/ })
/** The string ends inside a hole. */
export const HoleQuote = createToken({ name: "HoleQuote", pattern: /"/, pop_mode: true })
/** The line ends inside a hole. */
export const HoleBreak = createToken({ name: "HoleBreak", pattern: newline, line_breaks: true, pop_mode: true })

/** A string in quotes of another kind: reported once, and stands for a value. */
export const ForeignString = createToken({
  name: "ForeignString",
  label: "a string",
  pattern: /'[^'\r\n]*'|[\u201c\u201d\u201e][^"\u201c\u201d\u201e\r\n]*["\u201c\u201d\u201e]/,
})
/** A comment of another language: reported, then passed over. */
export const ForeignComment = createToken({ name: "ForeignComment", pattern: /#[^\r\n]*/ })
/** A run of characters that start no token. */
export const Unexpected = createToken({ name: "Unexpected", pattern: /[^ \t\r\n\w"'#{}[\](),:=./]+|[^ \t\r\n]/ })

const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n]+/,
  line_breaks: true,
  group: Lexer.SKIPPED,
})
const HoleSpace = createToken({ name: "HoleSpace", pattern: /[ \t]+/, group: Lexer.SKIPPED })

const comment = (name: string, pattern: RegExp, line_breaks = false): TokenType =>
  createToken({ name, pattern, line_breaks, group: "comments" })

export const DocComment = comment("DocComment", /\/\/\/(?!\/)[^\r\n]*/)
export const LineComment = comment("LineComment", /\/\/[^\r\n]*/)
export const BlockComment = comment("BlockComment", /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//, true)
/** Runs to the end of the file. */
export const OpenComment = comment("OpenComment", /\/\*[\s\S]*/, true)

const modes: Readonly<Record<"file" | "string" | "hole", TokenType[]>> = {
  file: [
    WhiteSpace,
    DocComment,
    LineComment,
    BlockComment,
    OpenComment,
    Param,
    Provider,
    Server,
    Import,
    From,
    As,
    In,
    Constant,
    Environment,
    Deploy,
    Flow,
    Test,
    Given,
    Expect,
    At,
    Match,
    Else,
    Name,
    NumberLike,
    StringStart,
    Arrow,
    EqualTo,
    NotEqualTo,
    Equals,
    Colon,
    Comma,
    Dot,
    LCurly,
    RCurly,
    LSquare,
    RSquare,
    LParen,
    RParen,
    ForeignString,
    ForeignComment,
    Unexpected,
  ],
  string: [StringEnd, StringBreak, HoleOpen, Escape, Text, Dollar],
  hole: [HoleSpace, HoleClose, Name, Dot, HoleIndex, HoleQuote, HoleBreak, NumberLike, Unexpected],
}

/** All token types, for the parser. */
export const vocabulary: TokenType[] = [
  ...new Set([...modes.file, ...modes.string, ...modes.hole, DeclarationKeyword, Comparison, Separator, LineEnd]),
]

let lexer: Lexer | undefined

/** Made on first use; checking the token types for mistakes takes longer than all else, so only a test asks for it. */
export const createLexer = ({ validate }: { readonly validate: boolean }): Lexer =>
  new Lexer({ modes, defaultMode: "file" }, { positionTracking: "onlyOffset", skipValidations: !validate })

export const sharedLexer = (): Lexer => {
  lexer ??= createLexer({ validate: false })
  return lexer
}

const images: ReadonlyMap<TokenType, string> = new Map([
  [LCurly, "{"],
  [RCurly, "}"],
  [LSquare, "["],
  [RSquare, "]"],
  [LParen, "("],
  [RParen, ")"],
  [HoleClose, "}"],
  [StringEnd, '"'],
])

/** How a token that mending put in would look. */
export const insertedImage = (type: TokenType): string | undefined => images.get(type)
