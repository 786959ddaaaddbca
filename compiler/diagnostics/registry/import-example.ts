/**
 * The manifests that the AF10xx examples are made of: a proxy that is carried whole, with one thing changed.
 *
 * @module
 */
import type { Example } from "./entry.ts"

const WHOLE = `apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPOIDCConfig
metadata:
  name: api-oidc
spec:
  type: inline
  inline:
    issuer: https://idp.example.com
---
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPExternalAuthConfig
metadata:
  name: api-sts
spec:
  type: awsSts
  awsSts:
    region: us-east-1
    fallbackRoleArn: arn:aws:iam::123456789012:role/mcp
    sessionDuration: 1800
---
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPRemoteProxy
metadata:
  name: api
spec:
  remoteUrl: https://aws-mcp.us-east-1.api.aws/mcp
  proxyPort: 8080
  oidcConfigRef:
    name: api-oidc
    audience: https://mcp.example.com/mcp
    resourceUrl: https://mcp.example.com/mcp
  externalAuthConfigRef:
    name: api-sts
`

/** An example whose `bad` is a change of it. */
export const manifest = (...changes: readonly (readonly [from: string, to: string])[]): Example => ({
  bad: changes.reduce((text, [from, to]) => text.replaceAll(from, () => to), WHOLE),
  good: WHOLE,
  command: "import",
})

/** An example that has more at its end. */
export const followed = (text: string): Example => ({ ...manifest(), bad: `${WHOLE}---\n${text}` })

/** An example that is something else altogether. */
export const only = (bad: string): Example => ({ ...manifest(), bad })
