/** Signing keys as an operator makes and rotates them. */
import { createPrivateKey } from "node:crypto"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK } from "jose"
import { describe, expect, it } from "vitest"
import { Client, json, type Tokens } from "../runtime/authorization.ts"
import { authflow } from "./authflow.ts"
import { deploy, signingKey } from "./replicas.ts"

const kidOf = async (pem: string) => calculateJwkThumbprint(await exportJWK(createPrivateKey(pem)))

describe("keys new", () => {
  it.each([
    [[], "ec", "prime256v1"],
    [["--alg", "ES384"], "ec", "secp384r1"],
    [["--alg", "RS256"], "rsa", 2048],
    [["--alg", "EdDSA"], "ed25519", undefined],
  ])("prints a private key and nothing else: %j", async (args, type, detail) => {
    const { code, stdout, stderr } = await authflow(["keys", "new", ...args])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/)
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(stdout)
    expect(asymmetricKeyType).toBe(type)
    expect(asymmetricKeyDetails?.namedCurve ?? asymmetricKeyDetails?.modulusLength).toBe(detail)
  })

  it("knows no other algorithm", async () => {
    expect(await authflow(["keys", "new", "--alg", "HS256"])).toMatchObject({ code: 2, stdout: "" })
  })
})

describe("rotation without a restart", () => {
  it("publishes the new key before it signs, and takes tokens of the old one as long as it is there", {
    timeout: 90_000,
  }, async () => {
    const [old, older, fresh] = [signingKey(), signingKey(), signingKey()]
    const deployment = await deploy({ keys: [old, older] })
    const replica = await deployment.launch()
    deployment.route = () => replica
    const published = async () => {
      const { keys } = await json<{ keys: { kid: string }[] }>(
        await fetch(`${deployment.issuer}/.well-known/jwks.json`),
      )
      return new Set(keys.map(({ kid }) => kid))
    }
    const client = await Client.register(deployment.rig)
    const before = await client.login("ada")
    expect(decodeProtectedHeader(before.access_token).kid).toBe(await kidOf(old))

    // Replaced as Kubernetes does: never half a file.
    for (const [at, key] of [fresh, old].entries()) {
      const file = join(deployment.directory, "secrets", "gate", `signing-${at}`)
      writeFileSync(`${deployment.directory}/new`, key)
      renameSync(`${deployment.directory}/new`, file)
    }
    const wanted = new Set([await kidOf(fresh), await kidOf(old)])
    await expect.poll(published, { timeout: 20_000 }).toEqual(wanted)

    const after = await json<Tokens>(await client.refresh(before.refresh_token))
    expect(decodeProtectedHeader(after.access_token).kid).toBe(await kidOf(old))
    for (const { access_token } of [before, after]) expect((await deployment.call(access_token)).status).toBe(200)
  })
})
