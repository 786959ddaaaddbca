/**
 * Fields of `auth_server` beside issuer, login, lifetimes and keys: where it keeps its state, which clients may come, where browsers
 * find it.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import { type Draft, originOf, quoted, quotedList } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import type { Resource } from "./resource.ts"
import { duration, from, map, number, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** A part of the server's configuration, to be said in words. */
class Part {
  readonly #draft: Draft
  readonly #resource: Resource
  readonly tree: Tree | undefined

  constructor(draft: Draft, resource: Resource, tree: Tree | undefined) {
    this.#draft = draft
    this.#resource = resource
    this.tree = tree
  }

  at(...path: readonly string[]): Part {
    return new Part(this.#draft, this.#resource, this.#draft.at(this.tree, ...path))
  }

  text(...path: readonly string[]): Expression | undefined {
    const said = this.#draft.text(this.#resource, this.tree, ...path)
    return said && quoted(said)
  }

  texts(...path: readonly string[]): Expression | undefined {
    return quotedList(this.#draft.texts(this.#resource, this.tree, ...path))
  }

  number(...path: readonly string[]): Expression | undefined {
    const said = this.#draft.number(this.#resource, this.tree, ...path)
    return said && from(said.origin, number(said.value))
  }

  flag(...path: readonly string[]): boolean | undefined {
    const found = this.#draft.at(this.tree, ...path)
    if (found?.kind !== "leaf" || typeof found.value !== "boolean") return undefined
    this.#draft.carry(found)
    return found.value
  }

  secret(...path: readonly string[]): Expression | undefined {
    return this.#draft.secret(this.#resource, this.#draft.at(this.tree, ...path))
  }

  duration(...path: readonly string[]): Expression | undefined {
    const said = this.#draft.peek(this.#resource, this.tree, ...path)
    const seconds = said && goSeconds(said.value)
    if (said === undefined || seconds === undefined || !Number.isInteger(seconds)) return undefined
    this.#draft.carry(said.tree)
    return from(said.origin, duration(seconds))
  }

  /** The map of these parts, placed here; `undefined` where none is said. */
  map(entries: Readonly<Record<string, Expression | undefined>>): Expression | undefined {
    const isSaid = Object.values(entries).some((each) => each !== undefined)
    return this.tree && isSaid ? from(originOf(this.#resource, this.tree), map(entries)) : undefined
  }
}

const onOff = (value: boolean | undefined): Expression | undefined => (value ? word("on") : undefined)

const tls = (part: Part): Expression | undefined => {
  if (part.tree === undefined) return undefined
  const isUnverified = part.flag("insecureSkipVerify") === true
  const said = { ca: part.secret("caCertSecretRef"), verify: isUnverified ? word("false") : undefined }
  return part.map(said) ?? map({ verify: word("true") })
}

const storage = (part: Part): Expression | undefined => {
  const type = part.text("type")
  const redis = part.at("redis")
  if (type === undefined || redis.tree === undefined) return undefined
  const sentinel = redis.at("sentinelConfig")
  const service = sentinel.at("sentinelService")
  const users = redis.at("aclUserConfig")
  const cluster = redis.flag("clusterMode")
  const timeouts = {
    dial: redis.duration("dialTimeout"),
    read: redis.duration("readTimeout"),
    write: redis.duration("writeTimeout"),
  }
  return redis.map({
    redis: redis.text("addr"),
    cluster: cluster === undefined ? undefined : word(String(cluster)),
    sentinel: sentinel.map({
      master: sentinel.text("masterName"),
      addresses: sentinel.texts("sentinelAddrs"),
      service: service.map({
        name: service.text("name"),
        namespace: service.text("namespace"),
        port: service.number("port"),
      }),
      db: sentinel.number("db"),
    }),
    username: users.secret("usernameSecretRef"),
    password: users.secret("passwordSecretRef"),
    tls: tls(redis.at("tls")),
    sentinel_tls: tls(redis.at("sentinelTls")),
    timeouts: Object.values(timeouts).some((each) => each !== undefined) ? map(timeouts) : undefined,
  })
}

const clients = (part: Part): Expression | undefined => {
  const documents = part.at("cimd")
  return part.map({
    metadata_documents: onOff(documents.flag("enabled")),
    metadata_cache: documents.map({
      size: documents.number("cacheMaxSize"),
      lifetime: documents.duration("cacheFallbackTtl"),
    }),
    confidential: onOff(part.flag("allowConfidentialClientRegistration")),
    confidential_redirects: part.texts("forceConfidentialRedirectUris"),
  })
}

export const importServerOptions = (
  draft: Draft,
  resource: Resource,
  config: Tree,
): Readonly<Record<string, Expression | undefined>> => {
  const part = new Part(draft, resource, config)
  return {
    clients: clients(part),
    storage: storage(part.at("storage")),
    authorization_base: part.text("authorizationEndpointBaseUrl"),
  }
}
