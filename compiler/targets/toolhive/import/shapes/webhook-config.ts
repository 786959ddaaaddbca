/**
 * Fields of a MCPWebhookConfig's `spec`.
 *
 * @module
 */
import { boolean, list, object, secretKey, string, stringOr } from "./shape.ts"

export const webhookConfig = object({
  mutating: list(
    object({
      failurePolicy: stringOr("fail"),
      hmacSecretRef: secretKey,
      name: string,
      timeout: string,
      tlsConfig: object({
        caSecretRef: secretKey,
        clientCertSecretRef: secretKey,
        clientKeySecretRef: secretKey,
        insecureSkipVerify: boolean,
      }),
      url: string,
    }),
  ),
  validating: list(
    object({
      failurePolicy: stringOr("fail"),
      hmacSecretRef: secretKey,
      name: string,
      timeout: string,
      tlsConfig: object({
        caSecretRef: secretKey,
        clientCertSecretRef: secretKey,
        clientKeySecretRef: secretKey,
        insecureSkipVerify: boolean,
      }),
      url: string,
    }),
  ),
})
