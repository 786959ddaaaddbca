/**
 * A workspace to measure with: files of some 1,000 lines, each with ten flows and their role rules, that import the provider from
 * a file of its own.
 *
 * @module
 */

const FLOWS_A_FILE = 10
const RULES_A_FLOW = 84

/** The file that all others import. */
export const identity = `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt, claims: { groups: strings } }
}
`

const flow = (file: number, index: number): string => {
  const name = `flow_${file}_${index}`
  const rules = Array.from(
    { length: RULES_A_FLOW },
    (_, rule) => `      contains "${name}-${rule}" => "arn:aws:iam::123456789012:role/team-${rule}"`,
  )
  return `flow ${name} at "https://mcp.example.com/${file}/${index}" {
  identify corp

  exchange aws.sts {
    subject = corp.access_token
    region  = region
    role    = match claims.groups {
${rules.join("\n")}
      else => deny
    }
    session = { name: claims.sub, on_invalid: reject }
  }

  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://up-${file}-${index}.example.com/mcp"
}
`
}

/** One of the files; `region` makes it another one. */
export const fileOf = (file: number, region = "us-east-1"): string =>
  [
    'import { corp } from "./identity.authflow"',
    `const region = "${region}"`,
    ...Array.from({ length: FLOWS_A_FILE }, (_, index) => flow(file, index)),
  ].join("\n\n")

export const regions = [
  "us-east-2",
  "us-west-2",
  "eu-west-1",
  "eu-central-1",
  "ap-south-1",
  "sa-east-1",
  "ca-central-1",
]

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
