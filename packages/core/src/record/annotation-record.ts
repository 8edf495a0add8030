import { encodeCanonical, type TreeEntry } from '@dsv/store'
import type { Annotation, AnnotationDraft } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import { annotationProblem, isAnnotation, isFieldOf } from './annotation-fields.ts'
import { encodeItemKey } from './item-key.ts'
import { decodeNumberList, encodeNumberList } from './number-list.ts'
import { isFields, readRecord, type RecordReader } from './record-reader.ts'

const VERSION = 1

/**
 * Returns the entry of an item's annotations in the tree of a layer. The value is canonical
 * `[1, annotation, annotation, …]` in the order of the layer; an annotation is a map from the short
 * names of {@link FIELD_NAMES} to values, where the lists of numbers of a geometry are the bytes of
 * `encodeNumberList`. Fields that the source does not give are absent.
 *
 * @throws `DSV_ITEM_KEY_INVALID`, `DSV_RECORD_INVALID`
 */
export function encodeAnnotations(itemKey: ItemKey, annotations: readonly Annotation[]): TreeEntry {
  return encodeAnnotationFields(itemKey, annotations.map(annotationFields))
}

/** Does the same with what {@link annotationFields} gives of each. */
export function encodeAnnotationFields(
  itemKey: ItemKey,
  annotations: readonly Readonly<Record<string, unknown>>[],
): TreeEntry {
  const value = encodeCanonical([VERSION, ...annotations])
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

/** The fields that hold numbers in lists, which may be in lists again. */
const NUMBER_FIELDS: ReadonlySet<string> = new Set([
  'box',
  'parts',
  'points',
  'position',
  'rotation',
  'size',
  'values',
  'visibility',
])

const LONG_NAMES: ReadonlyMap<string, string> = new Map(
  [...FIELD_NAMES].map(([name, short]) => [short, name]),
)

/** Most datasets have a handful of shapes; this many are a sign that they will not be seen again. */
const SHAPES = 1000

const fieldsByShape = new Map<string, readonly ShapeField[]>()

/** A field of annotations of one type that have the same fields. */
interface ShapeField {
  readonly name: string
  /** Undefined where the type has no such field. */
  readonly short: string | undefined
  readonly isNumbers: boolean
}

/** Returns an annotation, with or without uid, as the map that a record has of it. */
export function annotationFields(annotation: AnnotationDraft): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {}
  if (!isFields(annotation)) return fields
  for (const { name, short, isNumbers } of shapeOf(annotation.type, Object.keys(annotation))) {
    const value: unknown = annotation[name]
    if (value === undefined) continue
    if (short === undefined) throw new Error(`A ${annotation.type} cannot have a field ${name}`)
    fields[short] = isNumbers ? packNumbers(value) : value
  }
  return fields
}

/** Returns the fields sorted by their short names, so that the encoder need not. */
function shapeOf(type: string, names: readonly string[]): readonly ShapeField[] {
  const shape = `${type} ${names.join(' ')}`
  const known = fieldsByShape.get(shape)
  if (known !== undefined) return known
  const fields = names
    .map((name) => ({
      name,
      short: isFieldOf(type, name) ? FIELD_NAMES.get(name) : undefined,
      isNumbers: NUMBER_FIELDS.has(name),
    }))
    .toSorted((a, b) => ((a.short ?? '') < (b.short ?? '') ? -1 : 1))
  if (fieldsByShape.size === SHAPES) fieldsByShape.clear()
  fieldsByShape.set(shape, fields)
  return fields
}

/** Leaves what no record may have, such as NaN, for the encoder to refuse with its place. */
function packNumbers(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return Array.isArray(value[0]) ? value.map(packNumbers) : (encodeNumberList(value) ?? value)
}

function readAnnotation(reader: RecordReader, value: unknown): Annotation {
  const annotation: Record<string, unknown> = {}
  const fields = reader.fields(value, 'An annotation')
  for (const short of Object.keys(fields)) {
    const name = LONG_NAMES.get(short) ?? short
    const field = fields[short]
    annotation[name] = NUMBER_FIELDS.has(name) ? unpackNumbers(reader, field) : field
  }
  if (isAnnotation(annotation)) return annotation
  return reader.fail(annotationProblem(annotation) ?? 'An annotation is malformed')
}

function unpackNumbers(reader: RecordReader, field: unknown): unknown {
  if (Array.isArray(field)) return field.map((inner: unknown) => unpackNumbers(reader, inner))
  // The values of a tabular annotation are a map.
  if (isFields(field)) return field
  const numbers = field instanceof Uint8Array ? decodeNumberList(field) : undefined
  return numbers ?? reader.fail('a list of numbers is malformed')
}
