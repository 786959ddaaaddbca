/**
 * `identify <client certificates>`: a certificate that one of the authorities issued, shown in the TLS handshake, or seen by a
 * proxy that is believed.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import { CertificateRefused, PipelineBroken } from "../failure.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage } from "../pipeline/stage.ts"
import {
  addressList,
  certificateClaims,
  expiryOf,
  forwardedCertificate,
  handshakeCertificate,
  parseAuthorities,
  refusedCertificate,
} from "../resource-server/client-certificate.ts"
import { PlanUnusable } from "../start-failure.ts"
import { namedSecret, refName } from "./named-secret.ts"

export const identifyClientCertificates: MakeStage<"identify.client_certificates"> = Effect.fn(
  "IdentifyClientCertificates.make",
)(function* (spec, environment) {
  const { callers, ca, subject } = spec
  const authorities = parseAuthorities(Redacted.value(yield* namedSecret(ca, environment)))
  if (authorities === undefined) {
    const detail = `${refName(ca)} is no bundle of certificates (PEM) of authorities`
    return yield* new PlanUnusable({ path: environment.path, detail })
  }
  const forwarded = spec.forwarded && { header: spec.forwarded.header, proxies: addressList(spec.forwarded.proxies) }
  const stage: Stage<"Caller", "Principal"> = {
    label: `identify ${callers}`,
    consumes: "Caller",
    produces: "Principal",
    run: Effect.fn("IdentifyClientCertificates.run")(function* ({ incoming }) {
      const certificate = forwarded ? forwardedCertificate(incoming, forwarded) : handshakeCertificate(incoming)
      if (certificate === "untrusted")
        return yield* refused("the request comes from none of the proxies that are believed about certificates")
      if (certificate === "malformed") return yield* refused("the proxy's header holds no certificate")
      if (certificate === undefined) return yield* refused("the caller has shown no client certificate")
      const why = refusedCertificate(certificate, authorities, Date.now())
      if (why !== undefined) return yield* refused(why)
      const claims = certificateClaims(certificate, subject)
      const { sub } = claims
      if (typeof sub !== "string" || sub === "")
        return yield* refused(`the client certificate has no ${NAMES[subject]}`)
      return {
        credential: {
          _tag: "Principal",
          issuer: callers,
          subject: sub,
          claims,
          expiresAt: expiryOf(certificate),
          token: ({ issuer, kind }) =>
            Effect.fail(new PipelineBroken({ detail: `a caller of ${callers} has no ${issuer}.${kind}` })),
        },
        account: { summary: sub, detail: { subject: sub, serial: certificate.serialNumber } },
      }
    }),
  }
  return stage
})

const NAMES = {
  common_name: "common name",
  uri: "URI among its names",
  dns: "DNS name",
  email: "address among its names",
} as const

const refused = (detail: string) => Effect.fail(new CertificateRefused({ detail }))
