import {
  type AnnotationDraft,
  type AttributeValue,
  formatCounts,
  type Geometry,
  isAnnotationDraft,
  type Json,
} from '@dsv/core'
import { radiansOf } from '../shared/degrees.ts'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { brushToMask } from './brush-runs.ts'

/** What the results of one annotation or prediction say. */
export interface ReadResults {
  readonly drafts: readonly AnnotationDraft[]
  /** Results that are no annotation: relations, ratings of a task. */
  readonly rest: readonly Json[]
}

/** What reading results needs besides. */
export interface ResultSource {
  /** Size of the image in pixels, where results do not say it. */
  readonly size: { readonly width: number; readonly height: number } | undefined
  /** What is done about a result that cannot be read. */
  readonly onProblem: (error: unknown) => void
}

/** Types of results that are a region of the image, by what they are without labels. */
const SHAPES: ReadonlyMap<string, string> = new Map(
  ['rectangle', 'polygon', 'keypoint', 'ellipse', 'brush'].flatMap((shape) => [
    [shape, shape],
    [`${shape}labels`, shape],
  ]),
)

function isShape(type: Json | undefined): boolean {
  return typeof type === 'string' && SHAPES.has(type)
}

/** Returns the labels that a result gives: those of its own type, or of a control for labels alone. */
export function labelsOf(result: JsonObject): readonly string[] {
  const { type, value } = result
  if (typeof type !== 'string' || !isObject(value)) return []
  const labels = value[type === 'labels' ? 'labels' : type]
  if (type === 'taxonomy') return (isArray(labels) ? labels : []).flatMap(pathOf)
  const isLabels = type === 'labels' || type === 'choices' || type.endsWith('labels')
  return isLabels ? textsOf(labels) : []
}

/** Returns what a list of results says. Results of one id say something about one region. */
export function readResults(
  json: Json | undefined,
  place: JsonPlace,
  source: ResultSource,
): ReadResults {
  const results = (isArray(json) ? json : []).flatMap((each, index): PlacedResult[] => {
    try {
      return [{ result: objectAt(each, placeOf(place, index)), place: placeOf(place, index) }]
    } catch (error) {
      source.onProblem(error)
      return []
    }
  })
  const regions = new Set(
    results.flatMap(({ result: { id, type } }) => {
      return typeof type === 'string' && SHAPES.has(type) && typeof id === 'string' ? [id] : []
    }),
  )
  const companions = new Map<string, PlacedResult[]>()
  for (const each of results) {
    const { id, type } = each.result
    if (typeof id !== 'string' || !regions.has(id) || isShape(type)) continue
    companions.set(id, [...(companions.get(id) ?? []), each])
  }
  const drafts: AnnotationDraft[] = []
  const rest: Json[] = []
  const parts = new Map<string, number>()
  for (const each of results) {
    const { id, type } = each.result
    const isRegion = typeof type === 'string' && SHAPES.has(type)
    if (!isRegion && typeof id === 'string' && regions.has(id)) continue
    try {
      const beside = typeof id === 'string' ? (companions.get(id) ?? []) : []
      const read = isRegion ? [readRegion(each, beside, source)] : readWhole(each)
      if (read === undefined) rest.push(each.result)
      else for (const draft of read) addDraft(drafts, draft, partOf(each.result), parts)
    } catch (error) {
      source.onProblem(error)
    }
  }
  return { drafts, rest }
}

interface PlacedResult {
  readonly result: JsonObject
  readonly place: JsonPlace
}

/** Points and parts of a polygon that are regions of their own say so. */
function addDraft(
  drafts: AnnotationDraft[],
  draft: AnnotationDraft,
  whole: string | undefined,
  parts: Map<string, number>,
): void {
  const at = whole === undefined ? undefined : parts.get(whole)
  const known = at === undefined ? undefined : drafts[at]
  if (at !== undefined && known?.type === 'points' && draft.type === 'points') {
    const points = [...known.points, ...draft.points]
    drafts[at] = { ...known, points, visibility: [...known.visibility, ...draft.visibility] }
    return
  }
  if (at !== undefined && known?.type === 'polygon' && draft.type === 'polygon') {
    drafts[at] = { ...known, parts: [...known.parts, ...draft.parts] }
    return
  }
  if (whole !== undefined) parts.set(whole, drafts.length)
  drafts.push(draft)
}

function ownOf({ meta }: JsonObject): JsonObject {
  const own = isObject(meta) ? meta['dsv'] : undefined
  return isObject(own) ? own : {}
}

function partOf(result: JsonObject): string | undefined {
  const { of: whole } = ownOf(result)
  return typeof whole === 'string' ? whole : undefined
}

/** How large points are drawn, in hundredths of the width of the image. */
export const POINT_WIDTH = 0.5

const REGION_MEMBERS: ReadonlySet<string> = new Set(
  'id type value original_width original_height score meta'.split(' '),
)
const VALUE_MEMBERS: ReadonlySet<string> = new Set(
  'x y width height rotation points closed radiusX radiusY format rle text'.split(' '),
)

function readRegion(
  { result, place }: PlacedResult,
  companions: readonly PlacedResult[],
  { size }: ResultSource,
): AnnotationDraft {
  const { type, id, score } = result
  const value = objectAt(result['value'], placeOf(place, 'value'))
  const [width, height] = [result['original_width'], result['original_height']]
  const stated = isSize(width) && isSize(height) ? { width, height } : size
  if (stated === undefined) throw wrongValue(place, 'has no original_width and original_height')
  const shape = (typeof type === 'string' ? SHAPES.get(type) : undefined) ?? ''
  const labels = [
    ...labelsOf(result),
    ...companions.flatMap((each) => {
      return each.result['type'] === 'labels' ? labelsOf(each.result) : []
    }),
  ]
  const [category, ...more] = labels
  const attributes = companions.flatMap(({ result: other }) => attributeOf(other))
  const controls = companions.flatMap(({ result: other }) => {
    return attributeOf(other).map(([name]): [string, Json] => [name, other['type'] ?? null])
  })
  const others = companions.filter(({ result: other }) => {
    return other['type'] !== 'labels' && attributeOf(other).length === 0
  })
  const unknown = [
    ...Object.entries(result).filter(([name]) => !REGION_MEMBERS.has(name)),
    ...Object.entries(value)
      .filter(([name]) => !VALUE_MEMBERS.has(name) && name !== type)
      .filter(([name]) => shape !== 'rectangle' || name !== 'labels')
      .map(([name, each]): [string, Json] => [`value.${name}`, each]),
    ...(shape === 'keypoint' && value['width'] !== undefined && value['width'] !== POINT_WIDTH
      ? [['value.width', value['width']] as const]
      : []),
    ...(more.length === 0 ? [] : [['labels', more] as const]),
    ...(controls.length === 0 ? [] : [['controls', Object.fromEntries(controls)] as const]),
    ...(others.length === 0 ? [] : [['results', others.map((each) => each.result)] as const]),
    ...metaOf(result),
  ]
  const extra = Object.fromEntries(withoutDefaults(unknown))
  const draft = {
    ...(category === undefined ? {} : { category }),
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
    ...(typeof id === 'string' || typeof id === 'number' ? { sourceId: id } : {}),
    ...(typeof score === 'number' ? { score } : {}),
    ...(Object.keys(extra).length === 0 ? {} : { extra: { 'label-studio': extra } }),
    ...readShape(shape, value, { place: placeOf(place, 'value'), ...stated, own: ownOf(result) }),
  }
  return withOwn(draft, result)
}

/** Names of controls and the image that writing gives anyway are not kept. */
function withoutDefaults(
  entries: readonly (readonly [string, Json])[],
): readonly (readonly [string, Json])[] {
  const values = new Map(entries)
  const isDefault = values.get('to_name') === 'image' && DEFAULT_NAMES.has(values.get('from_name'))
  return entries.filter(([name, value]) => {
    if (name === 'image_rotation') return value !== 0
    return !(isDefault && (name === 'to_name' || name === 'from_name'))
  })
}

const DEFAULT_NAMES: ReadonlySet<Json | undefined> = new Set([
  'rectangles',
  'polygons',
  'keypoints',
  'ellipses',
  'brushes',
  'choices',
  'text',
])

function metaOf({ meta }: JsonObject): readonly (readonly [string, Json])[] {
  if (!isObject(meta)) return meta === undefined ? [] : [['meta', meta]]
  const rest = Object.fromEntries(Object.entries(meta).filter(([name]) => name !== 'dsv'))
  return Object.keys(rest).length === 0 ? [] : [['meta', rest]]
}

/** What Label Studio has no member for stands in `meta`, which it keeps. */
function withOwn(draft: AnnotationDraft, result: JsonObject): AnnotationDraft {
  const { of: _of, visibility: _visibility, fields } = ownOf(result)
  if (!isObject(fields)) return draft
  const attributes = {
    ...draft.attributes,
    ...(isObject(fields['attributes']) ? fields['attributes'] : {}),
  }
  const hasAttributes = Object.keys(attributes).length > 0
  const whole: unknown = {
    ...draft,
    ...fields,
    ...(hasAttributes ? { attributes } : {}),
    type: draft.type,
  }
  return isAnnotationDraft(whole) ? whole : draft
}

/** A control for each region gives it an attribute of the control's name. */
function attributeOf({
  type,
  from_name: name,
  value,
}: JsonObject): readonly [string, AttributeValue][] {
  if (typeof name !== 'string' || !isObject(value)) return []
  if (type === 'choices') return [[name, oneOrAll(textsOf(value['choices']))]]
  if (type === 'textarea') return [[name, oneOrAll(textsOf(value['text']))]]
  const { rating, number } = value
  if (type === 'rating' && typeof rating === 'number') return [[name, rating]]
  return type === 'number' && typeof number === 'number' ? [[name, number]] : []
}

function oneOrAll(texts: readonly string[]): AttributeValue {
  const [first, ...more] = texts
  return first !== undefined && more.length === 0 ? first : texts
}

/** Choices and texts of a whole task; undefined when the result is something else. */
function readWhole({ result }: PlacedResult): readonly AnnotationDraft[] | undefined {
  const { type, id, score, value } = result
  const isLabel = type === 'choices' || type === 'taxonomy'
  if ((!isLabel && type !== 'textarea') || !isObject(value)) return undefined
  const texts = isLabel ? labelsOf(result) : textsOf(value['text'])
  const unknown = Object.entries(result).filter(([name]) => !REGION_MEMBERS.has(name))
  const extra = Object.fromEntries([
    ...withoutDefaults(unknown),
    ...(type === 'taxonomy' ? [['type', type] as const] : []),
    ...metaOf(result),
  ])
  return texts.map((text, index): AnnotationDraft => {
    const isFirst = index === 0
    const common = {
      ...(isFirst && (typeof id === 'string' || typeof id === 'number') ? { sourceId: id } : {}),
      ...(typeof score === 'number' ? { score } : {}),
      ...(Object.keys(extra).length === 0 ? {} : { extra: { 'label-studio': extra } }),
    }
    const draft: AnnotationDraft = isLabel
      ? { ...common, category: text, type: 'label' }
      : { ...common, type: 'caption', text }
    return isFirst ? withOwn(draft, result) : draft
  })
}

interface ShapeContext {
  readonly place: JsonPlace
  readonly width: number
  readonly height: number
  readonly own: JsonObject
}

/** All numbers are hundredths of the size of the image. */
function readShape(shape: string, value: JsonObject, context: ShapeContext): Geometry {
  const { place, width: w, height: h, own } = context
  const number = (name: string): number => {
    const found = value[name]
    if (typeof found === 'number' && Number.isFinite(found)) return found
    throw wrongValue(placeOf(place, name), 'should be a number')
  }
  const x = (percent: number): number => toPixels(percent, w)
  const y = (percent: number): number => toPixels(percent, h)
  const rotation = typeof value['rotation'] === 'number' ? number('rotation') : 0
  const angle = radiansOf(rotation)
  switch (shape) {
    case 'rectangle': {
      const [width, height] = [x(number('width')), y(number('height'))]
      const [left, top] = [x(number('x')), y(number('y'))]
      if (rotation === 0) return { type: 'box', x: left, y: top, width, height }
      return {
        type: 'rotated-box',
        ...centreOf(left, top, width, height, angle),
        width,
        height,
        angle,
      }
    }
    case 'polygon': {
      const { points } = value
      if (!isArray(points)) throw wrongValue(placeOf(place, 'points'), 'should be a list')
      const ring = points.flatMap((point, index) => {
        const [px, py] = isNumbers(point) ? point : []
        if (px !== undefined && py !== undefined) return [x(px), y(py)]
        throw wrongValue(placeOf(placeOf(place, 'points'), index), 'should be two numbers')
      })
      if (value['closed'] === false) return { type: 'polyline', points: ring }
      return { type: 'polygon', parts: [[ring]] }
    }
    case 'keypoint': {
      const seen = own['visibility']
      const visibility = [typeof seen === 'number' ? seen : 2]
      return { type: 'points', points: [x(number('x')), y(number('y'))], visibility }
    }
    case 'ellipse': {
      const [rx, ry] = [x(number('radiusX')), y(number('radiusY'))]
      return { type: 'ellipse', cx: x(number('x')), cy: y(number('y')), rx, ry, angle }
    }
    default: {
      const { rle, format } = value
      if (format !== undefined && format !== 'rle') {
        throw wrongValue(placeOf(place, 'format'), 'should be rle')
      }
      const mask = isNumbers(rle) ? brushToMask(Uint8Array.from(rle), w, h) : undefined
      if (mask === undefined) {
        throw wrongValue(placeOf(place, 'rle'), `should be the packed pixels of ${w} × ${h}`)
      }
      return { type: 'mask', width: w, height: h, counts: formatCounts(mask.counts) }
    }
  }
}

/** Returns pixels for hundredths of a size. */
export function toPixels(percent: number, size: number): number {
  return (percent * size) / 100
}

/** Label Studio turns boxes clockwise about the corner that was at the top left. */
export function centreOf(
  left: number,
  top: number,
  width: number,
  height: number,
  angle: number,
): { readonly cx: number; readonly cy: number } {
  const [dx, dy] = [width / 2, height / 2]
  return {
    cx: left + dx * Math.cos(angle) - dy * Math.sin(angle),
    cy: top + dx * Math.sin(angle) + dy * Math.cos(angle),
  }
}

function textsOf(json: Json | undefined): readonly string[] {
  if (typeof json === 'string') return [json]
  return (isArray(json) ? json : []).filter((each) => typeof each === 'string')
}

/** A choice of a taxonomy is a path. */
function pathOf(json: Json): readonly string[] {
  return isArray(json) && json.length > 0 ? [json.map(String).join('/')] : []
}

function isSize(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0
}
