import {
  type AnnotationCommon,
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  formatCounts,
  formatSyntax,
  type Geometry,
  type Json,
} from '@dsv/core'
import { radiansOf } from '../shared/degrees.ts'
import { attributeOf, type XmlElement } from '../shared/xml-element.ts'
import { parseAttribute, parseNumber } from './attribute-text.ts'
import {
  addDecimals,
  type Decimal,
  decimalNumber,
  decimalOf,
  halfOf,
  parseDecimal,
  subtractDecimals,
} from './decimal.ts'
import { boxedRunsToMask } from './mask-runs.ts'
import type { CvatLabel, CvatLabels } from './read-labels.ts'

/** What reading a shape needs besides its element. */
export interface ShapeSource {
  readonly file: string
  readonly labels: CvatLabels
  /** Size of the image in pixels, where it is known: a mask needs it. */
  readonly size: { readonly width: number; readonly height: number } | undefined
  /** What the track says that the shape belongs to. */
  readonly track?: TrackFacts
}

/** What all shapes of a track have in common. */
export interface TrackFacts {
  readonly id: number | string
  readonly label: string
  readonly group: string | undefined
  readonly source: string | undefined
  readonly extra: Readonly<Record<string, Json>>
}

/** Names of elements that are shapes or tags. */
export const SHAPE_NAMES: ReadonlySet<string> = new Set([
  'box',
  'ellipse',
  'polygon',
  'polyline',
  'points',
  'cuboid',
  'mask',
  'skeleton',
  'tag',
])

const COMMON_NAMES: ReadonlySet<string> = new Set(
  'label source occluded outside keyframe z_order group_id frame part generated'.split(' '),
)

/** The corners of a cuboid in the order in which their attributes stand in the file. */
export const CUBOID_CORNERS: readonly string[] = 'tl1 bl1 tr1 br1 tl2 bl2 tr2 br2'.split(' ')

/** Returns what a shape or tag says. @throws `DSV_FORMAT_SYNTAX` with the line */
export function readShape(element: XmlElement, source: ShapeSource): AnnotationDraft {
  const values = new Map(element.attributes)
  const label = source.labels.get(source.track?.label ?? values.get('label') ?? '')
  const reader: ShapeReader = { element, values, source, label, used: new Set() }
  const { geometry, elements } = readGeometry(reader)
  const extra: Record<string, Json> = { ...source.track?.extra }
  for (const [name, text] of values) {
    if (!COMMON_NAMES.has(name) && !reader.used.has(name)) extra[name] = text
  }
  if (source.track !== undefined && values.get('keyframe') !== '1') extra['keyframe'] = false
  if (elements !== undefined) extra['elements'] = elements
  return { ...readCommon(reader, extra), ...geometry }
}

interface ShapeReader {
  readonly element: XmlElement
  readonly values: ReadonlyMap<string, string>
  readonly source: ShapeSource
  readonly label: CvatLabel | undefined
  /** Names of attributes that the geometry was read from. */
  readonly used: Set<string>
}

function readCommon(reader: ShapeReader, extra: Record<string, Json>): AnnotationCommon {
  const { values, source, label, element } = reader
  const { track } = source
  const group = wholeNumber(track?.group ?? values.get('group_id'), reader, 'group_id')
  const zOrder = wholeNumber(values.get('z_order'), reader, 'z_order')
  const origin = values.get('source') ?? track?.source
  const provenance = origin === 'file' ? 'import' : origin
  if (origin !== undefined && origin !== 'manual' && origin !== 'file') extra['source'] = origin
  const attributes = readAttributes(element, label)
  return {
    ...(label === undefined ? {} : { category: label.name }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(group === undefined || group === 0 ? {} : { group }),
    ...(track === undefined ? {} : { track: track.id }),
    ...(zOrder === undefined ? {} : { zOrder }),
    ...flagOf(values, 'occluded'),
    ...flagOf(values, 'outside'),
    ...(provenance === 'manual' || provenance === 'import' ? { provenance } : {}),
    ...(Object.keys(extra).length === 0 ? {} : { extra: { cvat: extra } }),
  }
}

function flagOf(
  values: ReadonlyMap<string, string>,
  name: 'occluded' | 'outside',
): Pick<AnnotationCommon, 'occluded' | 'outside'> {
  const text = values.get(name)
  return text === undefined ? {} : { [name]: /^(?:1|true)$/iu.test(text.trim()) }
}

function readAttributes(
  { children }: XmlElement,
  label: CvatLabel | undefined,
): Attributes | undefined {
  const entries = children.flatMap((child): [string, AttributeValue][] => {
    const name = attributeOf(child, 'name')
    if (child.name !== 'attribute' || name === undefined) return []
    return [[name, parseAttribute(child.text, label?.attributes.get(name))]]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

interface ReadGeometry {
  readonly geometry: Geometry
  /** What a skeleton says of its elements that its points cannot hold. */
  readonly elements?: Json
}

function readGeometry(reader: ShapeReader): ReadGeometry {
  switch (reader.element.name) {
    case 'tag':
      return { geometry: { type: 'label' } }
    case 'box':
      return { geometry: readBox(reader) }
    case 'ellipse':
      return { geometry: readEllipse(reader) }
    case 'polygon':
      return { geometry: { type: 'polygon', parts: [[readPoints(reader, 3)]] } }
    case 'polyline':
      return { geometry: { type: 'polyline', points: readPoints(reader, 1) } }
    case 'points': {
      const points = readPoints(reader, 1)
      const visibility = Array.from({ length: points.length / 2 }, () => 2)
      return { geometry: { type: 'points', points, visibility } }
    }
    case 'cuboid': {
      const points = CUBOID_CORNERS.flatMap((corner) => [
        numberOf(reader, `x${corner}`),
        numberOf(reader, `y${corner}`),
      ])
      return { geometry: { type: 'cuboid-2d', points } }
    }
    case 'mask':
      return { geometry: readMask(reader) }
    default:
      return readSkeleton(reader)
  }
}

/**
 * Sizes are differences of corners, taken of the decimals that the file holds: from 1.1 to 3.3 it is
 * 2.2, which the difference of the two nearest binary numbers is not.
 */
function readBox(reader: ShapeReader): Geometry {
  const [x, y] = [numberOf(reader, 'xtl'), numberOf(reader, 'ytl')]
  const degrees = rotationOf(reader)
  const width = sizeBetween(reader, 'xtl', 'xbr')
  const height = sizeBetween(reader, 'ytl', 'ybr')
  if (degrees === 0) return { type: 'box', x, y, width, height }
  const cx = centreOf(reader, 'xtl', 'xbr')
  const cy = centreOf(reader, 'ytl', 'ybr')
  return { type: 'rotated-box', cx, cy, width, height, angle: radiansOf(degrees) }
}

/** Millionths of numbers up to so large are counted exactly. */
const SCALE = 1e6
const LARGEST = 1e9

function sizeBetween(reader: ShapeReader, first: string, last: string): number {
  const [a, b] = [numberOf(reader, first), numberOf(reader, last)]
  const [x, y] = [Math.round(a * SCALE), Math.round(b * SCALE)]
  const isSmall = Math.abs(a) < LARGEST && Math.abs(b) < LARGEST
  if (isSmall && x / SCALE === a && y / SCALE === b) return (y - x) / SCALE
  return decimalNumber(subtractDecimals(decimalAt(reader, last), decimalAt(reader, first)))
}

function centreOf(reader: ShapeReader, first: string, last: string): number {
  return decimalNumber(halfOf(addDecimals(decimalAt(reader, first), decimalAt(reader, last))))
}

function readEllipse(reader: ShapeReader): Geometry {
  const [cx = 0, cy = 0, rx = 0, ry = 0] = ['cx', 'cy', 'rx', 'ry'].map((name) =>
    numberOf(reader, name),
  )
  return { type: 'ellipse', cx, cy, rx, ry, angle: radiansOf(rotationOf(reader)) }
}

function rotationOf(reader: ShapeReader): number {
  if (!reader.values.has('rotation')) return 0
  return numberOf(reader, 'rotation')
}

function readMask(reader: ShapeReader): Geometry {
  const [left = 0, top = 0, width = 0, height = 0] = ['left', 'top', 'width', 'height'].map(
    (name) => integerOf(reader, name),
  )
  reader.used.add('rle')
  const text = reader.values.get('rle')
  if (text === undefined) throw problem(reader, 'has no rle')
  const runs = text.split(',').map((run) => {
    const value = parseNumber(run)
    if (value === undefined || value < 0 || !Number.isSafeInteger(value)) {
      throw problem(reader, `has the run "${run.trim().slice(0, 40)}" in its rle, no whole number`)
    }
    return value
  })
  const size = reader.source.size ?? { width: left + width, height: top + height }
  const mask = boxedRunsToMask({ left, top, width, height, runs }, size.width, size.height)
  if (mask === undefined) {
    throw problem(reader, `has an rle that is longer than ${width} × ${height}, or is too large`)
  }
  return { type: 'mask', width: mask.width, height: mask.height, counts: formatCounts(mask.counts) }
}

function readSkeleton(reader: ShapeReader): ReadGeometry {
  const names = reader.label?.points ?? []
  const points: number[] = names.flatMap(() => [0, 0])
  const visibility: number[] = names.map(() => 0)
  const elements: [string, Json][] = []
  for (const child of reader.element.children) {
    if (child.name === 'attribute') continue
    const values = new Map(child.attributes)
    const name = values.get('label') ?? ''
    const index = names.indexOf(name)
    const part: ShapeReader = { ...reader, element: child, values, used: new Set() }
    if (index === -1)
      throw problem(part, `has the label "${name}", which is no point of a skeleton`)
    const [x = 0, y = 0] = readPoints(part, 1)
    points.splice(index * 2, 2, x, y)
    const isOutside = values.get('outside') === '1'
    const isOccluded = values.get('occluded') === '1'
    visibility[index] = isOutside ? 0 : isOccluded ? 1 : 2
    const rest = restOfElement(part, isOutside && isOccluded)
    if (Object.keys(rest).length > 0) elements.push([name, rest])
  }
  return {
    geometry: { type: 'points', points, visibility },
    ...(elements.length === 0 ? {} : { elements: Object.fromEntries(elements) }),
  }
}

function restOfElement(
  { element, values, source }: ShapeReader,
  isOccluded: boolean,
): Record<string, Json> {
  const attributes = readAttributes(element, undefined)
  const rest: Record<string, Json> = attributes === undefined ? {} : { attributes }
  if (isOccluded) rest['occluded'] = true
  const origin = values.get('source')
  if (origin !== undefined) rest['source'] = origin
  if (source.track !== undefined && values.get('keyframe') === '0') rest['keyframe'] = false
  return rest
}

/** Points stand as `x,y;x,y`. */
function readPoints(reader: ShapeReader, minimum: number): readonly number[] {
  reader.used.add('points')
  const text = reader.values.get('points')
  if (text === undefined) throw problem(reader, 'has no points')
  const numbers: number[] = []
  for (const pair of text.split(';')) {
    if (pair.trim() === '') continue
    const [x, y, ...more] = pair.split(',').map(parseNumber)
    if (x === undefined || y === undefined || more.length > 0) {
      throw problem(reader, `has the point "${pair.trim().slice(0, 40)}", which should be x,y`)
    }
    numbers.push(x, y)
  }
  if (numbers.length < minimum * 2) {
    throw problem(reader, `has ${numbers.length / 2} points, which is less than ${minimum}`)
  }
  return numbers
}

function wholeNumber(
  text: string | undefined,
  reader: ShapeReader,
  name: string,
): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = parseNumber(text)
  if (value !== undefined && Number.isSafeInteger(value)) return value
  throw problem(reader, `has ${name} "${text.slice(0, 40)}", which is no whole number`)
}

function numberOf(reader: ShapeReader, name: string): number {
  reader.used.add(name)
  const text = reader.values.get(name)
  if (text === undefined) throw problem(reader, `has no ${name}`)
  const value = parseNumber(text)
  if (value === undefined) throw problem(reader, `has ${name} "${text.slice(0, 40)}", no number`)
  return value
}

function decimalAt(reader: ShapeReader, name: string): Decimal {
  return parseDecimal(reader.values.get(name) ?? '') ?? decimalOf(numberOf(reader, name))
}

/** Older releases write whole numbers with decimals. */
function integerOf(reader: ShapeReader, name: string): number {
  const value = numberOf(reader, name)
  if (Number.isSafeInteger(value) && Math.abs(value) < 2 ** 31) return value
  throw problem(reader, `has ${name} ${value}, which is no whole number`)
}

function problem(
  { element, source }: Pick<ShapeReader, 'element' | 'source'>,
  text: string,
): Error {
  return formatSyntax(source.file, `line ${element.line}: <${element.name}> ${text}`)
}
