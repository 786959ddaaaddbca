/** Our signatures are those of four other implementations, over generated requests. */

import { hash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { rulesOf, sigv4 } from "../../runtime/signing/sigv4.ts"
import {
  botocore,
  byAws4,
  byAws4fetch,
  type Case,
  escaped,
  HOST,
  hasBotocore,
  queryOf,
  smithy,
} from "./sigv4-signers.ts"

const RUNS = 400
const seed = 4

const ours = (given: Case): string => {
  const sign = sigv4({ service: given.service, region: given.region, ...rulesOf(given.service) })
  const unsigned = {
    method: given.method,
    target: given.path + queryOf(given),
    headers: [["host", HOST] as const, ...given.headers],
  }
  return sign(unsigned, hash("sha256", given.body), given.credentials, given.date)?.signature ?? "none"
}

const text = fc.string({ unit: "binary", maxLength: 12 })
const segment = fc
  .oneof(fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/), text.map(escaped))
  .filter((each) => !/^\.{0,2}$/.test(each))
const path = fc.tuple(fc.array(segment, { maxLength: 4 }), fc.boolean()).map(([segments, slash]) => {
  const joined = `/${segments.join("/")}`
  return slash && segments.length > 0 ? `${joined}/` : joined
})
const headerValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/)
const requests: fc.Arbitrary<Case> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
    path,
    // Names that are there twice are looked at below; one that is empty, two of the others leave out.
    query: fc.uniqueArray(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), text), {
      maxLength: 5,
      selector: ([name]) => escaped(name),
    }),
    headers: fc.uniqueArray(fc.tuple(fc.stringMatching(/^x-[a-z]{1,6}$/), headerValue), {
      maxLength: 4,
      selector: ([name]) => name,
    }),
    body: fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 200 })),
    service: fc.constantFrom("aws-mcp", "execute-api", "bedrock", "lambda", "s3"),
    region: fc.constantFrom("us-east-1", "eu-central-1", "cn-north-1"),
    date: fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
    credentials: fc.record({
      accessKeyId: fc.stringMatching(/^A[KS]IA[A-Z0-9]{16}$/),
      secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      sessionToken: fc.oneof(fc.constant(""), fc.stringMatching(/^[A-Za-z0-9/+=]{1,80}$/)),
    }),
  })
  .map((each) =>
    each.method === "GET" || each.method === "DELETE"
      ? { ...each, body: "" }
      : { ...each, headers: [...each.headers, ["content-type", "application/json"] as const] },
  )

describe(`a signature, for ${RUNS} generated requests, is that of`, () => {
  it("the SDK for JavaScript", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (given) => {
        expect(ours(given)).toBe(await smithy(given))
      }),
      { numRuns: RUNS, seed },
    )
  })

  it("aws4fetch", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (given) => {
        expect(ours(given)).toBe(await byAws4fetch(given))
      }),
      { numRuns: RUNS, seed },
    )
  })

  it("aws4", () => {
    fc.assert(
      fc.property(requests, (given) => {
        expect(ours(given)).toBe(byAws4(given))
      }),
      { numRuns: RUNS, seed },
    )
  })

  it.skipIf(!hasBotocore && process.env["CI"] !== "true")(
    `botocore${hasBotocore ? "" : " (skipped: no python3 with botocore, which Debian's python3-botocore is)"}`,
    () => {
      const cases = fc.sample(requests, { numRuns: RUNS, seed })
      expect(cases.map(ours)).toEqual(botocore(cases))
    },
  )
})

describe("names that are there several times", () => {
  const several = fc
    .tuple(
      requests,
      fc.array(fc.tuple(fc.constantFrom("a", "b", "A", "a-"), fc.stringMatching(/^[a-z0-9-]{0,3}$/)), {
        minLength: 2,
        maxLength: 6,
      }),
    )
    .map(([given, query]) => ({ ...given, query }))

  it("in a query are sorted by name and then by value, as the SDK does", async () => {
    await fc.assert(
      fc.asyncProperty(several, async (given) => {
        expect(ours(given)).toBe(await smithy(given))
      }),
      { numRuns: RUNS, seed },
    )
  })
})
