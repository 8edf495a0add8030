import type { AnnotationEdit, ItemOutcomes, Outcome, OutcomeChange } from '@dsv/analysis'
import type { Annotation, Category } from '@dsv/core'
import { annotationTitle, oneLine } from './annotation-text.ts'
import { itemName } from './item-lines.ts'

/** Categories of both versions. */
interface Names {
  readonly before: readonly Category[]
  readonly after: readonly Category[]
}

/** Returns an item and each annotation of it of which something else became, with the cause. */
export function outcomeLines({ from, to, changes }: ItemOutcomes, names: Names): readonly string[] {
  const place = to ?? from
  const how = from === undefined ? 'new item ' : to === undefined ? 'removed item ' : 'item '
  return [
    `${how}${place === undefined ? '' : itemName(place)}`,
    ...changes.map((change) => `  ${changeLine(change, names)}`),
  ]
}

/** Returns the same as JSON. */
export function outcomeJson({ from, to, changes }: ItemOutcomes): object {
  return {
    from: from ?? null,
    to: to ?? null,
    changes: changes.map(({ side, annotation, before, after, causes }) => ({
      side,
      uid: annotation.uid,
      category: annotation.category ?? null,
      before: before ?? null,
      after: after ?? null,
      causes: causes.map(({ side: of, uid, change, fields }) => ({
        side: of,
        uid,
        change,
        fields,
      })),
    })),
  }
}

function changeLine(
  { side, annotation, before, after, causes }: OutcomeChange,
  names: Names,
): string {
  const title = `${side} ${titleOf(annotation, names)}`
  const because = causes.map((cause) => causeText(cause, annotation, names)).join(' and ')
  const change = `${outcomeText(before, side)} → ${outcomeText(after, side)}`
  return `${title}  ${change}${because === '' ? '' : `  because ${because}`}`
}

function causeText(
  { side, uid, change, fields, before, after }: AnnotationEdit,
  own: Annotation,
  names: Names,
): string {
  const annotation = after ?? before
  const title =
    uid === own.uid
      ? 'it'
      : `${side} ${annotation === undefined ? oneLine(uid) : titleOf(annotation, names)}`
  const how = change === 'edited' ? `changed (${fields.map(oneLine).join(', ')})` : `was ${change}`
  return `${title} ${how}`
}

function titleOf(annotation: Annotation, { before, after }: Names): string {
  const known = new Map([...before, ...after].map(({ key, name }) => [key, name]))
  return oneLine(`${annotationTitle(annotation, known)} ${annotation.uid.slice(0, 8)}`)
}

function outcomeText(outcome: Outcome, side: OutcomeChange['side']): string {
  if (outcome === undefined) return 'nothing'
  if (outcome === 'ignored') return outcome
  if (side === 'truth') return outcome === 'true-positive' ? 'found' : 'missed'
  return outcome === 'true-positive' ? 'right' : 'wrong'
}
