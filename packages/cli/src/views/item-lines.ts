import {
  type Annotation,
  type AnnotationChange,
  type AnnotationDiff,
  type FieldChange,
  type ItemDiff,
  type ItemKey,
  type Media,
  primaryMedium,
} from '@dsv/core'
import { GROUND_TRUTH } from '@dsv/core'
import {
  annotationTitle,
  type CategoryNames,
  oneLine,
  shapeText,
  valueText,
} from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { bytesText, countOf, numberText } from './quantities.ts'
import { fieldText } from './schema-lines.ts'

/** Category names before and after, and the colours. */
export interface ItemLineContext {
  readonly from: CategoryNames
  readonly to: CategoryNames
  readonly paint: Paint
}

/** Returns the lines of one item: what happened to it, then one line for each annotation. */
export function itemLines(diff: ItemDiff, context: ItemLineContext): readonly string[] {
  const layers = [...diff.layers].flatMap(([layer, changes]) =>
    annotationLines(changes, context).map((line) =>
      layer === GROUND_TRUTH ? `  ${line}` : `  ${line}  in layer ${oneLine(layer)}`,
    ),
  )
  return [titleLine(diff, context), ...fieldLines(diff, context), ...layers]
}

/** Returns the name of an item as people write it. */
export function itemName({ subset, id }: ItemKey): string {
  return oneLine(`${subset}/${id}`)
}

function titleLine({ from, to }: ItemDiff, { paint }: ItemLineContext): string {
  if (from === undefined) return to === undefined ? '' : paint.added(`+ item ${itemName(to)}`)
  if (to === undefined) return paint.removed(`- item ${itemName(from)}`)
  if (from.subset === to.subset) return paint.title(`item ${itemName(to)}`)
  return paint.changed(
    `~ item ${itemName(to)}  moved ${oneLine(from.subset)} → ${oneLine(to.subset)}`,
  )
}

function fieldLines({ item, from, to }: ItemDiff, { paint }: ItemLineContext): string[] {
  const hasMoved = from?.subset !== to?.subset
  return (item?.fields ?? [])
    .filter(({ field }) => !(field === 'subset' && hasMoved))
    .map((change) => {
      if (change.field !== 'media') return paint.changed(`  ~ ${fieldText(change)}`)
      return paint.changed(
        `  ~ media changed  ${mediaText(item?.before)} → ${mediaText(item?.after)}`,
      )
    })
}

function mediaText(item: { readonly media: readonly Media[] } | undefined): string {
  const primary = item && primaryMedium(item)
  if (primary === undefined) return 'none'
  const { path, width, height, sizeBytes } = primary
  const size = width === undefined || height === undefined ? [] : [`${width}×${height}`]
  const bytes = sizeBytes === undefined ? ['missing'] : [bytesText(sizeBytes)]
  return `${oneLine(path)} (${[...size, ...bytes].join(', ')})`
}

function annotationLines(changes: AnnotationDiff, context: ItemLineContext): string[] {
  const { paint } = context
  return [
    ...changes.removed.map((annotation) =>
      paint.removed(annotationLine('-', annotation, context.from)),
    ),
    ...changes.added.map((annotation) => paint.added(annotationLine('+', annotation, context.to))),
    ...changes.changed.map((change) => paint.changed(changedLine(change, context))),
    ...(changes.order === undefined
      ? []
      : [paint.changed(`~ order of ${countOf(changes.order.length, 'annotation')}`)]),
  ]
}

function annotationLine(sign: string, annotation: Annotation, names: CategoryNames): string {
  const title = `${sign} ${oneLine(annotationTitle(annotation, names))}`
  return [title, shapeText(annotation)].filter((part) => part !== '').join('  ')
}

function changedLine(change: AnnotationChange, context: ItemLineContext): string {
  const { before, after, fields } = change
  const parts = fields.map((field) => changedField(field, change, context))
  const title = annotationTitle(before.category === after.category ? after : before, context.from)
  return [`~ ${oneLine(title)}`, ...parts].join('  ')
}

function changedField(
  field: FieldChange,
  { before, after, iou }: AnnotationChange,
  { from, to }: ItemLineContext,
): string {
  switch (field.field) {
    case 'geometry': {
      const overlap = iou === undefined ? '' : ` IoU ${numberText(iou)}`
      const verb = before.type === after.type ? 'moved' : `now ${after.type}`
      return `${verb}${overlap}  ${shapeText(before)} → ${shapeText(after)}`
    }
    case 'category':
      return `relabelled ${categoryName(before.category, from)} → ${categoryName(after.category, to)}`
    case 'box':
      return `stated box ${boxText(field.from)} → ${boxText(field.to)}`
    default:
      return fieldText(field)
  }
}

function boxText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(valueText).join(' ')}]` : valueText(value)
}

function categoryName(key: string | undefined, names: CategoryNames): string {
  return key === undefined ? 'no category' : oneLine(names.get(key) ?? key)
}
