/**
 * Role sessions that the sandbox's STS has begun. The MCP servers look their callers up here, as AWS services do in IAM.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto"

/** One session: temporary credentials and whose they are. Lives in this process only. */
export interface RoleSession {
  readonly roleArn: string
  readonly sessionName: string
  /** `arn:aws:sts::123456789012:assumed-role/NAME/SESSION` */
  readonly arn: string
  /** `AROA…:SESSION` */
  readonly assumedRoleId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Key of the issuer, as IAM names it. */
  readonly provider: string
  readonly audience: string
  readonly subject: string
}

export interface RoleSessions {
  readonly begin: (of: {
    readonly roleArn: string
    readonly sessionName: string
    readonly expiresAt: number
    readonly provider: string
    readonly audience: string
    readonly subject: string
  }) => RoleSession
  readonly find: (accessKeyId: string) => RoleSession | undefined
}

export const roleSessions = (): RoleSessions => {
  const byKey = new Map<string, RoleSession>()
  return {
    begin: (of) => {
      const now = Date.now()
      for (const [key, { expiresAt }] of byKey) if (expiresAt <= now) byKey.delete(key)
      const [, , , account = "", resource = ""] = splitArn(of.roleArn)
      const partition = of.roleArn.split(":")[1] ?? "aws"
      // The ARN of the session has the role's name without its path.
      const role = resource.split("/").at(-1) ?? resource
      const session: RoleSession = {
        ...of,
        arn: `arn:${partition}:sts::${account}:assumed-role/${role}/${of.sessionName}`,
        assumedRoleId: `AROA${uniqueId(createHash("sha256").update(of.roleArn).digest(), 17)}:${of.sessionName}`,
        accessKeyId: `ASIA${uniqueId(randomBytes(16), 16)}`,
        secretAccessKey: randomBytes(30).toString("base64"),
        sessionToken: randomBytes(270).toString("base64"),
      }
      byKey.set(session.accessKeyId, session)
      return session
    },
    find: (accessKeyId) => byKey.get(accessKeyId),
  }
}

/** The parts of an ARN after `arn`: partition, service, region, account, resource. */
const splitArn = (arn: string): readonly string[] => {
  const [, partition = "", service = "", region = "", account = "", ...resource] = arn.split(":")
  return [partition, service, region, account, resource.join(":")]
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** AWS's unique ids are upper-case base32. */
const uniqueId = (bytes: Uint8Array, length: number): string =>
  Array.from({ length }, (_, at) => ALPHABET.charAt((bytes[at] ?? 0) % ALPHABET.length)).join("")
