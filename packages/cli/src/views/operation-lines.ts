import type { Head, Operation } from '@dsv/store'
import { oneLine } from './annotation-text.ts'
import { dateText } from './date-text.ts'
import { branchName } from './head-text.ts'
import type { Paint } from './paint.ts'
import { shortId } from './quantities.ts'

/** Returns an operation in a line: id, when, and what was done. */
export function operationLine(
  { id, timeMs, description, type }: Operation,
  offsetMinutes: number,
  paint: Paint,
): string {
  const when = dateText({ seconds: Math.floor(timeMs / 1000), offsetMinutes })
  const note = type === 'change' || description.startsWith(type) ? '' : ` (${type})`
  return `${paint.id(shortId(id))}  ${paint.faint(when)}  ${oneLine(description)}${note}`
}

/** Returns everything that an operation says. */
export function operationLines(operation: Operation, paint: Paint): readonly string[] {
  const { id, timeMs, description, user, host, command, refs, head, local } = operation
  const when = dateText({ seconds: Math.floor(timeMs / 1000), offsetMinutes: 0 })
  return [
    paint.id(`operation ${id}`),
    `What:    ${oneLine(description)}`,
    `Command: ${oneLine(command)}`,
    `Who:     ${oneLine(user)} on ${oneLine(host)}`,
    `When:    ${when}`,
    ...refs.map(({ name, from, to }) => `${name}: ${placeOf(from)} → ${placeOf(to)}`),
    ...(head === undefined ? [] : [`HEAD: ${headOf(head.from)} → ${headOf(head.to)}`]),
    ...(local === undefined ? [] : ['The stage changed.']),
  ]
}

function placeOf(id: string | undefined): string {
  return id === undefined ? 'not there' : shortId(id)
}

function headOf(head: Head | undefined): string {
  if (head === undefined) return 'not there'
  return branchName(head) ?? (head.type === 'detached' ? shortId(head.commit) : '')
}
