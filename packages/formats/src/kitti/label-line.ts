import {
  type Annotation,
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  type BoxGeometry,
  formatSyntax,
} from '@dsv/core'
import { closeNumber } from '../shared/close-number.ts'
import { isArray } from '../shared/json-reader.ts'
import { parseNumber } from '../shared/parse-number.ts'

const FIELDS = 15

/** What stands for a value that is not known. */
const UNKNOWN = { alpha: -10, dimension: -1, location: -1000, rotation: -10 }

/** Returns whether a line describes an object: a class, 14 numbers, and a score perhaps. */
export function isLabelLine(line: string): boolean {
  const [, ...numbers] = line.trim().split(/\s+/u)
  const isLong = numbers.length === FIELDS - 1 || numbers.length === FIELDS
  return isLong && numbers.every((text) => parseNumber(text) !== undefined)
}

/**
 * Reads the line of an object: class, truncation 0…1, occlusion 0…3, alpha, left, top, right, bottom,
 * height, width and length in metres, x, y, z in metres in the coordinates of the camera, rotation about
 * y, and a score perhaps.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 * @see https://github.com/bostondiditeam/kitti/blob/master/resources/devkit_object/readme.txt
 */
export function parseLabelLine(line: string, file: string, number: number): AnnotationDraft {
  const [category = '', ...texts] = line.trim().split(/\s+/u)
  if (!isLabelLine(line)) {
    const text = line.trim().slice(0, 100)
    throw formatSyntax(file, `line ${number}: "${text}" is no class and 14 or 15 numbers`)
  }
  const [
    truncation = -1,
    occlusion = -1,
    alpha = -10,
    left = 0,
    top = 0,
    right = 0,
    bottom = 0,
    ...rest
  ] = texts.map(Number)
  const space = { alpha, rotation: rest[6] ?? -10, size: rest.slice(0, 3), place: rest.slice(3, 6) }
  const score = rest[7]
  const attributes: Attributes = {
    ...(truncation > 0 && truncation !== 1 && { truncation }),
    ...(occlusion !== 0 && occlusion !== 1 && occlusion !== -1 && { occlusion }),
    ...spaceAttributes(space),
  }
  return {
    type: 'box',
    x: left,
    y: top,
    width: sizeBetween(left, right),
    height: sizeBetween(top, bottom),
    category,
    ...(truncation >= 0 && { truncated: truncation > 0 }),
    ...((occlusion === 0 || occlusion === 1 || occlusion === 2) && { occluded: occlusion > 0 }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(score !== undefined && { score }),
  }
}

/** Returns the line of a box. */
export function formatLabelLine(box: Annotation & BoxGeometry, name: string): string {
  const { x, y, width, height, truncated, occluded, score, attributes = {} } = box
  const [size, place] = [threeOf(attributes['dimensions']), threeOf(attributes['location'])]
  const numbers = [
    ownTruncation(box) ?? flagNumber(truncated),
    ownOcclusion(box) ?? flagNumber(occluded),
    numberOf(attributes['alpha']) ?? UNKNOWN.alpha,
    x,
    y,
    farSide(x, width),
    farSide(y, height),
    ...(size ?? [UNKNOWN.dimension, UNKNOWN.dimension, UNKNOWN.dimension]),
    ...(place ?? [UNKNOWN.location, UNKNOWN.location, UNKNOWN.location]),
    numberOf(attributes['rotation_y']) ?? UNKNOWN.rotation,
    ...(score === undefined ? [] : [score]),
  ]
  return `${name} ${numbers.map((each) => (Object.is(each, -0) ? '-0' : String(each))).join(' ')}\n`
}

/** Returns whether the line of a box says this attribute of it. */
export function holdsAttribute(box: Annotation, name: string, value: AttributeValue): boolean {
  if (name === 'truncation') return ownTruncation(box) === value
  if (name === 'occlusion') return ownOcclusion(box) === value
  if (name === 'alpha') return numberOf(value) !== undefined && value !== UNKNOWN.alpha
  if (name === 'rotation_y') return numberOf(value) !== undefined && value !== UNKNOWN.rotation
  const three = name === 'dimensions' || name === 'location' ? threeOf(value) : undefined
  const unknown = name === 'dimensions' ? UNKNOWN.dimension : UNKNOWN.location
  return three !== undefined && !three.every((each) => each === unknown)
}

/** Returns whether all numbers of a box can be read again. */
export function isFiniteBox({ x, y, width, height, score = 0 }: Annotation & BoxGeometry): boolean {
  return [x, y, width, height, score].every((each) => Number.isFinite(each))
}

function spaceAttributes({
  alpha,
  rotation,
  size,
  place,
}: {
  readonly alpha: number
  readonly rotation: number
  readonly size: readonly number[]
  readonly place: readonly number[]
}): Attributes {
  // Some writers put −1 wherever they know nothing.
  if ([alpha, rotation, ...size, ...place].every((each) => each === -1)) return {}
  return {
    ...(alpha !== UNKNOWN.alpha && { alpha }),
    ...(!size.every((each) => each === UNKNOWN.dimension) && { dimensions: size }),
    ...(!place.every((each) => each === UNKNOWN.location) && { location: place }),
    ...(rotation !== UNKNOWN.rotation && { rotation_y: rotation }),
  }
}

/** Of the sizes that reach the other side exactly the one with the fewest digits. */
function sizeBetween(near: number, far: number): number {
  return closeNumber(far - near, far, (size) => near + size)
}

function farSide(near: number, size: number): number {
  return closeNumber(near + size, size, (far) => sizeBetween(near, far))
}

function flagNumber(flag: boolean | undefined): number {
  return flag === undefined ? -1 : Number(flag)
}

function ownTruncation({ truncated, attributes }: Annotation): number | undefined {
  const value = numberOf(attributes?.['truncation'])
  return truncated === true && value !== undefined && value > 0 && value !== 1 ? value : undefined
}

/** 2 is fully hidden, from 3 on it is not known. */
function ownOcclusion({ occluded, attributes }: Annotation): number | undefined {
  const value = numberOf(attributes?.['occlusion'])
  if (value === undefined || value === 0 || value === 1 || value === -1) return undefined
  return (value === 2 ? true : undefined) === occluded ? value : undefined
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function threeOf(value: AttributeValue | undefined): readonly number[] | undefined {
  const list = isArray(value) ? value : []
  const numbers = list.flatMap((each) =>
    typeof each === 'number' && Number.isFinite(each) ? [each] : [],
  )
  return numbers.length === 3 && list.length === 3 ? numbers : undefined
}
