/**
 * `embeddedAuthServer` of a MCPExternalAuthConfig, `authServerConfig` of a VirtualMCPServer.
 *
 * @module
 */
import { boolean, booleanOr, list, map, number, numberOr, object, secretKey, string, stringOr } from "./shape.ts"

export const embeddedAuthServer = object({
  allowConfidentialClientRegistration: booleanOr(false),
  authorizationEndpointBaseUrl: string,
  baselineClientScopes: list(string),
  cimd: object({
    cacheFallbackTtl: string,
    cacheMaxSize: number,
    enabled: booleanOr(false),
  }),
  delegateClients: list(
    object({
      audiences: list(string),
      clientId: string,
      clientSecretRef: secretKey,
      scopes: list(string),
    }),
  ),
  disableUpstreamTokenInjection: booleanOr(false),
  forceConfidentialRedirectUris: list(string),
  hmacSecretRefs: list(secretKey),
  insecureAllowConfidentialOverLoopbackHTTP: booleanOr(false),
  insecureAllowHTTP: booleanOr(false),
  issuer: string,
  primaryUpstreamProvider: string,
  signingKeySecretRefs: list(secretKey),
  storage: object({
    redis: object({
      aclUserConfig: object({
        passwordSecretRef: secretKey,
        usernameSecretRef: secretKey,
      }),
      addr: string,
      clusterMode: boolean,
      dialTimeout: stringOr("5s"),
      readTimeout: stringOr("3s"),
      sentinelConfig: object({
        db: numberOr(0),
        masterName: string,
        sentinelAddrs: list(string),
        sentinelService: object({
          name: string,
          namespace: string,
          port: numberOr(26379),
        }),
      }),
      sentinelTls: object({
        caCertSecretRef: secretKey,
        insecureSkipVerify: boolean,
      }),
      tls: object({
        caCertSecretRef: secretKey,
        insecureSkipVerify: boolean,
      }),
      writeTimeout: stringOr("3s"),
    }),
    type: stringOr("memory"),
  }),
  tokenLifespans: object({
    accessTokenLifespan: string,
    authCodeLifespan: string,
    refreshTokenLifespan: string,
  }),
  trustedIssuers: list(
    object({
      actorClaim: string,
      actorMatcher: string,
      allowMayAct: booleanOr(false),
      allowPrivateIPs: boolean,
      allowedActors: list(string),
      allowedDelegateClients: list(string),
      expectedAudience: string,
      insecureAllowHTTP: boolean,
      issuerUrl: string,
      jwksUrl: string,
      jwtBearerGrant: object({
        acceptedAudiences: list(string),
        maxAssertionAge: string,
        subjectBindings: list(
          object({
            allowedResources: list(string),
            subject: string,
          }),
        ),
      }),
    }),
  ),
  upstreamProviders: list(
    object({
      name: string,
      oauth2Config: object({
        additionalAuthorizationParams: map(string),
        allowPrivateIPs: boolean,
        authorizationEndpoint: string,
        clientId: string,
        clientSecretRef: secretKey,
        dcrConfig: object({
          discoveryUrl: string,
          initialAccessTokenRef: secretKey,
          registrationEndpoint: string,
          softwareId: string,
          softwareStatement: string,
        }),
        identityFromToken: object({
          emailPath: string,
          namePath: string,
          subjectPath: string,
        }),
        insecureAllowHTTP: boolean,
        redirectUri: string,
        scopes: list(string),
        tokenEndpoint: string,
        tokenResponseMapping: object({
          accessTokenPath: string,
          expiresInPath: string,
          refreshTokenPath: string,
          scopePath: string,
        }),
        userInfo: object({
          additionalHeaders: map(string),
          endpointUrl: string,
          fieldMapping: object({
            emailFields: list(string),
            nameFields: list(string),
            subjectFields: list(string),
          }),
          httpMethod: string,
        }),
      }),
      oidcConfig: object({
        additionalAuthorizationParams: map(string),
        clientId: string,
        clientSecretRef: secretKey,
        issuerUrl: string,
        redirectUri: string,
        scopes: list(string),
        subjectClaim: string,
        userInfoOverride: object({
          additionalHeaders: map(string),
          endpointUrl: string,
          fieldMapping: object({
            emailFields: list(string),
            nameFields: list(string),
            subjectFields: list(string),
          }),
          httpMethod: string,
        }),
      }),
      type: string,
    }),
  ),
})
