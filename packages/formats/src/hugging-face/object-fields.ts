import type { AnnotationCommon } from '@dsv/core'

/** Fields of objects as they are called in columns, and in our words. */
export const OBJECT_FIELDS: readonly (readonly [column: string, field: keyof AnnotationCommon])[] =
  [
    ['id', 'sourceId'],
    ['score', 'score'],
    ['area', 'area'],
    ['iscrowd', 'crowd'],
    ['group', 'group'],
    ['track', 'track'],
    ['z_order', 'zOrder'],
    ['occluded', 'occluded'],
    ['outside', 'outside'],
    ['truncated', 'truncated'],
  ]

/** Columns that say something of their own. */
export const COLUMNS: ReadonlySet<string> = new Set(
  (
    'file_name image label labels text caption captions objects width height item_id tags ' +
    'attributes'
  ).split(' '),
)

/** Ends the names of columns whose values are of several kinds: they are JSON text. */
export const JSON_SUFFIX = '_json'
