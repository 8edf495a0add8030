import type { AdapterContext, AnnotatedItem, Annotation } from '@dsv/core'
import { annotationToValues } from './annotation-to-values.ts'
import { reportAnnotation } from './report-losses.ts'
import { type Size, uprightSize } from './image-size.ts'
import { keptLines } from './item-files.ts'
import type { YoloLayout } from './layout.ts'
import { keptLineText, lineText } from './line-text.ts'
import { repetitions } from './one-line-each.ts'

/** What writing a label file needs. */
export interface LabelWriting {
  readonly layout: YoloLayout
  /** Whether the layout is the one that the dataset was read in: lines may be kept as they were. */
  readonly isOwn: boolean
  readonly indexes: ReadonlyMap<string, number>
  readonly layer: string
  readonly onLoss: AdapterContext['onLoss']
}

/** Returns the text of the label file of an item; empty when it has no annotations. */
export function labelText(item: AnnotatedItem, writing: LabelWriting): string {
  const size = uprightSize(item.media[0])
  const where = `${item.subset}/${item.id}`
  const annotations = item.layers[writing.layer] ?? []
  const repeated =
    size === undefined ? new Set() : repetitions(annotations, size, writing.layout.shape)
  const lines = annotations.flatMap((annotation) => {
    if (!repeated.has(annotation)) return annotationLines(annotation, size, where, writing)
    writing.onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  })
  if (writing.isOwn) lines.push(...keptLines(item))
  return lines.map((line) => `${line}\n`).join('')
}

function annotationLines(
  annotation: Annotation,
  size: Size | undefined,
  where: string,
  { layout, isOwn, indexes, onLoss }: LabelWriting,
): readonly string[] {
  const index = annotation.category === undefined ? undefined : indexes.get(annotation.category)
  if (size === undefined || index === undefined) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  }
  const kept = isOwn ? keptLineText(annotation, size, layout) : undefined
  if (kept !== undefined) {
    reportAnnotation(annotation, where, { isOwn: true, task: layout.shape.task }, onLoss)
    return [`${index} ${kept}`]
  }
  const values = annotationToValues(annotation, size, layout.shape)
  const texts = lineText(annotation, size, layout)
  if (values === undefined || texts === undefined || texts.length === 0) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  }
  if (values.some(({ reduced }) => reduced)) onLoss({ what: `geometry: ${annotation.type}`, where })
  reportAnnotation(annotation, where, { isOwn: false, task: layout.shape.task }, onLoss)
  return texts.map((text) => `${index} ${text}`)
}
