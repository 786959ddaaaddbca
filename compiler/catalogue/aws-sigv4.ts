/**
 * `sign aws.sigv4`: AWS Signature Version 4 over the request that really leaves, with the full payload hash.
 *
 * @module
 */

import { awsRegion, partitionOf, serviceName } from "./aws.ts"
import type { StageConstruct } from "./construct.ts"
import { optional, required, withDefault } from "./field.ts"
import { size } from "./values.ts"

const MEBIBYTE = 1024 * 1024

const fields = {
  service: required(serviceName, { doc: "The AWS service's signing name.", example: '"aws-mcp"' }),
  region: optional(awsRegion, {
    doc: "Region of the signature's scope. That of the credentials when unsaid.",
    example: '"us-east-1"',
  }),
  max_body: withDefault(size({ min: 1, max: 1024 * MEBIBYTE }), 8 * MEBIBYTE, {
    doc: "A body is held in memory to be hashed before it leaves; a longer one is answered with 413.",
    example: "8MiB",
  }),
}

export const awsSigv4: StageConstruct<"aws.sigv4", string, typeof fields, "AwsCredentials", "SignedRequest"> = {
  verb: "sign",
  kind: "aws.sigv4",
  doc: "Signs the request with AWS Signature Version 4.",
  operand: { by: "kind", name: "aws.sigv4" },
  fields,
  consumes: ["AwsCredentials"],
  produces: "SignedRequest",
  type: ({ fields: { service, region, max_body }, input }, scope) => {
    if (region && partitionOf(region.value) !== partitionOf(input.region)) {
      const args = {
        region: region.value,
        partition: partitionOf(region.value),
        credentials: partitionOf(input.region),
      }
      scope.report("AF0619", region.span, args)
      return undefined
    }
    return {
      tag: "SignedRequest",
      principal: input.principal,
      service: service.value,
      region: region?.value ?? input.region,
      maxBody: max_body.value,
    }
  },
}
