import type {
  AdapterContext,
  AnnotatedItem,
  Annotation,
  AnnotationCommon,
  AttributeValue,
  Category,
  Media,
  Schema,
} from '@dsv/core'

type OnLoss = AdapterContext['onLoss']

/** What a format can say; everything else is reported. */
export interface Holdings {
  /** The name of the format: `extra` of this name is its own. */
  readonly format: string
  /** Fields of annotations that it holds, whatever their type. */
  readonly fields: ReadonlySet<keyof AnnotationCommon>
  /** Whether it holds an attribute of an annotation; default none. */
  readonly attribute?: (name: string, value: AttributeValue) => boolean
  /** Whether it holds an attribute of an item; default none. */
  readonly itemAttribute?: (name: string, value: AttributeValue) => boolean
  /** Fields of categories that it holds; default none. */
  readonly categoryFields?: ReadonlySet<keyof Category>
}

/** What nobody misses: it says where an annotation comes from, not what it is. */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(['type', 'uid', 'provenance', 'attributes'])
const COMMON_FIELDS: readonly (keyof AnnotationCommon)[] = [
  'category',
  'score',
  'group',
  'track',
  'zOrder',
  'occluded',
  'outside',
  'truncated',
  'sourceId',
  'box',
  'area',
  'crowd',
]

/** Reports the common fields, attributes and extra fields of an annotation that a format cannot say. */
export function reportAnnotationLosses(
  annotation: Annotation,
  holds: Holdings,
  where: string,
  onLoss: OnLoss,
): void {
  for (const field of COMMON_FIELDS) {
    if (annotation[field] === undefined || ALWAYS_KEPT.has(field)) continue
    if (!holds.fields.has(field)) onLoss({ what: `field: ${field}`, where })
  }
  for (const [name, value] of Object.entries(annotation.attributes ?? {})) {
    if (holds.attribute?.(name, value) !== true) onLoss({ what: `attribute: ${name}`, where })
  }
  for (const format of Object.keys(annotation.extra ?? {})) {
    if (format !== holds.format) onLoss({ what: `extra: ${format}`, where })
  }
}

/** Reports what a format cannot say of an item beside its first medium and its annotations. */
export function reportItemLosses(
  item: AnnotatedItem,
  holds: Holdings,
  layer: string,
  onLoss: OnLoss,
): void {
  const where = `${item.subset}/${item.id}`
  for (const [name, value] of Object.entries(item.attributes ?? {})) {
    if (holds.itemAttribute?.(name, value) !== true) {
      onLoss({ what: `item attribute: ${name}`, where })
    }
  }
  if ((item.tags ?? []).length > 0) onLoss({ what: 'item field: tags', where })
  for (const format of Object.keys(item.extra ?? {})) {
    if (format !== holds.format) onLoss({ what: `item extra: ${format}`, where })
  }
  for (const { role } of item.media.slice(1)) onLoss({ what: `media: ${role}`, where })
  for (const [name, annotations] of Object.entries(item.layers)) {
    if (name !== layer && annotations.length > 0) onLoss({ what: `layer: ${name}`, where })
  }
}

/** Reports what a format cannot say of categories and of the dataset as a whole. */
export function reportSchemaLosses(schema: Schema, holds: Holdings, onLoss: OnLoss): void {
  for (const category of schema.categories) {
    for (const field of CATEGORY_FIELDS) {
      if (category[field] === undefined || holds.categoryFields?.has(field) === true) continue
      onLoss({ what: `category field: ${field}`, where: category.name })
    }
  }
  for (const { name } of schema.attributes) onLoss({ what: 'attribute definition', where: name })
  for (const format of Object.keys(schema.info)) {
    if (format !== holds.format) onLoss({ what: `info: ${format}`, where: format })
  }
}

const CATEGORY_FIELDS: readonly (keyof Category)[] = [
  'parent',
  'supercategory',
  'color',
  'attributes',
  'skeleton',
  'isThing',
]

/**
 * Returns the image of an item; reports items that have none, and media that are no single image.
 */
export function imageOf(item: AnnotatedItem, onLoss: OnLoss): Media | undefined {
  const where = `${item.subset}/${item.id}`
  const [medium] = item.media
  if (medium === undefined) onLoss({ what: 'item', where: `${where}: it has no media` })
  else if (medium.kind === 'image') return medium
  else onLoss({ what: 'item', where: `${where}: it is of kind ${medium.kind}` })
  return undefined
}
