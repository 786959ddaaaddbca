/**
 * AF18xx: signatures.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed } from "./example.ts"
import { changed as toolhiveChanged } from "./toolhive-example.ts"

const SIGN = '{ service = "aws-mcp" }'
const S3 = '{ service = "s3", payload = unsigned }'

export const signing = {
  AF1801: entry<{ readonly service: string }>({
    severity: "warning",
    title: "A service that may not take unsigned bodies",
    message: ({ service }) => `AWS does not document \`${service}\` to take a body that is not signed`,
    explanation:
      "UNSIGNED-PAYLOAD is documented for S3 and its relatives and for VPC Lattice. Most other services answer such a request with " +
      "403 SignatureDoesNotMatch.",
    remedy: "Leave `payload` out, so that the body is signed, unless the service is known to take it.",
    example: changed([[SIGN, '{ service = "aws-mcp", payload = unsigned }']], [[SIGN, S3]]),
  }),
  AF1802: entry<Record<never, never>>({
    severity: "error",
    title: "A limit for a body that is not held",
    message: () => "`max_body` bounds a body that is held to be hashed, and with `payload = unsigned` none is",
    explanation: "A body that is not signed is passed on as it comes, however long it is. The limit would do nothing.",
    remedy: "Leave `max_body` out, or sign the body.",
    example: changed([[SIGN, '{ service = "s3", payload = unsigned, max_body = 1MiB }']], [[SIGN, S3]]),
  }),
  AF1803: entry<Record<never, never>>({
    severity: "error",
    title: "ToolHive signs every body",
    message: () => "ToolHive reads the whole body and signs its hash; it has no way to leave it out",
    explanation:
      "The signer of ToolHive's awsSts type takes the SHA-256 of the body, up to 8 MiB. A longer one would be refused with 413, " +
      "although the file says that it passes.",
    remedy: "Leave `payload` out for ToolHive, or run this flow with `authflow run`.",
    example: toolhiveChanged([SIGN, S3]),
  }),
} as const
