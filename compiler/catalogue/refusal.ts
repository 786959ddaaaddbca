/**
 * How a flow refuses a caller: the codes and statuses of problem details that come from what the caller brings and what the
 * file says. Outages and AWS's own refusals are not among them. They are rows of the runtime's error table; a test holds the
 * two together.
 *
 * @module
 */

export const refusals = {
  "token-missing": { status: 401, title: "An access token is required" },
  "token-malformed": { status: 400, title: "The credentials in the request are malformed" },
  "token-invalid": { status: 401, title: "The access token is not valid here" },
  "scope-insufficient": { status: 403, title: "The access token lacks a scope" },
  "role-rule-failed": { status: 403, title: "A role rule could not be evaluated for this caller" },
  "role-denied": { status: 403, title: "No role for this caller" },
  "session-name-invalid": { status: 403, title: "The role session cannot be named for this caller" },
  "exchange-token-rejected": {
    status: 401,
    title: "The login is no longer good for another token; log in again",
  },
  "login-expired": { status: 401, title: "Log in again" },
  "sts-token-rejected": { status: 401, title: "AWS rejected the login; log in again" },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>

export type RefusalCode = keyof typeof refusals

export const refusalCodes = Object.keys(refusals) as readonly RefusalCode[]
