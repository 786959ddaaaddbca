process.on("SIGINT", () => process.exit(0))

/** Our own: the runtime with a plan that verifies a JWT, assumes a role, signs the body and forwards it. */
import { createServer } from "node:net"
import { Effect, Scope } from "effect"
import { Secrets, serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { startIssuer } from "../../test/runtime/proxy-world/issuer.ts"
import { startSts } from "../../test/runtime/proxy-world/sts.ts"

const upstream = process.env["UPSTREAM"] ?? ""
const socket = createServer()
await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve))
const address = socket.address()
const port = typeof address === "object" && address !== null ? address.port : 0
const resource = `http://127.0.0.1:${port}/mcp`

const started = Effect.gen(function* () {
  const issuer = yield* startIssuer
  const sts = yield* startSts
  const plan: Plan = {
    version: 1,
    source: "bench.authflow",
    providers: [
      {
        name: "corp",
        kind: "oidc",
        issuer: issuer.origin,
        accessToken: { format: "jwt" },
        algorithms: ["ES256"],
        claims: { idToken: [], accessToken: [], userinfo: [] },
      },
    ],
    servers: [],
    flows: [
      {
        name: "aws_mcp",
        resource,
        stages: [
          { kind: "identify.oidc", provider: "corp", scopes: ["mcp:use"], audience: resource },
          {
            kind: "aws.sts",
            subject: { issuer: "corp", kind: "access_token" },
            region: "us-east-1",
            endpoint: sts.origin,
            role: {
              rules: [
                {
                  when: { op: "contains", claim: "groups", value: "readers" },
                  then: { role: "arn:aws:iam::123456789012:role/mcp-reader" },
                },
              ],
              otherwise: { deny: "" },
            },
            session: { nameClaim: "email", onInvalid: "reject", duration: 3600 },
          },
          { kind: "aws.sigv4", service: "aws-mcp", region: "us-east-1", maxBody: 1 << 20 },
          { kind: "forward", url: `${upstream}/mcp`, timeout: 20 },
        ],
      },
    ],
  }
  yield* serve(plan, { listen: [{ host: "127.0.0.1", port, socket }], env: {} }).pipe(
    Effect.provide(Secrets.layerEnvironment({})),
  )
  return yield* issuer.token({ sub: "ada", email: "ada@example.com", groups: ["readers"] }, resource)
})

const token = await Effect.runPromise(Effect.provideService(started, Scope.Scope, Scope.makeUnsafe()))
process.send?.({ port, headers: { authorization: `Bearer ${token}` } })
