/**
 * Fields of a MCPExternalAuthConfig's `spec`.
 *
 * @module
 */
import { embeddedAuthServer } from "./embedded-auth-server.ts"
import { boolean, list, number, numberOr, object, secretKey, string, stringOr } from "./shape.ts"

export const externalAuthConfig = object({
  awsSts: object({
    fallbackRoleArn: string,
    region: string,
    roleClaim: stringOr("groups"),
    roleMappings: list(
      object({
        claim: string,
        matcher: string,
        priority: number,
        roleArn: string,
      }),
    ),
    service: stringOr("aws-mcp"),
    sessionDuration: numberOr(3600),
    sessionNameClaim: stringOr("sub"),
    subjectProviderName: string,
  }),
  bearerToken: object({
    tokenSecretRef: secretKey,
  }),
  embeddedAuthServer: embeddedAuthServer,
  headerInjection: object({
    headerName: string,
    valueSecretRef: secretKey,
  }),
  obo: object({
    audience: string,
    authority: string,
    cacheSkew: string,
    clientId: string,
    clientSecretRef: secretKey,
    scopes: list(string),
    subjectTokenProviderName: string,
    tenantId: string,
  }),
  tokenExchange: object({
    audience: string,
    clientId: string,
    clientSecretRef: secretKey,
    externalTokenHeaderName: string,
    scopes: list(string),
    subjectProviderName: string,
    subjectTokenType: string,
    tokenUrl: string,
  }),
  type: string,
  upstreamInject: object({
    providerName: string,
  }),
  xaa: object({
    idpClientId: string,
    idpClientSecretRef: secretKey,
    idpTokenUrl: string,
    insecureTargetTokenUrl: boolean,
    scopes: list(string),
    subjectProviderName: string,
    subjectTokenType: string,
    targetAudience: string,
    targetClientId: string,
    targetClientSecretRef: secretKey,
    targetResource: string,
    targetTokenUrl: string,
  }),
})
