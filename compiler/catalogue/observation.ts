/**
 * What a test may expect of a flow: `expect FLOW.role == "arn:…"`. Each with its doc, for hover, completion and the docs.
 *
 * @module
 */
import type { Stage } from "../check/program.ts"
import type { StageKind } from "./index.ts"
import { madeWords } from "./made-header.ts"

/** Something that is seen of a caller's way through a flow. */
export interface ObservationDoc {
  readonly doc: string
  /** As written behind `==`. */
  readonly example: string
  /** Words that may stand there. */
  readonly words: readonly string[]
}

export const observations = {
  decision: {
    doc: "`allow` when the request goes to the upstream, `deny` when a stage refuses it.",
    example: "deny",
    words: ["allow", "deny"],
  },
  role: {
    doc: "ARN of the role whose credentials are had; `none` when refused.",
    example: '"arn:aws:iam::123456789012:role/mcp-reader"',
    words: ["none"],
  },
  session: {
    doc: "Name of the role session, as CloudTrail shows it; `none` when refused.",
    example: '"ada@example.com"',
    words: ["none"],
  },
  subject: {
    doc: "The token that is exchanged, or shown as it is; `none` when refused.",
    example: "corp.id_token",
    words: ["none"],
  },
  status: {
    doc: "HTTP status of a refusal; `forwarded` when the upstream answers.",
    example: "403",
    words: ["forwarded"],
  },
  reason: {
    doc: "Code of a refusal, as the answer's problem type and docs/errors.md say it; `none` when forwarded.",
    example: '"role-denied"',
    words: ["none"],
  },
  detail: {
    doc: "What a refused caller is told; `none` when forwarded.",
    example: '"no group of yours has a role here"',
    words: ["none"],
  },
  upstream: {
    doc: "A header of the request that leaves: its text, `token` or `secret` for what a stage puts there, `sigv4` for the signature, `session_token`, `time` and `hash` for what goes with it, `none` when it is not there.",
    example: "sigv4",
    words: ["none", ...madeWords],
  },
} as const satisfies Readonly<Record<string, ObservationDoc>>

export type ObservationName = keyof typeof observations

export const observationNames = Object.keys(observations) as readonly ObservationName[]

/** A value that is seen or expected. */
export type Observed =
  /** `allow`, `none`, `sigv4` */
  | { readonly kind: "word"; readonly value: string }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  /** `corp.id_token` */
  | { readonly kind: "token"; readonly value: string }

/** As it is written in a file. */
export const writeObserved = ({ kind, value }: Observed): string =>
  kind === "text" ? JSON.stringify(value) : String(value)

/** Stages whose outcome is known without a network: those that authflow's own runtime runs. */
export const evaluatedKinds = [
  "identify.auth_server",
  "identify.oidc",
  "aws.sts",
  "aws.sigv4",
  "token_exchange",
  "obo",
  "xaa",
  "jwt_bearer",
  "client_credentials",
  "inject.bearer",
  "inject.header",
  "inject.token",
  "inject.none",
  "forward",
] as const satisfies readonly StageKind[]

export type EvaluatedKind = (typeof evaluatedKinds)[number]

/** Whether the outcome of this stage is known. Headers that are sent along are for engines to send. */
export const isEvaluated = (stage: Stage): boolean =>
  (evaluatedKinds as readonly string[]).includes(stage.kind) &&
  !(stage.kind === "forward" && stage.fields.headers !== undefined)
