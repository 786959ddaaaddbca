/**
 * AF083x: what the toolhive target refuses of `deploy toolhive`, and what it says of it.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { deployed, outgoing, serving } from "./toolhive-example.ts"

const REPLICAS = `  deploy toolhive {
    replicas        = 2
    session_storage = { redis: "redis.mcp.svc:6379", password: secret("redis", key: "password") }
  }

`

const SHARED = `  storage   = {
    redis:    "redis.mcp.svc:6379"
    cluster:  false
    username: secret("redis", key: "username")
    password: secret("redis", key: "password")
    tls:      { ca: secret("redis-ca", key: "ca.crt"), verify: true }
    timeouts: { dial: 5s, read: 3s, write: 3s }
  }`

export const toolhiveDeployment = {
  AF0831: entry<{ readonly field: string; readonly instead: string | undefined }>({
    severity: "error",
    title: "Authflow writes this field",
    message: ({ field, instead }) =>
      instead === undefined
        ? `\`${field}\` is written by authflow, from the flow`
        : `\`${field}\` is what \`${instead}\` says`,
    explanation:
      "`spec` carries what authflow has no word for. A field that authflow writes would be there twice, and one of the two would be lost: the flow would say one thing, and the cluster do another.",
    remedy: "Say it with the word of `deploy toolhive` or with a stage of the flow, and leave it out of `spec`.",
    example: deployed("spec = { replicas: 2 }"),
  }),
  AF0832: entry<{ readonly kind: string }>({
    severity: "warning",
    title: "Fields that nobody has checked",
    message: ({ kind }) => `authflow does not know the fields of \`spec\`; whether a ${kind} has them was not checked`,
    explanation:
      "The definitions of ToolHive's resources belong to your cluster and are no part of authflow. A field that does not exist there is refused when it is applied, or, on a server that prunes, dropped without a word.",
    remedy:
      "Compile with `--validate-with DIR`, where DIR holds the definitions of your cluster: they are then checked.",
    example: deployed('spec = { resources: { limits: { memory: "256Mi" } } }'),
  }),
  AF0833: entry<{ readonly replicas: number; readonly own: readonly string[] }>({
    severity: "error",
    title: "The pods would not know of each other",
    message: ({ replicas, own }) => `each of the ${replicas} pods would have its own ${own.join(", and its own ")}`,
    explanation:
      "What is kept in the memory of one pod is unknown to the others. A session that began at one is not found at the next, a code that one has issued is refused by another, and each signs with a key that the others do not verify. ToolHive only warns of it in a condition, and of logins not at all.",
    remedy:
      "Say `session_storage = { redis: … }`, and give the authorization server keys and shared storage. Or stay with one pod.",
    example: {
      target: "toolhive",
      good: serving("", SHARED).good.replace("  identify gate", () => `${REPLICAS}  identify gate`),
      bad: serving("", "").good.replace("  identify gate", () => `${REPLICAS}  identify gate`),
    },
  }),
  AF0834: entry<{ readonly field: string; readonly kind: string }>({
    severity: "error",
    title: "This kind has no such field",
    message: ({ field, kind }) => `a ${kind} has nothing like \`${field}\``,
    explanation: "Lowered, the word would be dropped: the kind of object that carries this flow has no field for it.",
    remedy: "Leave it out, or put it into the `deploy` block of a flow that is carried by another kind.",
    example: deployed("kind = VirtualMCPServer, proxy_port = 9090", "kind = VirtualMCPServer"),
  }),
  AF0835: entry<{ readonly asked: string; readonly kind: string; readonly why: string }>({
    severity: "error",
    title: "Another kind has to carry the flow",
    message: ({ asked, kind, why }) => `a ${asked} cannot carry this flow; a ${kind} does, because ${why}`,
    explanation:
      "The compiler picks the kind of object that does what the flow says. `kind` is there to hold it to one, and to be told when the flow no longer fits.",
    remedy: "Leave `kind` out, or change the stage that needs the other kind.",
    example: outgoing("header", ["  identify gate", "  deploy toolhive { kind = MCPRemoteProxy }\n  identify gate"]),
  }),
} as const
