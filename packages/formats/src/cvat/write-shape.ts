import {
  type Annotation,
  type BoxGeometry,
  type Category,
  type Json,
  type Loss,
  maskGeometry,
  polygonToMask,
  readMask,
} from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { XML_NAME } from '../shared/xml-element.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { formatAttribute, parseAttribute } from './attribute-text.ts'
import { addDecimals, decimalOf, decimalText, halfOf, subtractDecimals } from './decimal.ts'
import { degreesOf } from '../shared/degrees.ts'
import { maskToBoxedRuns } from './mask-runs.ts'
import { CUBOID_CORNERS } from './read-shape.ts'
import { startTag, textTag, type WrittenAttributes } from './xml-lines.ts'

/** What writing a shape needs besides the annotation. */
export interface ShapeTarget {
  readonly categories: ReadonlyMap<string, Category>
  /** Size of the image in pixels, where it is known. */
  readonly size: { readonly width: number; readonly height: number } | undefined
  /** Set for a shape of a track: its frame, and whether the shape ends the track there. */
  readonly frame: number | undefined
  readonly isEnd?: boolean
  readonly indent: string
  readonly where: string
  readonly onLoss: (loss: Loss) => void
}

/** What becomes of an annotation: one element, or several for a polygon of several parts. */
interface Drawn {
  readonly name: string
  readonly geometry: WrittenAttributes
  /** Lines within the element before its attributes. */
  readonly children?: readonly string[]
}

const LOST_FIELDS = ['score', 'truncated', 'crowd', 'area', 'box', 'sourceId'] as const

/** Returns the lines of an annotation; none when CVAT cannot hold it, which is reported. */
export function shapeLines(annotation: Annotation, target: ShapeTarget): readonly string[] {
  const drawn = draw(annotation, target)
  if (drawn.length === 0) return []
  for (const field of LOST_FIELDS)
    if (annotation[field] !== undefined) lose(target, `field: ${field}`)
  const attributes = attributeLines(annotation, target)
  return drawn.flatMap(({ name, geometry, children = [] }, part) => {
    const common = commonOf(annotation, name, target)
    const parts: WrittenAttributes = drawn.length > 1 ? [['part', part]] : []
    const start = startTag(name, [
      ...common,
      ...geometry,
      ...endOf(annotation, name, target),
      ...parts,
    ])
    const inner = [...children, ...attributes]
    if (inner.length === 0) return [`${target.indent}${start}/>`]
    return [`${target.indent}${start}>`, ...inner, `${target.indent}</${name}>`]
  })
}

function lose({ onLoss, where }: ShapeTarget, what: string): void {
  onLoss({ what, where })
}

/** Returns what an annotation keeps for CVAT alone. */
export function cvatOf(annotation: Pick<Annotation, 'extra'>): JsonObject {
  const cvat = annotation.extra?.['cvat']
  return isObject(cvat) ? cvat : {}
}

/** Returns what `source` of a shape was, or what it is by now. */
export function sourceOf(annotation: Annotation, target: ShapeTarget): string | undefined {
  const { provenance } = annotation
  const stated = cvatOf(annotation)['source']
  if (provenance === undefined) return typeof stated === 'string' ? stated : undefined
  if (provenance === 'manual') return 'manual'
  if (provenance === 'import') return 'file'
  lose(target, 'field: provenance')
  return 'auto'
}

function commonOf(annotation: Annotation, name: string, target: ShapeTarget): WrittenAttributes {
  const { frame, categories, isEnd } = target
  const isTag = name === 'tag'
  const category = annotation.category
  const label = category === undefined ? '' : (categories.get(category)?.name ?? category)
  const isKey = isEnd === true || cvatOf(annotation)['keyframe'] !== false
  if (isTag) {
    for (const field of ['occluded', 'outside', 'zOrder'] as const) {
      if (annotation[field] !== undefined) lose(target, `field: ${field}`)
    }
    return [
      ['label', xmlText(label, 'category', target)],
      ['source', sourceOf(annotation, target)],
    ]
  }
  const isSkeleton = name === 'skeleton'
  if (frame === undefined && annotation.outside !== undefined) lose(target, 'field: outside')
  const outside = isEnd === true ? true : (annotation.outside ?? (isSkeleton ? undefined : false))
  const occluded = annotation.occluded ?? (isSkeleton ? undefined : false)
  if (frame === undefined) {
    return [
      ['label', xmlText(label, 'category', target)],
      ['source', sourceOf(annotation, target)],
      ['occluded', occluded],
    ]
  }
  return [
    ['frame', frame],
    ['keyframe', isKey],
    ['outside', outside],
    ['occluded', occluded],
  ]
}

function endOf(annotation: Annotation, name: string, target: ShapeTarget): WrittenAttributes {
  const { group, zOrder } = annotation
  const isOurs = target.frame === undefined
  return [
    ['z_order', name === 'tag' ? undefined : wholeOrLost(zOrder ?? 0, 'zOrder', target)],
    ['group_id', isOurs && group !== undefined ? groupId(group, target) : undefined],
    ...unknownOf(annotation, name),
    ['generated', target.isEnd === true ? true : undefined],
  ]
}

function wholeOrLost(value: number, field: string, target: ShapeTarget): number {
  if (Number.isSafeInteger(value)) return value
  lose(target, `field: ${field}`)
  return 0
}

/** Returns the number of a group, or undefined where it is none, which is reported. */
export function groupId(group: number | string, target: ShapeTarget): number | undefined {
  if (typeof group === 'number' && Number.isSafeInteger(group) && group !== 0) return group
  lose(target, 'field: group')
  return undefined
}

const OWN_NAMES: ReadonlySet<string> = new Set(
  (
    'keyframe elements source label occluded outside z_order group_id frame part generated rotation ' +
    'points rle left top width height xtl ytl xbr ybr cx cy rx ry'
  ).split(' '),
)

/** Attributes of a shape that we have no name for. */
function unknownOf(annotation: Annotation, name: string): WrittenAttributes {
  const taken = name === 'cuboid' ? CUBOID_CORNERS.flatMap((each) => [`x${each}`, `y${each}`]) : []
  return Object.entries(cvatOf(annotation)).flatMap(([key, value]) => {
    if (typeof value !== 'string' || OWN_NAMES.has(key) || taken.includes(key)) return []
    return XML_NAME.test(key) && isXmlText(value) ? [[key, value] as const] : []
  })
}

function xmlText(text: string, what: string, target: ShapeTarget): string {
  if (isXmlText(text)) return text
  lose(target, what)
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}

function attributeLines(annotation: Annotation, target: ShapeTarget): readonly string[] {
  const category =
    annotation.category === undefined ? undefined : target.categories.get(annotation.category)
  return Object.entries(annotation.attributes ?? {}).map(([name, value]) => {
    const definition = category?.attributes?.find((each) => each.name === name)
    const text = xmlText(formatAttribute(value), `attribute: ${name}`, target)
    if (parseAttribute(text, definition) !== value) lose(target, `attribute: ${name}`)
    const written = xmlText(name, `attribute: ${name}`, target)
    return `${target.indent}  ${textTag('attribute', text, [['name', written]])}`
  })
}

function draw(annotation: Annotation, target: ShapeTarget): readonly Drawn[] {
  switch (annotation.type) {
    case 'label':
      return [{ name: 'tag', geometry: [] }]
    case 'box':
      return [{ name: 'box', geometry: boxEdges(annotation) }]
    case 'rotated-box': {
      const { cx, cy, width, height, angle } = annotation
      const around = corners(edges(cx, width, true), edges(cy, height, true))
      // Without rotation it would be read as a box that has none; a full turn is the same.
      return [{ name: 'box', geometry: [...around, ['rotation', degreesOf(angle) || 360]] }]
    }
    case 'ellipse': {
      const { cx, cy, rx, ry, angle } = annotation
      const rotation = degreesOf(angle)
      const geometry: WrittenAttributes = [
        ['cx', cx],
        ['cy', cy],
        ['rx', rx],
        ['ry', ry],
        ['rotation', rotation === 0 ? undefined : rotation],
      ]
      return [{ name: 'ellipse', geometry }]
    }
    case 'polygon':
      return drawPolygon(annotation, target)
    case 'quad':
      lose(target, 'annotation: quad')
      return [{ name: 'polygon', geometry: [['points', pointsText(annotation.points)]] }]
    case 'polyline':
      if (annotation.closed !== undefined) lose(target, 'field: closed')
      return [{ name: 'polyline', geometry: [['points', pointsText(annotation.points)]] }]
    case 'points':
      return drawPoints(annotation, target)
    case 'cuboid-2d':
      return drawCuboid(annotation.points, target)
    case 'panoptic-segment':
      lose(target, 'annotation: panoptic-segment')
      return drawMask(annotation, target)
    case 'mask':
      return drawMask(annotation, target)
    case 'caption':
    case 'cuboid-3d':
    case 'reference':
    case 'relation':
    case 'tabular':
    case 'temporal-segment':
    case 'text':
    case 'vector':
      lose(target, `annotation: ${annotation.type}`)
      return []
  }
}

function boxEdges(box: Omit<BoxGeometry, 'type'>): WrittenAttributes {
  return corners(edges(box.x, box.width, false), edges(box.y, box.height, false))
}

/** Where a box begins and ends along an axis, as texts. */
type Edges = readonly [first: string, last: string]

/** Returns the edges of a box along an axis, exact as decimals, from where it begins or its centre. */
function edges(place: number, size: number, isCentre: boolean): Edges {
  const [start, length] = [decimalOf(place), decimalOf(size)]
  const first = isCentre ? subtractDecimals(start, halfOf(length)) : start
  return [decimalText(first), decimalText(addDecimals(first, length))]
}

function corners([left, right]: Edges, [top, bottom]: Edges): WrittenAttributes {
  return [
    ['xtl', left],
    ['ytl', top],
    ['xbr', right],
    ['ybr', bottom],
  ]
}

function drawPolygon(
  annotation: Annotation & { readonly type: 'polygon' },
  target: ShapeTarget,
): readonly Drawn[] {
  const { parts } = annotation
  const hasHoles = parts.some((rings) => rings.length > 1)
  const { size } = target
  if (hasHoles && size !== undefined) {
    const mask = polygonToMask(parts, size.width, size.height)
    lose(target, 'annotation: polygon')
    if (mask !== undefined) return drawMask(maskGeometry(mask), target)
  }
  if (hasHoles) lose(target, 'annotation: polygon')
  const rings = parts.flatMap(([ring]) => (ring === undefined || ring.length < 6 ? [] : [ring]))
  if (rings.length < parts.length) lose(target, 'annotation: polygon')
  return rings.map((ring) => ({ name: 'polygon', geometry: [['points', pointsText(ring)]] }))
}

function drawMask(
  mask: { readonly width: number; readonly height: number; readonly counts: string },
  target: ShapeTarget,
): readonly Drawn[] {
  const read = readMask(mask)
  const boxed = read === undefined ? undefined : maskToBoxedRuns(read)
  if (boxed === undefined) {
    lose(target, 'annotation: mask')
    return []
  }
  const { size } = target
  if (size?.width !== mask.width || size.height !== mask.height) lose(target, 'field: width')
  const { left, top, width, height, runs } = boxed
  const geometry: WrittenAttributes = [
    ['rle', runs.join(', ')],
    ['left', left],
    ['top', top],
    ['width', width],
    ['height', height],
  ]
  return [{ name: 'mask', geometry }]
}

function drawCuboid(points: readonly number[], target: ShapeTarget): readonly Drawn[] {
  if (points.length !== 16) {
    lose(target, 'annotation: cuboid-2d')
    return []
  }
  const geometry = CUBOID_CORNERS.flatMap((corner, index): WrittenAttributes => {
    return [
      [`x${corner}`, points[index * 2]],
      [`y${corner}`, points[index * 2 + 1]],
    ]
  })
  return [{ name: 'cuboid', geometry }]
}

function drawPoints(
  annotation: Annotation & { readonly type: 'points' },
  target: ShapeTarget,
): readonly Drawn[] {
  const { points, visibility, category } = annotation
  const skeleton = category === undefined ? undefined : target.categories.get(category)?.skeleton
  if (skeleton !== undefined && skeleton.points.length * 2 === points.length) {
    return [
      {
        name: 'skeleton',
        geometry: [],
        children: elementLines(annotation, skeleton.points, target),
      },
    ]
  }
  if (points.length === 0) {
    lose(target, 'annotation: points')
    return []
  }
  if (visibility.some((value) => value !== 2)) lose(target, 'field: visibility')
  return [{ name: 'points', geometry: [['points', pointsText(points)]] }]
}

function elementLines(
  annotation: Annotation & { readonly type: 'points' },
  names: readonly string[],
  target: ShapeTarget,
): readonly string[] {
  const elements = cvatOf(annotation)['elements']
  const indent = `${target.indent}  `
  return names.flatMap((name, index) => {
    const rest = isObject(elements) ? elements[name] : undefined
    const own: JsonObject = isObject(rest) ? rest : {}
    const seen = annotation.visibility[index]
    const { source, attributes } = own
    const isKey = own['keyframe'] !== false
    const start = startTag('points', [
      ['label', xmlText(name, 'category', target)],
      ['source', typeof source === 'string' && isXmlText(source) ? source : undefined],
      ['keyframe', target.frame === undefined ? undefined : isKey],
      ['outside', seen === 0 || target.isEnd === true],
      ['occluded', seen === 1 || (seen === 0 && own['occluded'] === true)],
      ['points', pointsText(annotation.points.slice(index * 2, index * 2 + 2))],
    ])
    const inner = isObject(attributes) ? Object.entries(attributes) : []
    if (inner.length === 0) return [`${indent}${start}/>`]
    const lines = inner.map(([key, value]: readonly [string, Json]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const written = xmlText(text, `attribute: ${key}`, target)
      const known = xmlText(key, `attribute: ${key}`, target)
      return `${indent}  ${textTag('attribute', written, [['name', known]])}`
    })
    return [`${indent}${start}>`, ...lines, `${indent}</points>`]
  })
}

function pointsText(points: readonly number[]): string {
  const pairs: string[] = []
  for (let at = 0; at + 1 < points.length; at += 2) pairs.push(`${points[at]},${points[at + 1]}`)
  return pairs.join(';')
}
