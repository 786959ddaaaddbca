/**
 * A website that publishes metadata documents, as the internet would have it: over TLS, under a name. It is on loopback.
 *
 * @module
 */
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { authority } from "../certificates.ts"
import { close } from "./identity-provider.ts"

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body: string | Uint8Array
}

export interface DocumentHost {
  /** `https://client.example:PORT` */
  readonly origin: string
  readonly port: number
  /** What is answered, by path. */
  readonly pages: Map<string, Answer | (() => Answer)>
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  /** PEM of the authority behind its certificate. */
  readonly ca: string
  readonly stop: () => Promise<void>
}

export const HOST = "client.example"

export const startDocumentHost = async (): Promise<DocumentHost> => {
  const ca = await authority()
  const { certificate, key } = await ca.issue({
    subject: `CN=${HOST}`,
    names: [
      { type: "dns", value: HOST },
      { type: "ip", value: "127.0.0.1" },
    ],
  })
  const pages: DocumentHost["pages"] = new Map()
  const asked: string[] = []
  const server: Server = createServer({ cert: certificate, key }, (request, response) => {
    const path = request.url ?? "/"
    asked.push(path)
    const page = pages.get(path) ?? { status: 404, body: "" }
    const {
      status = 200,
      headers = { "content-type": "application/json" },
      body,
    } = page instanceof Function ? page() : page
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  const origin = `https://${HOST}:${port}`
  return { origin, port, pages, asked, ca: ca.certificate, stop: () => close(server) }
}

/** A document that is right, at this URL. */
export const documentOf = (id: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    client_id: id,
    client_name: "Documented client",
    client_uri: new URL("/", id).href,
    redirect_uris: ["http://127.0.0.1:9/callback"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    ...more,
  })
