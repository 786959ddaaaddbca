/**
 * What a MCP request looks like to a Cedar policy: the entities and attributes it is told in. ToolHive's words
 * (pkg/authz/authorizers/cedar at e25de16c), which authflow has no reason to make others of.
 *
 * @module
 */

/** What a caller does. Every other method of MCP is either let through (`initialize`, `ping`) or refused. */
export const ACTIONS = [
  "call_tool",
  "get_prompt",
  "read_resource",
  "list_tools",
  "list_prompts",
  "list_resources",
] as const

/** Methods of MCP that people write for the action that they are. */
export const METHODS: Readonly<Record<string, (typeof ACTIONS)[number]>> = {
  "tools/call": "call_tool",
  "prompts/get": "get_prompt",
  "resources/read": "read_resource",
  "tools/list": "list_tools",
  "prompts/list": "list_prompts",
  "resources/list": "list_resources",
}

/** The caller, by the `sub` of its token. */
export const PRINCIPAL = "Client"
/** What the caller's groups and roles are, unless another type is said. */
export const GROUP = "THVGroup"
/** What it is done to: `FeatureType::"tool"` for a list, `MCP` is the server that all of it is in. */
export const RESOURCES = ["Tool", "Prompt", "Resource", "FeatureType", "MCP"] as const

/** A claim of the caller: `principal.claim_email`, and `context.claim_email` too. */
export const CLAIM = "claim_"
/** The items of a claim that is a list in one word, such as a scope. */
export const CLAIM_SET = "claimset_"
/** An argument of the tool or prompt: `context.arg_city`. */
export const ARGUMENT = "arg_"

/** Claims that groups are looked for in when none is named, in this order. */
export const GROUP_CLAIMS = ["groups", "roles", "cognito:groups"] as const
