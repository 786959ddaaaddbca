/**
 * The bar between source and result: dragged, or moved by arrow keys (ARIA's window splitter).
 *
 * @module
 */
import { byId } from "./element.ts"

const [LEAST, MOST, STEP] = [25, 75, 2]

export const divider = (): void => {
  const [bar, main] = [byId("divider"), byId("main")]
  let share = 50
  const move = (to: number): void => {
    share = Math.min(MOST, Math.max(LEAST, to))
    main.style.setProperty("--share", `${share}%`)
    bar.setAttribute("aria-valuenow", String(Math.round(share)))
  }
  const attributes = {
    role: "separator",
    tabindex: "0",
    "aria-orientation": "vertical",
    "aria-label": "Width of the source",
    "aria-controls": "source",
    "aria-valuemin": String(LEAST),
    "aria-valuemax": String(MOST),
  }
  for (const [name, value] of Object.entries(attributes)) bar.setAttribute(name, value)
  bar.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: share - STEP, ArrowRight: share + STEP, Home: LEAST, End: MOST }[event.key]
    if (to === undefined) return
    event.preventDefault()
    move(to)
  })
  bar.addEventListener("pointerdown", (event) => bar.setPointerCapture(event.pointerId))
  bar.addEventListener("pointermove", ({ pointerId, clientX }) => {
    const { left, width } = main.getBoundingClientRect()
    if (bar.hasPointerCapture(pointerId)) move(((clientX - left) / width) * 100)
  })
  move(share)
}
