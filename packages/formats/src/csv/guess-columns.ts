import { isImagePath } from '../media/media-kind.ts'
import { type BoxStyle, type ColumnMap, type Field, FIELDS } from './column-map.ts'
import { columnTemplate, type Template } from './template.ts'

const NAMES: Readonly<Record<'image' | 'subset' | 'label' | 'caption', string>> = {
  image: `image imagepath imagefile imagefilename imagename imgname imgpath imgfile path filepath
    filename file imageid imgid img picture photo uri imageuri url imageurl`,
  subset: 'subset split set partition',
  label: `label class classname category categoryname labelname target classid categoryid labelid
    classlabel tag`,
  caption: 'caption captions',
}
const FIELD_COLUMNS: Readonly<Record<Field, string>> = {
  score: 'score confidence conf probability',
  group: 'group groupid',
  track: 'track trackid objectid',
  zOrder: 'zorder',
  occluded: 'occluded isoccluded',
  outside: 'outside',
  truncated: 'truncated istruncated',
  crowd: 'crowd iscrowd',
  area: 'area',
  sourceId: 'id annotationid annid bboxid boxid',
}
const BOXES: readonly (readonly [BoxStyle, string])[] = [
  ['corners', 'xmin ymin xmax ymax'],
  ['corners', 'x0 y0 x1 y1'],
  ['corners', 'x1 y1 x2 y2'],
  ['corners', 'left top right bottom'],
  ['corners', 'bboxxmin bboxymin bboxxmax bboxymax'],
  ['corners', 'bboxx1 bboxy1 bboxx2 bboxy2'],
  ['corners', 'bboxleft bboxtop bboxright bboxbottom'],
  ['center', 'xcenter ycenter width height'],
  ['center', 'xcenter ycenter w h'],
  ['center', 'centerx centery width height'],
  ['center', 'cx cy width height'],
  ['center', 'cx cy w h'],
  ['bbox', 'x y width height'],
  ['bbox', 'x y w h'],
  ['bbox', 'x1 y1 width height'],
  ['bbox', 'x1 y1 w h'],
  ['bbox', 'xmin ymin width height'],
  ['bbox', 'xmin ymin w h'],
  ['bbox', 'left top width height'],
  ['bbox', 'bboxx bboxy bboxwidth bboxheight'],
  ['bbox', 'bboxx bboxy bboxw bboxh'],
  ['bbox', 'bbox'],
  ['bbox', 'box'],
  ['bbox', 'boundingbox'],
]
const SIZES = ['imagewidth imageheight', 'imgwidth imgheight', 'imagew imageh', 'width height']

/** Returns what the columns of a table probably mean; undefined when it is not one of images. */
export function guessColumns(columns: readonly string[]): ColumnMap | undefined {
  const left = new Map<string, string>()
  for (const name of columns.toReversed()) left.set(plainName(name), name)
  const take = (...names: readonly string[]): Template | undefined => {
    const found = names.find((name) => left.has(name))
    if (found === undefined) return undefined
    const column = left.get(found) ?? ''
    left.delete(found)
    return columnTemplate(column)
  }
  const takeAll = (names: string): readonly Template[] | undefined => {
    const all = names.split(' ')
    if (!all.every((name) => left.has(name))) return undefined
    return all.flatMap((name) => take(name) ?? [])
  }
  const image = take(...wordsOf(NAMES.image)) ?? take('id')
  const item = take('itemid')
  const subset = take(...wordsOf(NAMES.subset))
  const label = take(...wordsOf(NAMES.label))
  const caption = take(...wordsOf(NAMES.caption))
  const box = boxIn(takeAll)
  const size = sizeIn(takeAll)
  const fields = new Map<Field, Template>()
  for (const field of FIELDS) {
    const column = take(...FIELD_COLUMNS[field].split(' '))
    if (column !== undefined) fields.set(field, column)
  }
  if (image === undefined) return undefined
  if (label === undefined && caption === undefined && box === undefined) return undefined
  return {
    image,
    ...(item !== undefined && { item }),
    ...(subset !== undefined && { subset }),
    labels: label === undefined ? [] : [label],
    ...(caption !== undefined && { caption }),
    ...(box !== undefined && { box }),
    ...(size !== undefined && { size }),
    fields,
    isRelative: false,
    hasHeader: true,
  }
}

/**
 * Returns what the columns of a table without header probably mean, by its first row: an image and a
 * class, or an image, `x1, y1, x2, y2` and a class, as of RetinaNet.
 */
export function guessByRow(row: readonly string[]): ColumnMap | undefined {
  const [image = '', ...rest] = row
  if (!isImagePath(image.trim())) return undefined
  const base = {
    image: columnTemplate('0'),
    fields: new Map(),
    isRelative: false,
    hasHeader: false,
  }
  if (row.length === 2) return { ...base, labels: [columnTemplate('1')] }
  const isNumber = (text: string): boolean => text.trim() === '' || Number.isFinite(Number(text))
  if (row.length !== 6 || !rest.slice(0, 4).every(isNumber)) return undefined
  const numbers = ['1', '2', '3', '4'].map(columnTemplate)
  return { ...base, labels: [columnTemplate('5')], box: { style: 'corners', numbers } }
}

/** Returns whether a column has a meaning beside that of an attribute called alike. */
export function isKnownColumn(name: string): boolean {
  return KNOWN.has(plainName(name)) || name.startsWith(ATTRIBUTE_PREFIX) || name.trim() !== name
}

/** Stands before the names of attributes that are called like a column. */
export const ATTRIBUTE_PREFIX = 'attribute:'

function boxIn(takeAll: (names: string) => readonly Template[] | undefined): ColumnMap['box'] {
  for (const [style, names] of BOXES) {
    const numbers = takeAll(names)
    if (numbers !== undefined) return { style, numbers }
  }
  return undefined
}

function sizeIn(takeAll: (names: string) => readonly Template[] | undefined): ColumnMap['size'] {
  for (const names of SIZES) {
    const [width, height] = takeAll(names) ?? []
    if (width !== undefined && height !== undefined) return [width, height]
  }
  return undefined
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/u)
}

const KNOWN: ReadonlySet<string> = new Set([
  ...[...Object.values(NAMES), ...Object.values(FIELD_COLUMNS)].flatMap(wordsOf),
  ...[...BOXES.map(([, names]) => names), ...SIZES].flatMap(wordsOf),
  'itemid',
  '',
])
