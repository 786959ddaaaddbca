/** What strangers try by naming a URL to us: to reach what they cannot, through us (SSRF), and to use us against others. */
import { gzipSync } from "node:zlib"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isLoopbackAddress, isPublicAddress } from "../../runtime/auth-server/clients/public-address.ts"
import { FetchRefused, publicFetch, type Resolved } from "../../runtime/auth-server/clients/public-fetch.ts"
import { DOCUMENTS, rateOf } from "../../runtime/auth-server/clients/registration.ts"
import { Client, REDIRECT, start } from "./authorization.ts"
import { Browser } from "./browser.ts"
import { type DocumentHost, documentOf, HOST, startDocumentHost } from "./document-host.ts"

let host: DocumentHost
beforeAll(async () => {
  host = await startDocumentHost()
  host.pages.set("/client.json", { body: documentOf(`${host.origin}/client.json`) })
})
afterAll(() => host.stop())

const at = (...addresses: string[]): readonly Resolved[] =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))

/** Why it was not fetched, if it was not. */
const refusal = (url: string, options: Partial<Parameters<typeof publicFetch>[0]>) =>
  publicFetch({ limit: 1024, loopback: false, ca: host.ca, ...options })(url).then(
    () => undefined,
    (cause: unknown) => (cause instanceof FetchRefused ? cause.reason : String(cause)),
  )

const connections = () => host.asked.length

describe("a URL that leads inside", () => {
  it.each([
    ["this machine", "127.0.0.1"],
    ["this machine by IPv6", "::1"],
    ["a private network", "10.1.2.3"],
    ["a private network", "172.31.255.255"],
    ["a private network", "192.168.0.1"],
    ["a private network by IPv6", "fd00::1"],
    ["the cloud's metadata service", "169.254.169.254"],
    ["its neighbours by IPv6", "fe80::1"],
    ["a carrier's own network", "100.64.0.1"],
    ["everywhere", "0.0.0.0"],
    ["everywhere by IPv6", "::"],
    ["a group", "224.0.0.1"],
    ["a group by IPv6", "ff02::1"],
    ["IPv4 in IPv6", "::ffff:127.0.0.1"],
    ["IPv4 in IPv6, in hexadecimal", "::ffff:7f00:1"],
    ["IPv4 behind a translator", "64:ff9b::7f00:1"],
    ["IPv4 in 6to4", "2002:7f00:1::"],
    ["IPv4 in Teredo", "2001::7f00:1"],
  ])("to %s (%s) is refused by name and by address", async (_what, address) => {
    const before = connections()
    const literal = address.includes(":") ? `[${address}]` : address
    expect(await refusal(`https://${literal}:${host.port}/client.json`, {})).toMatch(/not public/)
    const resolve = async () => at(address)
    expect(await refusal(`${host.origin}/client.json`, { resolve })).toMatch(/not public/)
    expect(connections()).toBe(before)
  })

  it.each(["https://2130706433", "https://0x7f.1", "https://0177.0.0.1", "https://127.1", "https://①②⑦.0.0.1"])(
    "written as %s is the same address",
    async (origin) => {
      expect(await refusal(`${origin}:${host.port}/`, {})).toBe("127.0.0.1 is not public")
    },
  )

  it("among other addresses of the name makes all of them unusable", async () => {
    const before = connections()
    const resolve = async () => at("127.0.0.1", "10.0.0.1")
    // Here 127.0.0.1 stands for a public address: it would be reached if the other one were passed over.
    expect(await refusal(`${host.origin}/client.json`, { loopback: true, resolve })).toMatch(/10\.0\.0\.1/)
    expect(connections()).toBe(before)
  })

  it("the second time it is resolved (DNS rebinding) is never asked for a second time", async () => {
    const answers = [at("127.0.0.1"), at("10.0.0.1"), at("10.0.0.1")]
    let asked = 0
    const resolve = async () => answers[asked++] ?? []
    expect(await refusal(`${host.origin}/client.json`, { loopback: true, resolve })).toBe(undefined)
    expect(asked).toBe(1)
    // And each fetch looks anew, at a connection of its own.
    const read = publicFetch({ limit: 1024, loopback: true, ca: host.ca, resolve: async () => answers[asked++] ?? [] })
    asked = 0
    await read(`${host.origin}/client.json`)
    await expect(read(`${host.origin}/client.json`)).rejects.toThrow(/10\.0\.0\.1, which is not public/)
  })

  it("by a redirect is not followed", async () => {
    host.pages.set("/moved", { status: 307, headers: { location: `https://127.0.0.1:${host.port}/inside` }, body: "" })
    const resolve = async () => at("127.0.0.1")
    expect(await refusal(`${host.origin}/moved`, { loopback: true, resolve })).toBe("it answered 307")
    expect(host.asked).not.toContain("/inside")
  })

  it("of another scheme, or with a password, is none that we ask", async () => {
    for (const url of [`http://127.0.0.1:${host.port}/`, "file:///etc/passwd", "gopher://x/", "//x", ""]) {
      expect(await refusal(url, { loopback: true })).toBe("it is no https URL")
    }
    expect(await refusal(`https://u:p@${HOST}/`, { loopback: true })).toMatch(/password/)
  })

  it("of a name that has no address, or a host that somebody else has a certificate for, is refused", async () => {
    expect(await refusal(`${host.origin}/`, { resolve: async () => [] })).toMatch(/no address/)
    const resolve = async () => at("127.0.0.1")
    const other = `https://other.example:${host.port}/client.json`
    expect(await refusal(other, { loopback: true, resolve })).toBe("ERR_TLS_CERT_ALTNAME_INVALID")
  })
})

describe("a host that answers", () => {
  const read = (path: string) =>
    refusal(`${host.origin}${path}`, { loopback: true, resolve: async () => at("127.0.0.1") })

  it("without an end is left at the limit, whatever it said its length would be", async () => {
    host.pages.set("/long", { body: "x".repeat(1_000_000) })
    expect(await read("/long")).toBe("it has more than 1024 bytes")
  })

  it("with a bomb is left at the limit of what comes out of it", async () => {
    host.pages.set("/bomb", {
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: gzipSync(Buffer.alloc(1_000_000)),
    })
    expect(await read("/bomb")).toBe("it has more than 1024 bytes")
  })
})

describe("addresses", () => {
  it("that are public are public", () => {
    for (const address of ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"]) {
      expect(isPublicAddress(address)).toBe(true)
      expect(isLoopbackAddress(address)).toBe(false)
    }
    for (const text of ["", "example.com", "1.2.3", "1.2.3.4.5", "::g"]) expect(isPublicAddress(text)).toBe(false)
  })

  it("of IPv4 are as public inside of IPv6 as nowhere: no IPv6 form of any of them is", () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
        const tail = `${hex(a, b)}:${hex(c, d)}`
        for (const form of [
          `::ffff:${tail}`,
          `::${tail}`,
          `64:ff9b::${tail}`,
          `64:ff9b:1::${tail}`,
          `2002:${tail}::1`,
        ]) {
          expect(isPublicAddress(form)).toBe(false)
        }
      }),
    )
  })
})

describe("the server itself", () => {
  it("asks nobody on loopback outside of the sandbox, and does not tell who is there", async () => {
    const rig = await start({
      config: { metadataDocuments: { size: 10, lifetime: 60 } },
      strangers: { loopback: false, ca: host.ca },
    })
    const before = connections()
    const pageAt = async (id: string) => {
      const page = await new Browser().once(new Client(rig, id, REDIRECT, new Browser()).authorizationUrl())
      return page.text.replaceAll(id, "")
    }
    const open = await pageAt(`https://127.0.0.1:${host.port}/client.json`)
    const closed = await pageAt("https://127.0.0.1:1/client.json")
    expect(open).toBe(closed)
    expect(open).toContain("invalid_client")
    expect(connections()).toBe(before)
    // The operator is told, in one line, whatever the URL holds.
    const told = rig.journal.filter(({ stage }) => stage === "client").map(({ summary }) => summary)
    expect(told[0]).toMatch(/not read: 127\.0\.0\.1 is not public$/)
    await rig.stop()
  })

  it("is no lever against others: documents are asked for at a bounded rate", () => {
    let now = 0
    const may = rateOf(DOCUMENTS, () => now)
    const burst = Array.from({ length: 200 }, () => may()).filter((wait) => wait === 0)
    expect(burst).toHaveLength(DOCUMENTS.burst)
    now += 1000
    expect(Array.from({ length: 200 }, () => may()).filter((wait) => wait === 0)).toHaveLength(DOCUMENTS.perSecond)
  })
})
