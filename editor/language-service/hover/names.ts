/**
 * What a name stands for: a parameter with its value in each environment, a constant, a provider, a server, a flow.
 *
 * @module
 */
import type { Callers } from "../../../compiler/catalogue/callers.ts"
import { nameOf, type PresentedKind, type TokenType } from "../../../compiler/catalogue/credential.ts"
import { stages } from "../../../compiler/catalogue/index.ts"
import { paramTypes } from "../../../compiler/catalogue/param.ts"
import { addressOf } from "../../../compiler/catalogue/provider.ts"
import { written } from "../../../compiler/check/evaluate.ts"
import { BROKEN } from "../../../compiler/check/scope.ts"
import type { ParamValue } from "../../../compiler/check/value.ts"
import type { Analysis } from "../../../compiler/index.ts"
import { analysisOf, type Files, inEnvironments } from "../files.ts"
import type { Occurrence, Target } from "../names.ts"
import { bullets, code, paragraphs, source } from "./describe.ts"

export const describeName = (files: Files, { uri, target, alias }: Occurrence): string | undefined => {
  const home = analysisOf(files, target.uri)
  const item = home?.file.items.find(
    (each) =>
      "name" in each && each.name.text === target.name && (each.kind === "Environment") === isEnvironment(target),
  )
  if (home === undefined || item === undefined) return undefined
  const written = home.text.slice(item.span.start, item.span.end).split(/\r\n|\r|\n/)[0] ?? ""
  const from = target.uri === uri ? undefined : `Declared in ${code(shortName(target.uri))}.`
  const here = alias === undefined ? undefined : `${code(alias)} is its name in this file.`
  return paragraphs(
    source(written.replace(/\s*\{$/, " { … }")),
    item.doc,
    from,
    here,
    details(files, home, uri, target),
  )
}

const isEnvironment = ({ kind }: Target): boolean => kind === "environment"

/** The last part of a file's name. */
export const shortName = (uri: string): string => decodeURIComponent(uri.split("/").at(-1) ?? uri)

const details = (files: Files, home: Analysis, uri: string, { kind, name }: Target): string | undefined => {
  const scope = home.known?.scope
  if (scope === undefined) return undefined
  switch (kind) {
    case "param":
      return describeParam(files, home, uri, name)
    case "constant": {
      const value = scope.values.get(name)
      return value === undefined || value === BROKEN ? undefined : `It is ${code(shown(value))}.`
    }
    case "provider": {
      const provider = scope.providers.get(name)
      if (provider === undefined || provider === BROKEN) return undefined
      const { client, accessToken, idToken } = provider
      return bullets([
        `${provider.kind === "oidc" ? "issuer" : "people are sent to"} ${code(addressOf(provider).value)}`,
        client
          ? `people log in there, asked for ${client.scopes.length === 0 ? "no scopes" : client.scopes.map(code).join(", ")}`
          : "nobody logs in there through us",
        `${code(`${name}.access_token`)}: ${accessToken.format === "opaque" ? "opaque" : "a JWT"}`,
        ...(idToken ? [`${code(`${name}.id_token`)}: claims ${[...idToken.claims.keys()].map(code).join(", ")}`] : []),
      ])
    }
    case "server": {
      const server = scope.servers.get(name)
      if (server === undefined || server === BROKEN) return undefined
      return bullets([
        `issuer ${code(server.fields.issuer.value)}`,
        `people log in at ${server.login.map((each) => code(each.name.value)).join(", ")}`,
        `${code(`${name}.access_token`)}: claims ${[...server.accessToken.claims.keys()].map(code).join(", ")}`,
      ])
    }
    case "callers": {
      const callers = scope.callers.get(name)
      if (callers === undefined || callers === BROKEN) return undefined
      const shown = presentedBy(callers)
      return bullets([
        `${code(nameOf(shown))}: claims ${[...shown.claims.keys()].map(code).join(", ")}`,
        ...(callers.kind === "any_of"
          ? [`issuers ${callers.issuers.map((each) => code(each.name.value)).join(", ")}`]
          : []),
      ])
    }
    case "flow": {
      const flow = home.known?.flows.find(({ item }) => item.name.text === name)
      const steps = flow?.stages.map(({ stage, kind, after }) => {
        const operand = stage.operand.kind === "Reference" ? ` ${written(stage.operand)}` : ""
        return `${code(`${stage.verb.text}${operand}`)}${kind ? ` → ${after ?? stages[kind].produces}` : ""}`
      })
      return steps && bullets(steps)
    }
    case "environment":
      return `Taken with ${code(`--env ${name}`)}.`
  }
}

/** What such callers show. */
const presentedBy = (callers: Callers): TokenType<PresentedKind> => {
  switch (callers.kind) {
    case "api_keys":
      return callers.key
    case "client_certificates":
      return callers.certificate
    default:
      return callers.accessToken
  }
}

const shown = ({ value, text }: ParamValue): string => (value.kind === "string" ? JSON.stringify(text) : text)

/** Values of a parameter: in each environment of the file that asks, or what stands for it. */
const describeParam = (files: Files, home: Analysis, uri: string, name: string): string | undefined => {
  const item = home.file.items.find((each) => each.kind === "Param" && each.name.text === name)
  const typeName = item?.kind === "Param" && item.type ? written(item.type) : undefined
  const type = typeName !== undefined && Object.hasOwn(paramTypes, typeName) ? paramTypes[typeName] : undefined
  const values = [...inEnvironments(files, uri)].flatMap(([env, analysis]) => {
    const value = valueIn(analysis, home.uri, name)
    return value ? [`${code(env)}: ${code(shown(value))}`] : []
  })
  const value = home.known?.scope.values.get(name)
  const alone =
    value === undefined || value === BROKEN
      ? undefined
      : value.source === "sample"
        ? `No value is given here; ${code(shown(value))} stands for it.`
        : `${code(shown(value))} when nothing else is given.`
  return paragraphs(type?.doc, values.length > 0 ? bullets(values) : alone)
}

const valueIn = ({ known, places }: Analysis, home: string, name: string): ParamValue | undefined => {
  if (known === undefined) return undefined
  for (const [local, named] of known.scope.names) {
    const isIt = named.kind === "param" && named.node.name.text === name && places(named.node.span).source.uri === home
    const value = isIt ? known.scope.values.get(local) : undefined
    if (value !== undefined && value !== BROKEN) return value
  }
  return undefined
}
