import type { AnnotatedItem, Json } from '@dsv/core'
import type { ColumnPlan } from './plan-columns.ts'
import {
  fieldsOf,
  isFlat,
  objectFieldsOf,
  otherAttributes,
  splitAnnotations,
} from './plan-columns.ts'

/** A row before it is known how it is written. */
export type PlainRow = Readonly<Record<string, Json>>

/** How rows are made. */
export interface RowOptions {
  readonly plan: ColumnPlan
  readonly layer: string
  /** Returns what a category is called in a row: its name or number. */
  readonly nameOf: (category: string) => Json
}

/** Returns the columns of an item beside its image. Absent values are left out. */
export function rowOfItem(item: AnnotatedItem, { plan, layer, nameOf }: RowOptions): PlainRow {
  const { labels, captions, objects } = splitAnnotations(item, layer)
  const [medium] = item.media
  const { width, height } = medium ?? {}
  const others = otherAttributes(item)
  const fields = fieldsOf(item).filter(
    ([name, value]) => isFlat(name, value) && plan.fields.has(name),
  )
  const names = labels.map(nameOf)
  return {
    ...(plan.isNamed && { item_id: item.id }),
    ...(width !== undefined && height !== undefined && { width, height }),
    ...(plan.labels === 1 && names[0] !== undefined && { label: names[0] }),
    ...(plan.labels > 1 && { labels: names }),
    ...(plan.captions === 1 && captions[0] !== undefined && { text: captions[0] }),
    ...(plan.captions > 1 && { captions }),
    ...(plan.hasObjects && { objects: objectColumns(objects, plan, nameOf) }),
    ...((item.tags ?? []).length > 0 && { tags: item.tags ?? [] }),
    ...(others.length > 0 && { attributes: Object.fromEntries(others) }),
    ...Object.fromEntries(fields),
  }
}

function objectColumns(
  objects: ReturnType<typeof splitAnnotations>['objects'],
  plan: ColumnPlan,
  nameOf: (category: string) => Json,
): Readonly<Record<string, readonly Json[]>> {
  const values = objects.map((annotation) => new Map(objectFieldsOf(annotation)))
  const fields = [...plan.objectFields.keys()].map(
    (column) => [column, values.map((each) => each.get(column) ?? null)] as const,
  )
  return {
    bbox: objects.map((each) =>
      each.type === 'box' ? [each.x, each.y, each.width, each.height] : null,
    ),
    category: objects.map(({ category }) => (category === undefined ? null : nameOf(category))),
    ...(plan.hasObjectCaptions && {
      caption: objects.map((each) => (each.type === 'caption' ? each.text : null)),
    }),
    ...Object.fromEntries(fields),
    ...(plan.hasObjectAttributes && {
      attributes: objects.map(({ attributes }) => attributes ?? null),
    }),
  }
}
