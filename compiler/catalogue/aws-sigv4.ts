/**
 * `sign aws.sigv4`: AWS Signature Version 4 over the request that really leaves, with the full payload hash.
 *
 * @module
 */

import { awsRegion, partitionOf, serviceName } from "./aws.ts"
import type { StageConstruct } from "./construct.ts"
import { optional, required, withDefault } from "./field.ts"
import { choice, size } from "./values.ts"

const MEBIBYTE = 1024 * 1024

/** Services that AWS documents UNSIGNED-PAYLOAD for: S3's family and VPC Lattice. */
const TAKES_UNSIGNED = new Set(["s3", "s3-object-lambda", "s3-outposts", "s3express", "vpc-lattice-svcs"])

const fields = {
  service: required(serviceName, { doc: "The AWS service's signing name.", example: '"aws-mcp"' }),
  region: optional(awsRegion, {
    doc: "Region of the signature's scope. That of the credentials when unsaid.",
    example: '"us-east-1"',
  }),
  payload: withDefault(choice(["signed", "unsigned"]), "signed", {
    doc: "`unsigned`: the body is not part of the signature, so it is passed on as it comes, however long. TLS alone protects it.",
    example: "unsigned",
  }),
  max_body: withDefault(size({ min: 1, max: 1024 * MEBIBYTE }), 8 * MEBIBYTE, {
    doc: "A signed body is held in memory to be hashed before it leaves; a longer one is answered with 413.",
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
  type: ({ fields: { service, region, payload, max_body }, input, operand }, scope) => {
    if (payload.value === "unsigned") {
      if (!TAKES_UNSIGNED.has(service.value)) scope.report("AF1801", payload.span, { service: service.value })
      // A default stands where the stage is named.
      if (max_body.span.start > operand.span.end) scope.report("AF1802", max_body.span, {})
    }
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
      payload: payload.value,
      maxBody: max_body.value,
    }
  },
}
