/**
 * The kinds of ToolHive whose fields are known, and those fields.
 *
 * @module
 */
import { authzConfig } from "./authz-config.ts"
import { externalAuthConfig } from "./external-auth-config.ts"
import { group } from "./group.ts"
import { oidcConfig } from "./oidc-config.ts"
import { remoteProxy } from "./remote-proxy.ts"
import { server } from "./server.ts"
import { serverEntry } from "./server-entry.ts"
import type { Shape } from "./shape.ts"
import { telemetryConfig } from "./telemetry-config.ts"
import { toolConfig } from "./tool-config.ts"
import { virtualServer } from "./virtual-server.ts"
import { webhookConfig } from "./webhook-config.ts"

export const shapes = {
  MCPAuthzConfig: authzConfig,
  MCPExternalAuthConfig: externalAuthConfig,
  MCPGroup: group,
  MCPOIDCConfig: oidcConfig,
  MCPRemoteProxy: remoteProxy,
  MCPServerEntry: serverEntry,
  MCPServer: server,
  MCPTelemetryConfig: telemetryConfig,
  MCPToolConfig: toolConfig,
  MCPWebhookConfig: webhookConfig,
  VirtualMCPServer: virtualServer,
} as const satisfies Readonly<Record<string, Shape>>

export type Kind = keyof typeof shapes
