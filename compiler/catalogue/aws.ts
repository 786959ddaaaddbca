/**
 * AWS words: partitions, regions, accounts, role ARNs, service names.
 *
 * @module
 */
import { awsRegions, awsServices } from "./aws-names.ts"
import type { ValueType } from "./field.ts"
import { pattern } from "./values.ts"

/** Partitions and their regions' names, as in the AWS SDKs' partitions.json. */
const PARTITIONS = {
  aws: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  "aws-cn": /^cn-\w+-\d+$/,
  "aws-us-gov": /^us-gov-\w+-\d+$/,
  "aws-iso": /^us-iso-\w+-\d+$/,
  "aws-iso-b": /^us-isob-\w+-\d+$/,
  "aws-iso-e": /^eu-isoe-\w+-\d+$/,
  "aws-iso-f": /^us-isof-\w+-\d+$/,
  "aws-eusc": /^eusc-de-\w+-\d+$/,
} as const

export type Partition = keyof typeof PARTITIONS

const partitions = Object.keys(PARTITIONS) as readonly Partition[]

/** The partition a region is in; a region of a name not known yet is in `aws`, as the SDKs take it. */
export const partitionOf = (region: string): Partition =>
  partitions.find((partition) => partition !== "aws" && PARTITIONS[partition].test(region)) ?? "aws"

export const awsRegion: ValueType<string> = pattern(
  "an AWS region",
  /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/,
  'regions look like "us-east-1"',
  awsRegions,
)

/** ARN of a managed policy, of AWS's or of an account's. */
export const policyArn: ValueType<string> = pattern(
  "the ARN of a managed policy",
  /^arn:[a-z-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]{1,512}$/,
  'it looks like "arn:aws:iam::aws:policy/ReadOnlyAccess"',
)

/** The signing name of a service: lower case, as in the credential scope of a signature. */
export const serviceName: ValueType<string> = pattern(
  "an AWS service's signing name",
  /^[a-z0-9][a-z0-9-]*$/,
  'signing names are lower case, such as "execute-api"',
  awsServices,
)

/** A role's ARN, taken apart. */
export interface RoleArn {
  readonly partition: Partition
  readonly account: string
  readonly path: string
}

const ROLE = /^arn:(?<partition>[a-z-]+):iam::(?<account>\d{12}):role\/(?<path>[\w+=,.@/-]+)$/

/** IAM: an ARN of at most 2048 characters, a role name of at most 64 after its path. */
export const parseRoleArn = (arn: string): RoleArn | undefined => {
  const { partition, account, path } = ROLE.exec(arn)?.groups ?? {}
  const known = partitions.find((each) => each === partition)
  if (known === undefined || account === undefined || path === undefined || arn.length > 2048) return undefined
  const name = path.split("/").at(-1) ?? ""
  return name.length >= 1 && name.length <= 64 && !path.includes("//") && !path.startsWith("/")
    ? { partition: known, account, path }
    : undefined
}
