/** `textDocument/hover` */
import { hover } from "../language-service/index.ts"
import { markup, placeOf, rangeOf, type Session } from "./session.ts"

export const serveHover = (session: Session): void => {
  session.connection.onHover((params) => {
    const place = placeOf(session, params)
    const found = place && hover(session.files, place.uri, place.offset)
    return found ? { contents: markup(session, found.text), range: rangeOf(session, place.uri, found.span) } : null
  })
}
