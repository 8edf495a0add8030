import { type Event, EVENT_ID, getScalarValue, parseEvents } from 'js-yaml'

/** A way into a document: keys of mappings, indices of lists. */
export type ValuePath = readonly (string | number)[]

/**
 * Returns the line, from 1, of what a path leads to in a YAML text; where the path goes on in what an alias or a
 * merge stands for, that of the last place before.
 */
export function lineOf(text: string, path: ValuePath): number {
  const events = parseEvents(text, {})
  let offset = 0
  let at = events.findIndex(({ type }) => type !== EVENT_ID.DOCUMENT)
  for (const part of path) {
    const found = at === -1 ? undefined : childOf(text, events, at, part)
    if (found === undefined) break
    offset = found.offset
    at = found.at
  }
  let line = 1
  for (let index = 0; index < offset; index++) if (text[index] === '\n') line++
  return line
}

/** Returns where a member of the collection that begins at `at` stands: its key, and its value. */
function childOf(
  text: string,
  events: readonly Event[],
  at: number,
  part: string | number,
): { readonly offset: number; readonly at: number } | undefined {
  const parent = events[at]?.type
  if (parent !== EVENT_ID.MAPPING && parent !== EVENT_ID.SEQUENCE) return undefined
  let next = at + 1
  for (let index = 0; events[next]?.type !== EVENT_ID.POP && next < events.length; index++) {
    const first = events[next]
    const value = parent === EVENT_ID.MAPPING ? afterNode(events, next) : next
    const name =
      parent === EVENT_ID.SEQUENCE
        ? index
        : first?.type === EVENT_ID.SCALAR
          ? getScalarValue(text, first)
          : undefined
    if (name === part) return { offset: offsetOf(first), at: value }
    next = afterNode(events, value)
  }
  return undefined
}

function afterNode(events: readonly Event[], at: number): number {
  let depth = 0
  for (let next = at; next < events.length; next++) {
    const type = events[next]?.type
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++
    if (type === EVENT_ID.POP) depth--
    if (depth === 0) return next + 1
  }
  return events.length
}

function offsetOf(event: Event | undefined): number {
  if (event === undefined) return 0
  if (event.type === EVENT_ID.SCALAR) return Math.max(0, event.valueStart)
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart
  return 'start' in event ? event.start : 0
}
