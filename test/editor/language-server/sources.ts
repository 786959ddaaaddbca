/**
 * Files around a piece that is written: what a test says is the piece.
 *
 * @module
 */

export const identity = `/// Where everybody logs in.
provider corp = oidc {
  issuer    = "https://idp.\${domain}"
  client_id = "mcp-gateway"
  scopes    = ["openid", "email", "groups"]
  id_token  = { claims: { groups: strings } }
}

server gate = auth_server {
  issuer = "https://auth.\${domain}"
  login  = [corp]
  claims = { groups: corp.id_token.groups }
  keys   = [secret("gate", key: "2026")]
}
`

export const head = `param domain: hostname = "example.com"
param account: aws.account

${identity}`

/** A flow of these stages. */
export const inFlow = (stages: string): string => `${head}
flow tools at "https://mcp.\${domain}/tools" {
${stages}
}
`

const exchange = (fields: string): string => `  exchange aws.sts {
${fields}
  }`

export const subject = "    subject = corp.id_token"
export const region = '    region  = "eu-west-1"'
export const role = `    role    = match claims.groups {
      contains "admins" => "arn:aws:iam::\${account}:role/admin"
      else => deny("ask for a group")
    }`
export const session = "    session = { name: claims.sub, duration: 1h }"

/** Fields of an exchange with AWS, in a flow that is whole but for them. */
export const inExchange = (fields: string): string =>
  inFlow(`  identify gate
${exchange(fields)}
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://up.example.com/mcp"`)

/** A file that has nothing wrong with it, and what is put behind it. */
export const whole = (more = ""): string => `${inExchange([subject, region, role, session].join("\n"))}${more}`

/** Clauses of a test, behind a flow that is whole. */
export const inTest = (clauses: string): string => `${whole()}
test "an admin" {
${clauses}
}
`
