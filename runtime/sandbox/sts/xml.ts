/**
 * The answers of STS's query API as XML, in the namespace and the shape that AWS uses.
 *
 * @module
 */

import type { StsError } from "./error.ts"
import type { RoleSession } from "./role-session.ts"

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"

export const assumedRoleXml = (session: RoleSession, requestId: string): string =>
  `<AssumeRoleWithWebIdentityResponse xmlns="${NAMESPACE}">
  <AssumeRoleWithWebIdentityResult>
    <Audience>${xml(session.audience)}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>${xml(session.assumedRoleId)}</AssumedRoleId>
      <Arn>${xml(session.arn)}</Arn>
    </AssumedRoleUser>
    <Provider>${xml(session.provider)}</Provider>
    <Credentials>
      <AccessKeyId>${xml(session.accessKeyId)}</AccessKeyId>
      <SecretAccessKey>${xml(session.secretAccessKey)}</SecretAccessKey>
      <SessionToken>${xml(session.sessionToken)}</SessionToken>
      <Expiration>${new Date(session.expiresAt).toISOString().replace(/\.\d{3}Z$/, "Z")}</Expiration>
    </Credentials>
    <SubjectFromWebIdentityToken>${xml(session.subject)}</SubjectFromWebIdentityToken>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>${xml(requestId)}</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`

export const errorXml = ({ type, code, message }: StsError, requestId: string): string =>
  `<ErrorResponse xmlns="${NAMESPACE}">
  <Error>
    <Type>${type}</Type>
    <Code>${xml(code)}</Code>
    <Message>${xml(message)}</Message>
  </Error>
  <RequestId>${xml(requestId)}</RequestId>
</ErrorResponse>
`

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
}

/** Escapes text; characters that XML 1.0 cannot hold at all (section 2.2) become U+FFFD. */
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? "")
