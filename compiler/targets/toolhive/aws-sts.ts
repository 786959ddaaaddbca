/**
 * `exchange aws.sts` and `sign aws.sigv4` as one MCPExternalAuthConfig of type awsSts: ToolHive exchanges and signs in one
 * step (pkg/auth/awssts), in one region.
 *
 * @module
 */

import type { ClaimSet } from "../../catalogue/claims.ts"
import { nameOf } from "../../catalogue/credential.ts"
import type { Provider, StageOf } from "../../catalogue/index.ts"
import type { RoleDecision, RoleRules } from "../../catalogue/role-rules.ts"
import type { Flow } from "../../check/program.ts"
import { type Carrier, isLoginToken, isSame, loginsOf, nameShown, shownByProxy, subjectProvider } from "./carrier.ts"
import { notPortable } from "./cel.ts"
import { refuseFields } from "./chain.ts"
import type { Context } from "./context.ts"
import { API_VERSION, COPIED_CLAIMS, MAX_MATCHER, OWN_CLAIMS, OWN_SUBJECT, REGION, ROLE_ARN } from "./engine.ts"
import { field, type Manifest, mapping, type Value } from "./manifest.ts"
import { awsStsName, kubernetesName } from "./names.ts"
import { scopesOf } from "./remote-proxy.ts"
import { issuedScopes, ownScopes, type RoleChoice, roleChoice } from "./role-mappings.ts"

type AwsSts = StageOf<"aws.sts">

const refuseSubject = ({ fields: { subject } }: AwsSts, flow: Flow, { report }: Context): void => {
  const shown = shownByProxy(flow)
  if (isSame(subject.value, shown) || isLoginToken(subject.value, flow)) return
  report("AF0801", subject.span, {
    subject: nameOf(subject.value),
    shown: nameShown(flow),
    embedded: loginsOf(flow).length > 0,
  })
}

/** What ToolHive copies from: the ID token, or what an OAuth 2.0 provider says of the person. */
const copiedOf = (provider: Provider): ClaimSet =>
  provider.kind === "oidc" ? (provider.idToken?.claims ?? new Map()) : provider.userinfo

/** Claims that rules and the session's name read. Only the embedded server's own tokens are known to lack any. */
const refuseClaims = (sts: AwsSts, flow: Flow, { report }: Context): void => {
  const [identify] = flow.stages
  if (identify.kind !== "identify.auth_server") return
  const server = identify.operand.value
  const read = (claim: string, use: "a role rule" | "the session name", span: AwsSts["span"]) => {
    if (claim === OWN_SUBJECT && use === "a role rule") report("AF0827", span, { server: server.name.value })
    else if (!OWN_CLAIMS.has(claim)) report("AF0802", span, { claim, use })
    else if (COPIED_CLAIMS.has(claim) && !copiedOf(server.login[0]).has(claim)) {
      report("AF0829", span, { claim, provider: server.login[0].name.value })
    }
  }
  // What is carried is refused where it is carried (AF0803); that a rule reads it only follows.
  const seen = new Set(server.carried.map(({ name }) => name))
  for (const { span, when } of sts.fields.role.value.rules) {
    for (const { name } of when.op === "cel" ? when.claims : [when.claim]) {
      if (!seen.has(name)) read(name, "a role rule", span)
      seen.add(name)
    }
  }
  const { name } = sts.fields.session.value
  if (!seen.has(name.value.name) || OWN_CLAIMS.has(name.value.name))
    read(name.value.name, "the session name", name.span)
}

/** Names of the claims that the rules and the session's name read, each once. */
export const claimsRead = ({ fields: { role, session } }: AwsSts): readonly string[] => {
  const conditions = role.value.rules.flatMap(({ when }) => (when.op === "cel" ? when.claims : [when.claim]))
  return [...new Set([...conditions.map(({ name }) => name), session.value.name.value.name])]
}

const decisions = ({ rules, otherwise }: RoleRules): readonly RoleDecision[] => [
  ...rules.map(({ then }) => then),
  otherwise,
]

const refuseRules = ({ role, region }: AwsSts["fields"], choice: RoleChoice, { report }: Context): void => {
  const { value: rules, span } = role
  for (const { when } of rules.rules) {
    if (when.op !== "cel") continue
    const reason = notPortable(when.expression.value)
    if (reason !== undefined) report("AF0823", when.expression.span, { reason })
  }
  for (const { matcher, span: rule } of choice.mappings) {
    if (matcher.length > MAX_MATCHER) report("AF0830", rule, { length: matcher.length, max: MAX_MATCHER })
  }
  for (const decision of decisions(rules)) {
    // In a region that is refused itself, the roles' partition only follows.
    if ("role" in decision && REGION.test(region.value) && !ROLE_ARN.test(decision.role.value)) {
      report("AF0817", decision.role.span, { arn: decision.role.value })
    }
    if ("deny" in decision && decision.deny.value !== "")
      report("AF0821", decision.deny.span, { reason: decision.deny.value })
  }
  if (choice.mappings.length === 0 && choice.fallback === undefined) report("AF0824", span, {})
}

const refuse = (sts: AwsSts, choice: RoleChoice, flow: Flow, context: Context): void => {
  const { report } = context
  const { region, endpoint, session } = sts.fields
  const { policy, policy_arns } = sts.fields
  refuseFields({ policy, ...(policy_arns.value.length > 0 ? { policy_arns } : {}) }, context)
  if (sts.fields.subject.value.issuer.kind !== "token_endpoint") refuseSubject(sts, flow, context)
  refuseClaims(sts, flow, context)
  refuseRules(sts.fields, choice, context)
  if (!REGION.test(region.value)) report("AF0818", region.span, { region: region.value })
  if (endpoint !== undefined) report("AF0809", endpoint.span, { endpoint: endpoint.value })
  const { on_invalid } = session.value
  if (on_invalid?.value === "sanitize") report("AF0808", on_invalid.span, {})
}

const roleMappings = ({ mappings }: RoleChoice, { origin }: Context): readonly Value[] | undefined =>
  mappings.length === 0
    ? undefined
    : mappings.map(({ priority, matcher, role, span }) =>
        mapping(field("priority", priority, origin(span)), field("matcher", matcher), field("roleArn", role.value)),
      )

/** What stands above the mappings, so that a reader of the YAML alone knows what they do. */
const remarks = (rules: RoleRules, scopes: readonly string[]): string =>
  [
    "The mapping with the lowest priority that matches decides; one that fails to evaluate is skipped.",
    ...(scopes.length > 0
      ? [
          `Each one asks for the scopes ${scopes.join(", ")}: ToolHive itself advertises scopes and does not check them.`,
        ]
      : []),
    ...decisions(rules).flatMap((each) =>
      "deny" in each && each.deny.value !== ""
        ? [`Who matches none is answered 403, without the reason: ${JSON.stringify(each.deny.value)}.`]
        : [],
    ),
  ].join("\n")

export const awsSts = (sts: AwsSts, flow: Flow, carrier: Carrier, context: Context): Manifest => {
  const { origin } = context
  const [identify] = flow.stages
  const { subject, region, role, session } = sts.fields
  const scopes = scopesOf(identify)
  const required = identify.kind === "identify.auth_server" ? ownScopes(scopes) : issuedScopes(scopes)
  const choice = roleChoice(role.value, required)
  refuse(sts, choice, flow, context)
  const { name, duration } = session.value
  const sign = flow.stages.find((stage) => stage.kind === "aws.sigv4")
  return {
    comment: `The role each caller assumes in AWS, and the signature, ${origin(sts.span)}`,
    apiVersion: API_VERSION,
    kind: "MCPExternalAuthConfig",
    name: awsStsName(flow.name.value),
    spec: mapping(
      field("type", "awsSts"),
      field(
        "awsSts",
        mapping(
          field("region", region.value, origin(region.span)),
          field(
            "subjectProviderName",
            subjectProvider(subject.value, flow, carrier, kubernetesName),
            origin(subject.span),
          ),
          field("service", sign?.fields.service.value, sign && origin(sign.span)),
          field("roleMappings", roleMappings(choice, context), remarks(role.value, scopes)),
          field("fallbackRoleArn", choice.fallback?.value, choice.fallback && origin(choice.fallback.span)),
          field("sessionNameClaim", name.value.name, origin(name.span)),
          field("sessionDuration", duration.value, `${origin(duration.span)}, in seconds`),
        ),
      ),
    ),
  }
}
