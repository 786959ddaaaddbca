/**
 * What people have allowed clients, and how it ends: by a client (RFC 7009), because a code or refresh token of it was used
 * twice, or for all that a person has allowed at once, by that person or by the provider they log in at.
 *
 * A grant's codes and refresh tokens go with it. Access tokens are JWTs that nobody asks us about, so a note is kept until the
 * last of them has expired; the resource server looks for it.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { AuthServer } from "../plan.ts"
import type { Store } from "./store.ts"

const CODES_AND_TOKENS = ["AuthorizationCode", "RefreshToken"]

/** Refresh tokens live on with use, but after this many seconds the person is asked again: ToolHive's longest refresh. */
const LONGEST_GRANT = 30 * 24 * 60 * 60

/** Seconds that what a person agreed to holds. */
export const grantTtl = (config: AuthServer) => Math.max(config.tokens.refresh, LONGEST_GRANT)

/** Kind of the list of a person's grants. */
const PERSON = "PersonGrants"
/** From this many on, those that have run out are looked for. */
const MANY = 50

/** Names a grant in access tokens (claim `grant_id`) without giving away its storage id. */
export const grantName = (grantId: string) => createHash("sha256").update(grantId).digest("base64url").slice(0, 22)

export interface Grants {
  /** A person allows something. */
  readonly give: (person: string, grantId: string) => Promise<void>
  /** Ends it with all that was issued for it. Answers whose it was, where that was the person's last. */
  readonly revoke: (grantId: string) => Promise<{ readonly lastOf: string } | undefined>
  /** Ends all that a person has allowed, and the sessions in all browsers. Answers how many grants there were. */
  readonly revokeAll: (person: string) => Promise<number>
  /** Was the grant of that name revoked while access tokens of it may still be alive? */
  readonly isRevoked: (name: string) => Promise<boolean>
}

/** `access`: seconds that an access token may outlive its grant. `longest`: seconds that any grant holds. */
export const makeGrants = (
  store: Store,
  { access, longest }: { readonly access: number; readonly longest: number },
): Grants => {
  const listOf = (record: Readonly<Record<string, unknown>> | undefined): readonly string[] => {
    const grants = record?.["grants"]
    return Array.isArray(grants) ? grants.filter((each) => typeof each === "string") : []
  }

  /** Changes the list, whoever else does at the same time. */
  const change = async (
    person: string,
    next: (grants: readonly string[]) => readonly string[] | Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    for (;;) {
      const before = await store.read(PERSON, person)
      const grants = await next(listOf(before?.record))
      const done =
        before === undefined
          ? await store.create(PERSON, person, { grants }, { ttl: longest })
          : await store.replace(PERSON, person, before.version, { grants }, { ttl: longest })
      if (done) return grants
    }
  }

  const end = async (grantId: string) => {
    await store.put("RevokedGrant", grantName(grantId), {}, { ttl: access })
    await store.remove("Grant", grantId)
    for (const grouped of CODES_AND_TOKENS) await store.removeGroup(grouped, grantId)
  }

  const alive = async (grantId: string) => (await store.get("Grant", grantId)) !== undefined

  return {
    give: async (person, grantId) => {
      await change(person, async (grants) => {
        const others = grants.filter((each) => each !== grantId)
        if (others.length < MANY) return [...others, grantId]
        const standing = await Promise.all(others.map(alive))
        return [...others.filter((_, at) => standing[at] === true), grantId]
      })
    },
    revoke: async (grantId) => {
      const person = (await store.get("Grant", grantId))?.["accountId"]
      await end(grantId)
      if (typeof person !== "string") return undefined
      const left = await change(person, (grants) => grants.filter((each) => each !== grantId))
      if (left.length > 0) return undefined
      await store.remove(PERSON, person)
      return { lastOf: person }
    },
    revokeAll: async (person) => {
      // Before the grants: a session could bring new ones.
      await store.removeGroup("Session", person)
      const grants = listOf((await store.take(PERSON, person)) ?? undefined)
      for (const grantId of grants) await end(grantId)
      return grants.length
    },
    isRevoked: async (name) => (await store.get("RevokedGrant", name)) !== undefined,
  }
}
