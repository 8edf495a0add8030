import type { AnnotatedItem, Annotation, DatasetView, Media, WriteContext } from '@dsv/core'
import { type Holdings, imageOf } from '../shared/report-losses.ts'
import { type ColumnMap, type Field, FIELD_NAMES, FIELDS } from './column-map.ts'
import { ATTRIBUTE_PREFIX, isKnownColumn } from './guess-columns.ts'
import { itemIdOf } from './read.ts'

/** What a dataset needs columns for. */
export interface Needs {
  readonly types: ReadonlySet<string>
  readonly fields: ReadonlySet<Field>
  /** Names of attributes by their columns. */
  readonly attributes: ReadonlyMap<string, string>
  readonly isSized: boolean
  /** Whether the name of an image does not say the id of its item. */
  readonly isNamed: boolean
}

/** Everything else is reported as lost. */
export const HOLDS: Holdings = { format: 'csv', fields: new Set(['category', ...FIELDS]) }

const TYPES: ReadonlySet<string> = new Set(['label', 'box', 'caption'])
/** Further attributes are lost: every row would have a cell for each. */
const MAX_ATTRIBUTES = 500

/** Looks through a dataset for what its table has to hold. */
export async function needsOf(
  dataset: DatasetView,
  { layer, signal }: WriteContext,
  cellOf: (item: AnnotatedItem, medium: Media) => string,
): Promise<Needs> {
  const types = new Set<string>()
  const fields = new Set<Field>()
  const names = new Set<string>()
  let [isSized, isNamed] = [false, false]
  for await (const item of dataset.items()) {
    signal.throwIfAborted()
    const medium = imageOf(item, () => {})
    if (medium === undefined) continue
    if (medium.width !== undefined && medium.height !== undefined) isSized = true
    if (itemIdOf(cellOf(item, medium)) !== item.id) isNamed = true
    for (const annotation of item.layers[layer] ?? []) {
      if (!isHeld(annotation)) continue
      types.add(annotation.type)
      for (const field of FIELDS) if (annotation[field] !== undefined) fields.add(field)
      for (const name of Object.keys(annotation.attributes ?? {})) {
        if (names.size < MAX_ATTRIBUTES) names.add(name)
      }
    }
  }
  const attributes = new Map([...names].map((name) => [attributeColumn(name), name]))
  return { types, fields, attributes, isSized, isNamed }
}

/** Returns whether a row can say an annotation. A label without category says nothing. */
export function isHeld({ type, category }: Annotation): boolean {
  return TYPES.has(type) && (type !== 'label' || category !== undefined)
}

/** Returns the column of an attribute. */
export function attributeColumn(name: string): string {
  return isKnownColumn(name) ? `${ATTRIBUTE_PREFIX}${name}` : name
}

/** Returns whether tables with this map can hold what is needed. */
export function isEnough(map: ColumnMap, needs: Needs): boolean {
  const has: Readonly<Record<string, boolean>> = {
    label: map.labels.length > 0,
    box: map.box !== undefined,
    caption: map.caption !== undefined,
  }
  const isTyped = [...needs.types].every((type) => has[type])
  const hasFields = [...needs.fields].every((field) => map.fields.has(field))
  const hasAttributes = map.hasHeader || needs.attributes.size === 0
  return isTyped && hasFields && hasAttributes && (!needs.isNamed || map.item !== undefined)
}

/** Returns the usual columns. */
export function columnsFor(needs: Needs, subsets: readonly string[]): readonly string[] {
  const hasSubsets = subsets.some((subset) => subset !== 'default')
  const fields = [...FIELD_NAMES].filter(([, field]) => needs.fields.has(field))
  return [
    'image',
    ...(needs.isNamed ? ['item_id'] : []),
    ...(hasSubsets ? ['subset'] : []),
    ...(needs.isSized ? ['image_width', 'image_height'] : []),
    'label',
    ...(needs.types.has('box') ? ['x', 'y', 'width', 'height'] : []),
    ...(needs.types.has('caption') ? ['caption'] : []),
    ...fields.map(([name]) => name),
    ...needs.attributes.keys(),
  ]
}
