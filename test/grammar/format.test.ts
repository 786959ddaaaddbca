import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { format, print } from "../../grammar/index.ts"

const formatted = (text: string): string => {
  const result = format(text)
  expect(result.problems).toEqual([])
  expect(format(result.text)).toEqual(result)
  return result.text
}

/** Lines with the margin that all of them have taken off. */
const lines = (text: string): string => {
  const all = text.replace(/^\n/, "").replace(/ +$/, "").split("\n")
  const margin = Math.min(...all.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)))
  return all.map((line) => line.slice(margin)).join("\n")
}

describe("the one true style", () => {
  const folder = new URL("../../examples/", import.meta.url)
  it.each(readdirSync(folder).filter((name) => name.endsWith(".authflow")))("%s is in it", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8")
    expect(formatted(text)).toBe(text)
  })

  it("puts the parts of params, the = of fields and the => of arms below each other", () => {
    const text = lines(`
      param a:t="x"
      param long_name:some.type
      param b=1

      param c: t = 2
      provider p=t {
      a=1
      long=2,b=3

      c=4
      }
      flow f at "x" { a b{c=match d { equals "e"=>1,contains [2]=>3
      else=>deny} } }
    `)
    expect(formatted(text)).toBe(
      lines(`
        param a:         t = "x"
        param long_name: some.type
        param b            = 1

        param c: t = 2

        provider p = t {
          a    = 1
          long = 2
          b    = 3

          c = 4
        }

        flow f at "x" {
          a b {
            c = match d {
              equals "e"   => 1
              contains [2] => 3
              else         => deny
            }
          }
        }
      `),
    )
  })

  it("keeps on one line what fits there, and gives the rest a line for each entry", () => {
    const long = "x".repeat(50)
    const text = lines(`
      provider p = t {
        short = [1,
          2]
        list = ["${long}", "${long}", { a: "b" }]
        map = { aa: "${long}", b: "${long}", c: 1 }
        call = secret("${long}", key: "${long}", d: 1)
      }
      flow f at "x" {
        a b {
          c = 1
          d = 2
        }
        e f { g = 1, h = 2, i = 3, j = 4 }
        k l {}
      }
    `)
    expect(formatted(text)).toBe(
      lines(`
        provider p = t {
          short = [1, 2]
          list  = [
            "${long}",
            "${long}",
            { a: "b" },
          ]
          map = {
            aa: "${long}"
            b:  "${long}"
            c:  1
          }
          call = secret(
            "${long}",
            key: "${long}",
            d: 1,
          )
        }

        flow f at "x" {
          a b { c = 1, d = 2 }
          e f {
            g = 1
            h = 2
            i = 3
            j = 4
          }
          k l {}
        }
      `),
    )
  })

  it("gives the arrow of an arm too long for its line one of its own, below the other arrows", () => {
    const cel = "y".repeat(90)
    const text = lines(`
      flow f at "x" {
        a b { role = match c { equals "d" => "${"z".repeat(20)}", when "${cel}" => "${"z".repeat(20)}", else => deny } }
      }
    `)
    expect(formatted(text)).toBe(
      lines(`
        flow f at "x" {
          a b {
            role = match c {
              equals "d" => "${"z".repeat(20)}"
              when "${cel}"
                         => "${"z".repeat(20)}"
              else       => deny
            }
          }
        }
      `),
    )
  })

  it("keeps every comment where it belongs", () => {
    const text = lines(`
      // head


      // of the file
      provider p = t { // opening
        // leading
        a = 1 // trailing
        /* block
           of lines */
        bb = [ // of the list
          1, // one
          // last
        ] // behind
        c = /* moved */ 2
        // dangling
      } // end
      flow f /* before the brace */ at "x" {
        // nothing here
      }
      // the end
    `)
    expect(formatted(text)).toBe(
      lines(`
        // head

        // of the file
        provider p = t { // opening
          // leading
          a  = 1 // trailing
          /* block
             of lines */
          bb = [ // of the list
            1, // one
            // last
          ] // behind
          /* moved */
          c = 2
          // dangling
        } // end

        /* before the brace */
        flow f at "x" {
          // nothing here
        }
        // the end
      `),
    )
  })

  it("keeps doc comments with what they document, and makes others of those that document nothing", () => {
    const text = "/// Doc.\n///\n///   More.\nparam a = /// not a doc\n  1\n"
    expect(formatted(text)).toBe("/// Doc.\n///\n///   More.\n// not a doc\nparam a = 1\n")
  })

  it("writes strings with the escapes they need and no more", () => {
    const text = String.raw`param a = "\u{41}\$\${b}$c\u{202e}\u{0}\t\"\\é"`
    expect(formatted(text)).toBe(`${String.raw`param a = "A$\${b}$c\u{202e}\u{0}\t\"\\é"`}\n`)
  })

  it("prints the docs of a tree that was made", () => {
    const span = { start: 0, end: 0 }
    const name = { kind: "Name", span, text: "a" } as const
    const param = {
      kind: "Param",
      span,
      doc: "One.\n\nTwo.",
      name,
      type: undefined,
      choices: undefined,
      default: undefined,
    } as const
    expect(print({ kind: "File", span, items: [param], comments: [], lineStarts: [0] })).toBe(
      "/// One.\n///\n/// Two.\nparam a\n",
    )
  })

  it("leaves a file with a mistake in it alone", () => {
    const text = "param   a   =\n"
    expect(format(text)).toMatchObject({ text, problems: [{ kind: "UnexpectedToken" }] })
  })
})
