import { encodeCanonical, type TreeEntry } from '@dsv/store'
import type { Annotation } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import { annotationProblem, isAnnotation, isFieldOf } from './annotation-fields.ts'
import { encodeItemKey } from './item-key.ts'
import { isFields, readRecord, type RecordReader } from './record-reader.ts'

const VERSION = 1

/**
 * Returns the entry of an item's annotations in the tree of a layer. The value is canonical
 * `[1, annotation, annotation, …]` in the order of the layer; an annotation is a map from the short
 * names of {@link FIELD_NAMES} to values. Fields that the source does not give are absent.
 *
 * @throws `DSV_ITEM_KEY_INVALID`
 */
export function encodeAnnotations(itemKey: ItemKey, annotations: readonly Annotation[]): TreeEntry {
  const value = encodeCanonical([VERSION, ...annotations.map(shortNames)])
  return { key: encodeItemKey(itemKey), value, links: [] }
}

/**
 * Returns the annotations in an entry of the tree of a layer.
 *
 * @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED`
 */
export function decodeAnnotations(entry: TreeEntry): readonly Annotation[] {
  const reader = readRecord('An annotation record', entry.value, entry.links, VERSION)
  return reader.body.map((fields) => readAnnotation(reader, fields))
}

/**
 * Short names of the fields of annotations in records, by their names in the model.
 *
 * | short | field | short | field | short | field |
 * |---|---|---|---|---|---|
 * | `u` | uid | `t` | type | `k` | category |
 * | `a` | attributes | `s` | score | `g` | group |
 * | `n` | track | `z` | zOrder | `oc` | occluded |
 * | `ou` | outside | `tr` | truncated | `i` | sourceId |
 * | `v` | provenance | `b` | box | `ar` | area |
 * | `cr` | crowd | `e` | extra | `x` | x |
 * | `y` | y | `w` | width | `h` | height |
 * | `cx` | cx | `cy` | cy | `rx` | rx |
 * | `ry` | ry | `an` | angle | `p` | points |
 * | `r` | parts | `cl` | closed | `vi` | visibility |
 * | `c` | counts | `si` | segmentId | `po` | position |
 * | `ro` | rotation | `sz` | size | `tx` | text |
 * | `la` | language | `rl` | role | `pa` | path |
 * | `un` | unit | `vs` | values | `ss` | startSeconds |
 * | `es` | endSeconds | `sb` | subject | `pr` | predicate |
 * | `ob` | object | | | | |
 */
export const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ['uid', 'u'],
  ['type', 't'],
  ['category', 'k'],
  ['attributes', 'a'],
  ['score', 's'],
  ['group', 'g'],
  ['track', 'n'],
  ['zOrder', 'z'],
  ['occluded', 'oc'],
  ['outside', 'ou'],
  ['truncated', 'tr'],
  ['sourceId', 'i'],
  ['provenance', 'v'],
  ['box', 'b'],
  ['area', 'ar'],
  ['crowd', 'cr'],
  ['extra', 'e'],
  ['x', 'x'],
  ['y', 'y'],
  ['width', 'w'],
  ['height', 'h'],
  ['cx', 'cx'],
  ['cy', 'cy'],
  ['rx', 'rx'],
  ['ry', 'ry'],
  ['angle', 'an'],
  ['points', 'p'],
  ['parts', 'r'],
  ['closed', 'cl'],
  ['visibility', 'vi'],
  ['counts', 'c'],
  ['segmentId', 'si'],
  ['position', 'po'],
  ['rotation', 'ro'],
  ['size', 'sz'],
  ['text', 'tx'],
  ['language', 'la'],
  ['role', 'rl'],
  ['path', 'pa'],
  ['unit', 'un'],
  ['values', 'vs'],
  ['startSeconds', 'ss'],
  ['endSeconds', 'es'],
  ['subject', 'sb'],
  ['predicate', 'pr'],
  ['object', 'ob'],
])

const LONG_NAMES: ReadonlyMap<string, string> = new Map(
  [...FIELD_NAMES].map(([name, short]) => [short, name]),
)

/** Sorted, so that the encoder need not. */
const SORTED_NAMES: readonly (readonly [name: string, short: string])[] = [...FIELD_NAMES].toSorted(
  ([, a], [, b]) => (a < b ? -1 : 1),
)

const NAMES_BY_TYPE = new Map<string, readonly (readonly [string, string])[]>()

function namesOf(type: string): readonly (readonly [string, string])[] {
  const known = NAMES_BY_TYPE.get(type)
  if (known !== undefined) return known
  const names = SORTED_NAMES.filter(([name]) => isFieldOf(type, name))
  if (names.length > 0) NAMES_BY_TYPE.set(type, names)
  return names
}

function shortNames(annotation: Annotation): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {}
  if (!isFields(annotation)) return fields
  let left = Object.keys(annotation).length
  for (const [name, short] of namesOf(annotation.type)) {
    const value: unknown = annotation[name]
    if (value === undefined) continue
    fields[short] = value
    left--
  }
  if (left > 0) refuseUnknown(annotation)
  return fields
}

function refuseUnknown(annotation: Annotation): void {
  for (const [name, value] of Object.entries(annotation)) {
    if (value !== undefined && !isFieldOf(annotation.type, name)) {
      throw new Error(`A ${annotation.type} cannot have a field ${name}`)
    }
  }
}

function readAnnotation(reader: RecordReader, value: unknown): Annotation {
  const annotation: Record<string, unknown> = {}
  for (const [short, field] of Object.entries(reader.fields(value, 'An annotation'))) {
    annotation[LONG_NAMES.get(short) ?? short] = field
  }
  if (isAnnotation(annotation)) return annotation
  return reader.fail(annotationProblem(annotation) ?? 'An annotation is malformed')
}
