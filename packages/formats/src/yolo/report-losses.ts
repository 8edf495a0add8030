import type { AdapterContext, AnnotatedItem, Annotation, Schema } from '@dsv/core'
import type { LineShape } from './label-line.ts'

type OnLoss = AdapterContext['onLoss']

const NEVER_HELD = [
  'group',
  'zOrder',
  'occluded',
  'outside',
  'truncated',
  'sourceId',
  'area',
  'crowd',
] as const

/** Reports what a line cannot say of an annotation; its geometry is the business of the caller. */
export function reportAnnotation(
  annotation: Annotation,
  where: string,
  line: { readonly isOwn: boolean; readonly task: LineShape['task'] },
  onLoss: OnLoss,
): void {
  for (const name of Object.keys(annotation.attributes ?? {})) {
    onLoss({ what: `attribute: ${name}`, where })
  }
  for (const field of NEVER_HELD) {
    if (annotation[field] !== undefined) onLoss({ what: `field: ${field}`, where })
  }
  if (!line.isOwn && annotation.score !== undefined) onLoss({ what: 'field: score', where })
  if (!line.isOwn && annotation.track !== undefined) onLoss({ what: 'field: track', where })
  const isBoxHeld = line.task === 'pose' && annotation.type === 'points'
  if (annotation.box !== undefined && !isBoxHeld) onLoss({ what: 'field: box', where })
  for (const format of Object.keys(annotation.extra ?? {})) {
    if (format !== 'yolo') onLoss({ what: `extra: ${format}`, where })
  }
}

/** Reports what a folder of images and label files cannot say of an item. */
export function reportItem(item: AnnotatedItem, layer: string, onLoss: OnLoss): void {
  const where = `${item.subset}/${item.id}`
  for (const name of Object.keys(item.attributes ?? {})) {
    onLoss({ what: `item attribute: ${name}`, where })
  }
  if ((item.tags ?? []).length > 0) onLoss({ what: 'item field: tags', where })
  for (const format of Object.keys(item.extra ?? {})) {
    if (format !== 'yolo') onLoss({ what: `item extra: ${format}`, where })
  }
  for (const { role } of item.media.slice(0, 1)) {
    if (role !== 'primary') onLoss({ what: `media: role ${role}`, where })
  }
  for (const { role } of item.media.slice(1)) onLoss({ what: `media: ${role}`, where })
  for (const [name, annotations] of Object.entries(item.layers)) {
    if (name !== layer && annotations.length > 0) onLoss({ what: `layer: ${name}`, where })
  }
}

/** Reports what a list of names cannot say of the categories. */
export function reportSchema(schema: Schema, holdsSkeletons: boolean, onLoss: OnLoss): void {
  for (const category of schema.categories) {
    const where = category.name
    for (const field of ['parent', 'supercategory', 'color', 'attributes', 'isThing'] as const) {
      if (category[field] !== undefined) onLoss({ what: `category field: ${field}`, where })
    }
    if (category.skeleton !== undefined && !holdsSkeletons) {
      onLoss({ what: 'category field: skeleton', where })
    }
    if (holdsSkeletons && (category.skeleton?.edges ?? []).length > 0) {
      onLoss({ what: 'category field: skeleton edges', where })
    }
  }
  for (const { name } of schema.attributes) onLoss({ what: 'attribute definition', where: name })
  for (const format of Object.keys(schema.info)) {
    if (format !== 'yolo') onLoss({ what: `info: ${format}`, where: format })
  }
}
