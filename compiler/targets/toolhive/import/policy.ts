/**
 * The stages that decide who may what, from what a workload says of it: limits, webhooks and authorization, in the order that
 * ToolHive has them in.
 *
 * @module
 */
import type { Expression, Stage } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { kubernetesName } from "../names.ts"
import { importAuthorization } from "./authorization.ts"
import type { Draft } from "./draft.ts"
import type { Subject } from "./outgoing.ts"
import { importRateLimits } from "./rate-limits.ts"
import type { Resource } from "./resource.ts"
import type { Origin } from "./syntax.ts"
import { importTelemetry } from "./telemetry.ts"
import type { Tree } from "./tree.ts"
import { importWebhooks } from "./webhooks.ts"

/** What some part of a workload becomes. */
export interface Policy {
  readonly stages: (subject: Subject) => readonly Stage[]
  /** Objects that it is in, with what the target calls them. */
  readonly others?: readonly { readonly resource: Resource; readonly compiled: (flow: string) => string }[]
  /** Words of the deployment; one is left out where `usual` makes the same name. */
  readonly deploy?: Readonly<Record<string, Expression>>
  readonly usual?: (flow: string) => string
  /** Claims that it reads, of the caller's token or, behind a server, of a login's. */
  readonly reads?: {
    readonly upstream: string | undefined
    readonly claims: ReadonlyMap<string, { readonly type: ClaimType; readonly origin: Origin }>
  }
}

export const importPolicies = (
  draft: Draft,
  resource: Resource,
  server: { readonly resource: Resource; readonly config: Tree } | undefined,
): readonly Policy[] => {
  const isVirtual = resource.kind === "VirtualMCPServer"
  const { spec } = resource
  const found = [
    importRateLimits(draft, resource, isVirtual ? draft.at(spec, "config") : spec),
    importWebhooks(draft, resource),
    importAuthorization(draft, resource, isVirtual ? draft.at(spec, "incomingAuth") : spec, server),
    importTelemetry(draft, resource),
  ]
  return found.filter((each) => each !== undefined)
}

/** The words of the deployment that are not what the target would write by itself. */
export const deployedNames = (policies: readonly Policy[], flow: string): Readonly<Record<string, Expression>> =>
  Object.assign(
    {},
    ...policies.map(({ deploy = {}, usual }) =>
      Object.fromEntries(
        Object.entries(deploy).filter(
          ([, value]) => usual === undefined || textOf(value) !== usual(kubernetesName(flow)),
        ),
      ),
    ),
  )

const textOf = (value: Expression): string | undefined =>
  value.kind === "StringTemplate" && value.parts[0]?.kind === "TemplateText" ? value.parts[0].value : undefined
