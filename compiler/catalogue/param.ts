/**
 * `param NAME: type = default`: the types of parameters. Each says how a value is read from the command line, what it must
 * be, and a sample that stands for it where a file is checked without values.
 *
 * @module
 */
import type { Value } from "../check/value.ts"
import { parseRoleArn } from "./aws.ts"

export interface ParamType {
  readonly label: string
  readonly doc: string
  readonly kind: Value["kind"]
  /** Whether a value of `kind` is one of this type. */
  readonly accepts: (value: Value["value"]) => boolean
  /** What a value looks like, as a message says it. */
  readonly hint: string
  /** Made from the parameter's name, so that two parameters never stand for the same thing by chance. */
  readonly sample: (name: string) => string
}

const host = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "") || "x"

/** RFC 1123 section 2.1: labels of letters, digits and inner hyphens, 63 at most each, 253 in all. */
const HOSTNAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const string = (label: string, doc: string, form: RegExp, hint: string, sample: ParamType["sample"]): ParamType => ({
  label,
  doc,
  kind: "string",
  accepts: (value) => typeof value === "string" && form.test(value),
  hint,
  sample,
})

export const paramTypes: Readonly<Record<string, ParamType>> = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  string: string("a string", "Any text.", /^[^\u0000-\u001f\u007f]*$/, "text without control characters", host),
  int: {
    label: "an integer",
    doc: "A whole number.",
    kind: "number",
    accepts: (value) => Number.isSafeInteger(value),
    hint: "a whole number such as 3",
    sample: () => "1",
  },
  bool: {
    label: "a boolean",
    doc: "`true` or `false`.",
    kind: "boolean",
    accepts: (value) => typeof value === "boolean",
    hint: "true or false",
    sample: () => "true",
  },
  duration: {
    label: "a duration",
    doc: "A length of time.",
    kind: "duration",
    accepts: (value) => typeof value === "number" && value >= 0,
    hint: "a number with a unit, such as 90s, 1h30m or 7d",
    sample: () => "1h",
  },
  size: {
    label: "a size",
    doc: "An amount of data.",
    kind: "size",
    accepts: (value) => Number.isSafeInteger(value),
    hint: "a number with a unit, such as 512KiB or 8MiB",
    sample: () => "1MiB",
  },
  hostname: string(
    "a host name",
    "A DNS name.",
    HOSTNAME,
    'a DNS name such as "example.com"',
    (name) => `${host(name)}.example.com`,
  ),
  url: {
    label: "an https URL",
    doc: "An absolute https URL.",
    kind: "string",
    accepts: (value) => typeof value === "string" && /^https:\/\/[^\s\\]+$/.test(value) && URL.canParse(value),
    hint: 'an absolute https URL such as "https://example.com"',
    sample: (name) => `https://${host(name)}.example.com`,
  },
  "aws.account": string(
    "an AWS account ID",
    "An AWS account.",
    /^\d{12}$/,
    'twelve digits in quotes, such as "123456789012"',
    () => "123456789012",
  ),
  "aws.region": string(
    "an AWS region",
    "An AWS region.",
    /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/,
    'a region such as "us-east-1"',
    () => "us-east-1",
  ),
  "aws.role": {
    label: "the ARN of an IAM role",
    doc: "An IAM role.",
    kind: "string",
    accepts: (value) => typeof value === "string" && parseRoleArn(value) !== undefined,
    hint: 'an ARN such as "arn:aws:iam::123456789012:role/name"',
    sample: (name) => `arn:aws:iam::123456789012:role/${host(name)}`,
  },
}
