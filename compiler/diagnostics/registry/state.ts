/**
 * AF150x: state and keys of an authorization server.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { SOUND } from "./example.ts"

const [KEYS, HMAC] = [
  'keys   = [secret("gate-keys", key: "2026")]',
  'hmac_keys = [secret("gate-hmac", key: "current")]',
]
const STORAGE = 'storage = { redis: "redis.mcp.svc:6379", password: secret("redis", key: "password") }'

const OWN = SOUND.replace("subject = corp.id_token", "subject = gate.access_token")

const WHY = {
  hmac_keys: "what is kept there is encrypted with them, and a cookie of one process has to be good at the next",
  keys: "a token that one process signs has to be good at the next",
} as const

export const state = {
  AF1501: entry<{ readonly field: keyof typeof WHY }>({
    severity: "error",
    title: "State is shared, and the keys are not",
    message: ({ field }) => `state in Redis needs \`${field}\`: ${WHY[field]}`,
    explanation:
      "Several processes of `authflow run` that keep their state in one Redis are one server. Without keys from outside each would " +
      "make its own: what one stores, signs or hands a browser would be nothing to the others. Redis, its dumps and its replicas see " +
      "only what is encrypted with a key that `hmac_keys` gives.",
    remedy:
      "Give the server `keys` and `hmac_keys`. `authflow keys new` prints a signing key, `openssl rand -base64 48` a symmetric one.",
    example: {
      target: "plan",
      good: SOUND.replace(KEYS, () => `${KEYS}\n  ${HMAC}\n  ${STORAGE}`),
      bad: SOUND.replace(KEYS, () => `${KEYS}\n  ${STORAGE}`),
    },
  }),
  AF1502: entry<{ readonly token: string; readonly issuer: string }>({
    severity: "error",
    title: "AWS cannot reach the issuer",
    message: ({ token, issuer }) =>
      `AWS has to fetch the keys that ${token} is verified with, and ${issuer} is not public`,
    explanation:
      "STS verifies a token of the embedded authorization server like that of any other OpenID Connect provider: it fetches the " +
      "metadata and the keys from the issuer's URL, over the internet. A name that only resolves in a network of one's own, or an " +
      "address, is none that it can fetch from, and IAM does not take it as a provider.",
    remedy:
      "Give the server an issuer that the internet resolves, and let at least /.well-known/ of it be reached. Or show AWS a token of the provider that people log in at.",
    example: {
      good: OWN,
      bad: OWN.replace("https://auth.example.com", "https://auth.corp.internal"),
    },
  }),
} as const
