/**
 * Parts that several kinds have in common.
 *
 * @module
 */
import { list, map, number, numberOr, object, secretKey, string, stringOr } from "./shape.ts"

export const authzConfig = object({
  configMap: object({
    key: stringOr("authz.json"),
    name: string,
  }),
  groupClaimName: string,
  groupEntityType: string,
  inline: object({
    entitiesJson: stringOr("[]"),
    policies: list(string),
    primaryUpstreamProvider: string,
  }),
  roleClaimName: string,
  type: stringOr("configMap"),
})

export const headerForward = object({
  addHeadersFromSecret: list(
    object({
      headerName: string,
      valueSecretRef: secretKey,
    }),
  ),
  addPlaintextHeaders: map(string),
})

export const oidcConfigRef = object({
  audience: string,
  name: string,
  resourceUrl: string,
  scopes: list(string),
})

export const rateLimiting = object({
  perUser: object({
    maxTokens: number,
    refillPeriod: string,
  }),
  shared: object({
    maxTokens: number,
    refillPeriod: string,
  }),
  tools: list(
    object({
      name: string,
      perUser: object({
        maxTokens: number,
        refillPeriod: string,
      }),
      shared: object({
        maxTokens: number,
        refillPeriod: string,
      }),
    }),
  ),
})

export const sessionStorage = object({
  address: string,
  db: numberOr(0),
  keyPrefix: string,
  passwordRef: secretKey,
  provider: string,
})
