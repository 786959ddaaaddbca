/**
 * `authorize toolhive`: which calls a caller may make, as an object of the cluster says that is kept elsewhere. Nothing is
 * known of it here.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { optional } from "./field.ts"
import { kubernetesObject } from "./kubernetes.ts"
import { pattern, text } from "./values.ts"

const fields = {
  config: optional(kubernetesObject("a MCPAuthzConfig"), {
    doc: "Name of a MCPAuthzConfig. Either this or `config_map`.",
    example: '"team-rules"',
  }),
  config_map: optional(kubernetesObject("a ConfigMap"), {
    doc: "Name of a ConfigMap that holds the configuration.",
    example: '"team-rules"',
  }),
  key: optional(pattern("a key of a ConfigMap", /^[-._a-zA-Z0-9]{1,253}$/, "it is letters, digits, `-`, `_` and `.`"), {
    doc: "Its key. `authz.json` when unsaid.",
    example: '"authz.yaml"',
  }),
  groups: optional(text, {
    doc: "The claim that lists the caller's groups, before the one that the ConfigMap names.",
    example: '"groups"',
  }),
  roles: optional(text, {
    doc: "The claim that lists the caller's roles, before the one that the ConfigMap names.",
    example: '"roles"',
  }),
  group_type: optional(
    pattern("a Cedar entity type", /^[A-Za-z_]\w{0,62}$/, "it is one word of at most 63 letters, digits and `_`"),
    {
      doc: "What groups are entities of, before what the ConfigMap says.",
      example: '"Team"',
    },
  ),
}

export const authorizeToolhive: StageConstruct<"authorize.toolhive", string, typeof fields, "Principal", "Principal"> =
  {
    verb: "authorize",
    kind: "authorize.toolhive",
    doc: "Leaves it to an object of the cluster, which is kept elsewhere, what a caller may do.",
    operand: { by: "kind", name: "toolhive" },
    fields,
    consumes: ["Principal"],
    produces: "Principal",
    type: ({ input, operand, fields: { config, config_map, ...others } }, scope) => {
      if ((config === undefined) === (config_map === undefined)) {
        const both = config !== undefined
        scope.report("AF0314", config_map?.span ?? operand.span, {
          names: ["config", "config_map"],
          both,
        })
        return undefined
      }
      const idle = Object.entries(others).find(([, said]) => said !== undefined)
      if (config !== undefined && idle?.[1] !== undefined) {
        scope.report("AF0313", idle[1].span, {
          name: idle[0],
          why: "a MCPAuthzConfig says it itself",
        })
        return undefined
      }
      return input
    },
  }
