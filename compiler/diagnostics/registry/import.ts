/**
 * AF10xx: what `authflow import` has to say of ToolHive's manifests. Where something of a manifest is not in the result, or
 * ToolHive would not have done it, it is an error; the result is written all the same.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { followed, manifest, only } from "./import-example.ts"

export const imports = {
  AF1001: entry<{ readonly reason: string }>({
    severity: "error",
    title: "The manifest is not YAML",
    message: ({ reason }) => `this is not YAML: ${reason}`,
    explanation:
      "The file cannot be read as YAML, so nobody can say what it means. A Helm template has to be rendered first.",
    remedy: "Correct the YAML, or render the template (`helm template`) and import what comes out.",
    example: manifest(["type: inline", "type: [inline"]),
  }),
  AF1002: entry<{ readonly reason: string }>({
    severity: "error",
    title: "The manifest is more than can be read",
    message: ({ reason }) => `this is not read: ${reason}`,
    explanation: "No object that a cluster takes is that large or that deep; reading it could take all memory.",
    remedy: "Import the files one by one, and write out what its aliases stand for.",
    example: manifest(["    issuer:", "    clientId: &loop [*loop]\n    issuer:"]),
  }),
  AF1003: entry<{ readonly reason: string }>({
    severity: "error",
    title: "This is no Kubernetes object",
    message: ({ reason }) => `this is no Kubernetes object: ${reason}`,
    explanation: "Every document of a manifest has an apiVersion, a kind and a metadata.name.",
    remedy: "Say what kind of object it is, or take the document out.",
    example: followed("kind: MCPGroup\n"),
  }),
  AF1004: entry<{ readonly what: string; readonly found: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "ToolHive has no such kind or version",
    message: ({ what, found, meant }) =>
      `ToolHive has no ${what} \`${found}\`${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`,
    explanation: "The API server refuses an object of a kind or version that it does not serve.",
    remedy: "Correct it. ToolHive's group is toolhive.stacklok.dev, its versions are v1beta1 and v1alpha1.",
    example: followed("apiVersion: toolhive.stacklok.dev/v1\nkind: MCPGroup\nmetadata:\n  name: all\n"),
  }),
  AF1005: entry<{ readonly kind: string; readonly name: string | undefined }>({
    severity: "warning",
    title: "An object has nothing to do with authentication",
    message: ({ kind, name }) =>
      `${kind}${name === undefined ? "" : ` ${name}`} is left out: it says nothing of authentication`,
    explanation:
      "Only ToolHive's own objects are imported. A Secret is referred to by name and key; what is in it is not read, and stays where it is.",
    remedy: "Keep it as a manifest, beside what is compiled.",
    example: followed("apiVersion: v1\nkind: Secret\nmetadata:\n  name: corp-idp\n"),
  }),
  AF1006: entry<{ readonly object: string }>({
    severity: "error",
    title: "An object is there twice",
    message: ({ object }) => `${object} is there already; the later one would replace it`,
    explanation: "Two objects of one kind, name and namespace are one object: `kubectl apply` keeps the last.",
    remedy: "Delete one, or give it another name.",
    example: followed(
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPOIDCConfig\nmetadata:\n  name: api-oidc\nspec:\n  type: inline\n",
    ),
  }),
  AF1007: entry<{ readonly path: string; readonly kind: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "ToolHive has no such field",
    message: ({ path, kind, meant }) =>
      `${kind} has no field \`${path}\`: the API server drops it without a word${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`,
    explanation:
      "The API server prunes fields that the definition does not have. The object is accepted, and does something else than what is written.",
    remedy: "Correct the name, or delete the field.",
    example: manifest(["issuer: https", "jwks_url: https://idp.example.com/jwks\n    issuer: https"]),
  }),
  AF1008: entry<{ readonly path: string; readonly expected: string; readonly found: string }>({
    severity: "error",
    title: "A field is of another type",
    message: ({ path, expected, found }) => `\`${path}\` is ${expected}, and this is ${found}`,
    explanation: "The API server refuses an object with a field of another type.",
    remedy: "Correct the value; text that YAML reads as something else needs quotes.",
    example: manifest(["proxyPort: 8080", "proxyPort: first"]),
  }),
  AF1009: entry<{ readonly from: string; readonly to: string }>({
    severity: "error",
    title: "A reference leads nowhere",
    message: ({ from, to }) => `${from} refers to ${to}, which is not in these files`,
    explanation: "What the object means depends on the other one, in the same namespace.",
    remedy: "Give the file that has it, too: `authflow import FILE FILE…`.",
    example: manifest(["  externalAuthConfigRef:\n    name: api-sts", "  externalAuthConfigRef:\n    name: aws"]),
  }),
  AF1010: entry<{ readonly path: string; readonly object: string }>({
    severity: "error",
    title: "A field is not carried",
    message: ({ path, object }) => `\`${path}\` of ${object} is not carried: the language has no word for it`,
    explanation: "What is compiled from the result will not have the field.",
    remedy: "Add it to what is compiled, for example with a kustomize patch, or keep this object as a manifest.",
    example: manifest(["  name: api\n", "  name: api\n  labels:\n    team: tools\n"]),
  }),
  AF1011: entry<{ readonly object: string; readonly reason: string }>({
    severity: "error",
    title: "An object is not carried",
    message: ({ object, reason }) => `${object} is not carried: ${reason}`,
    explanation: "Nothing of the object is in the result.",
    remedy: "Keep it as a manifest, beside what is compiled.",
    example: followed(
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPToolConfig\nmetadata:\n  name: all\nspec: {}\n",
    ),
  }),
  AF1012: entry<{ readonly what: string; readonly reason: string }>({
    severity: "error",
    title: "ToolHive does not do this",
    message: ({ what, reason }) => `${what} does not do what it says: ${reason}`,
    explanation:
      "The manifest is accepted, and ToolHive does something else than what is written. Nothing there says so.",
    remedy: "Decide what was meant; the result says it as it is written.",
    example: manifest(["region: us-east-1", "region: us-east-1\n    subjectProviderName: corp"]),
  }),
  AF1013: entry<{ readonly path: string; readonly manifest: string; readonly compiled: string }>({
    severity: "error",
    title: "What is compiled is another value",
    message: ({ path, manifest, compiled }) =>
      `\`${path}\` is ${manifest} here, and ${compiled} in what is compiled from the result`,
    explanation: "The language carries the field, and the ToolHive target writes another value for it.",
    remedy: "Look at what is compiled. Change the result, or the value after compiling.",
    example: manifest([
      "    fallbackRoleArn:",
      `    roleMappings:
      - matcher: claims.sub.startsWith("a") || claims.sub.startsWith("b")
        roleArn: arn:aws:iam::123456789012:role/first
      - matcher: claims.sub == "c"
        roleArn: arn:aws:iam::123456789012:role/second
    fallbackRoleArn:`,
    ]),
  }),
  AF1014: entry<{ readonly path: string; readonly compiled: string }>({
    severity: "warning",
    title: "What is compiled says more",
    message: ({ path, compiled }) => `what is compiled from the result also has \`${path}\`: ${compiled}`,
    explanation: "The ToolHive target writes a field that this manifest leaves to ToolHive.",
    remedy: "Nothing, if it is what you want.",
    example: manifest(["\n    resourceUrl: https://mcp.example.com/mcp", ""]),
  }),
  AF1015: entry<{ readonly path: string }>({
    severity: "warning",
    title: "What is compiled is written in another way",
    message: ({ path }) =>
      `\`${path}\` is written in another way in what is compiled from the result, and decides the same`,
    explanation:
      "The ToolHive target numbers the mappings by their place and lets each one ask whether the claim is there and of the right type. ToolHive skips a mapping that cannot be evaluated, which comes to the same.",
    remedy: "Nothing, if the order of the rules is what you want.",
    example: manifest([
      "    fallbackRoleArn:",
      `    roleMappings:
      - matcher: claims.sub == "ada"
        roleArn: arn:aws:iam::123456789012:role/admin
    fallbackRoleArn:`,
    ]),
  }),
  AF1016: entry<{ readonly object: string; readonly compiled: string }>({
    severity: "warning",
    title: "An object gets another name",
    message: ({ object, compiled }) => `${object} is called ${compiled} in what is compiled from the result`,
    explanation: "The ToolHive target names objects after the flow or the declaration they come from.",
    remedy: "Delete the old object after the new one is in place.",
    example: manifest(["api-oidc", "corp"]),
  }),
  AF1017: entry<{ readonly what: string }>({
    severity: "warning",
    title: "The result says something that the manifest does not",
    message: ({ what }) => `the result takes for granted what the manifest does not say: ${what}`,
    explanation: "ToolHive finds it out, or fails, with the first request. A file says it, so that it can be checked.",
    remedy: "See that it is true, and correct the result where it is not.",
    example: manifest([
      "    fallbackRoleArn:",
      `    roleMappings:
      - claim: admins
        roleArn: arn:aws:iam::123456789012:role/admin
    fallbackRoleArn:`,
    ]),
  }),
  AF1018: entry<{ readonly code: string; readonly message: string }>({
    severity: "error",
    title: "The result has an error",
    message: ({ code, message }) => `what this says is an error in the result: ${code}, ${message}`,
    explanation: "The manifest is carried as it is written, and what it says cannot work, or cannot be known to work.",
    remedy: "`authflow check` on the result says more; `authflow explain` explains the code.",
    example: manifest(["us-east-1\n    f", "nowhere\n    f"]),
  }),
  AF1019: entry<{ readonly code: string; readonly message: string }>({
    severity: "error",
    title: "The result does not compile for ToolHive",
    message: ({ code, message }) => `what this says is refused when it is compiled for ToolHive: ${code}, ${message}`,
    explanation: "The result can be checked and run; ToolHive would ignore a part of it, or do it in another way.",
    remedy: "`authflow compile --target toolhive` on the result says more; `authflow explain` explains the code.",
    example: manifest(["aws-mcp.us-east-1.api.aws", "kubernetes.default.svc.cluster.local"]),
  }),
  AF1020: entry<{ readonly documents: number }>({
    severity: "error",
    title: "Nothing to import",
    message: ({ documents }) => `no object of ToolHive's is in this file${documents === 0 ? ", which is empty" : ""}`,
    explanation: "Objects of the group toolhive.stacklok.dev are imported.",
    remedy: "Check the path.",
    example: only("# nothing\n"),
  }),
  AF1021: entry<{ readonly object: string }>({
    severity: "warning",
    title: "No flow uses the object",
    message: ({ object }) =>
      `no workload that is carried refers to ${object}: it is declared in the result, and compiles to nothing`,
    explanation: "The ToolHive target writes the objects of flows.",
    remedy: "Give the file with the workload, too, or write the flow.",
    example: followed(
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPOIDCConfig\nmetadata:\n  name: spare\nspec:\n  type: inline\n  inline:\n    issuer: https://idp.example.org\n",
    ),
  }),
  AF1022: entry<{ readonly object: string; readonly namespace: string }>({
    severity: "warning",
    title: "The namespace is not carried",
    message: ({ object, namespace }) => `the namespace ${namespace} of ${object} is not carried`,
    explanation:
      "No flow of the result uses the object, and it is a flow's deployment that says the namespace of its objects.",
    remedy: "Say it in the `deploy toolhive` of the flow that will use it.",
    example: followed(
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPOIDCConfig\nmetadata:\n  name: spare\n  namespace: tools\nspec:\n  type: inline\n  inline:\n    issuer: https://idp.example.org\n",
    ),
  }),
  AF1023: entry<{ readonly object: string; readonly compiled: string }>({
    severity: "warning",
    title: "The result compiles to other objects",
    message: ({ object, compiled }) => `${object} is not among what is compiled from the result, which is ${compiled}`,
    explanation:
      "The ToolHive target picks the kind of object that does what the flow says. Where the kind of the manifest would ignore a part of it, that is another one.",
    remedy: "Look at what is compiled; delete the old object after the new ones are in place.",
    example: manifest(
      ["type: awsSts\n  awsSts:", "type: headerInjection\n  headerInjection:"],
      ["    region: us-east-1\n", "    headerName: X-Api-Key\n"],
      ["    fallbackRoleArn: arn:aws:iam::123456789012:role/mcp\n", "    valueSecretRef:\n      name: api\n"],
      ["    sessionDuration: 1800\n", "      key: token\n"],
    ),
  }),
} as const
