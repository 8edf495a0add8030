import type { Conflict } from '@dsv/core'
import { annotationTitle, oneLine, shapeText, valueText } from './annotation-text.ts'
import { itemName } from './item-lines.ts'
import type { Paint } from './paint.ts'
import { countText } from './quantities.ts'

/** More conflicts than this are only counted. */
const MAX_CONFLICTS = 20

const NO_NAMES: ReadonlyMap<string, string> = new Map()

/** Returns the open conflicts: what it is about, what each side says, and how to settle it. */
export function conflictLines(conflicts: readonly Conflict[], paint: Paint): readonly string[] {
  if (conflicts.length === 0) return []
  const more = conflicts.length - MAX_CONFLICTS
  return [
    'Conflicts:',
    '  (use "dsv resolve --ours|--theirs|--both <number>..." to settle some, "--all" for all)',
    ...conflicts
      .slice(0, MAX_CONFLICTS)
      .flatMap((conflict, index) => [
        paint.removed(`  ${index + 1}. ${conflictTitle(conflict)}`),
        ...sides(conflict).map(([side, text]) => `       ${`${side}:`.padEnd(7)} ${text}`),
      ]),
    ...(more > 0 ? [`  … and ${countText(more)} more ("dsv status --json" lists all)`] : []),
  ]
}

function conflictTitle(conflict: Conflict): string {
  const { where, fields } = conflict
  const place = where === '' ? '' : `${oneLine(where)}: `
  const isDeleted = conflict.ours === null || conflict.theirs === null
  const pieces =
    fields.length === 0 && isDeleted
      ? 'one side deleted it'
      : fields.map(oneLine).join(', ') || 'all of it'
  switch (conflict.kind) {
    case 'annotation': {
      const known = conflict.ours ?? conflict.theirs ?? conflict.base
      const title = known === null ? 'annotation' : annotationTitle(known, NO_NAMES)
      return `${place}${itemName(conflict.key)}: ${oneLine(title)} (${pieces})`
    }
    case 'item':
      return `${place}${itemName(conflict.key)}: item (${pieces})`
    case 'media':
      return `${place}${itemName(conflict.key)}: media`
    case 'schema':
      return `${place}${conflict.part} ${oneLine(conflict.key)} (${pieces})`
    case 'file':
      return `${oneLine(conflict.key)}: file (${isDeleted ? 'one side deleted it' : 'both sides changed it'})`
  }
}

function sides(conflict: Conflict): readonly (readonly [side: string, text: string])[] {
  return (['base', 'ours', 'theirs'] as const).map((side) => [side, sideText(conflict, side)])
}

function sideText(conflict: Conflict, side: 'base' | 'ours' | 'theirs'): string {
  if (conflict[side] === null) return 'not there'
  switch (conflict.kind) {
    case 'annotation': {
      const annotation = conflict[side]
      if (annotation === null) return 'not there'
      if (conflict.fields.length === 0)
        return [annotationTitle(annotation, NO_NAMES), shapeText(annotation)].join('  ').trim()
      return conflict.fields
        .map((field) => {
          if (field === 'geometry') return shapeText(annotation)
          return `${oneLine(field)} ${valueText(pieceOf(annotation, field))}`
        })
        .join('  ')
    }
    case 'item':
    case 'schema':
      if (conflict.fields.length === 0) return 'there, with changes'
      return conflict.fields
        .map((field) => `${oneLine(field)} ${valueText(pieceOf(conflict[side], field))}`)
        .join('  ')
    case 'media':
      return oneLine(
        (conflict[side] ?? [])
          .map(({ path, blob }) => `${path} ${blob?.slice(0, 10) ?? ''}`)
          .join(', '),
      )
    case 'file': {
      const file = conflict[side]
      return file !== null && 'blob' in file
        ? `${file.blob.slice(0, 10)}, ${countText(file.sizeBytes)} bytes`
        : valueText(file)
    }
  }
}

/** Follows the name of a piece (`attributes.color`) into a record. */
function pieceOf(record: unknown, field: string): unknown {
  if (typeof record !== 'object' || record === null) return undefined
  const own: ReadonlyMap<string, unknown> = new Map(Object.entries(record))
  if (own.has(field)) return own.get(field)
  const dot = field.indexOf('.')
  return dot < 0 ? undefined : pieceOf(own.get(field.slice(0, dot)), field.slice(dot + 1))
}
