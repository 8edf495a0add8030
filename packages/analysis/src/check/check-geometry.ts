import {
  type Annotation,
  areaOf,
  type BoxNumbers,
  boundsOf,
  hasManyCrossings,
  type Media,
} from '@dsv/core'
import type { CheckFamily, CheckedItem, FindingDraft, InspectContext, Inspector } from './check.ts'
import { annotationNames, type DescribeAnnotation, rounded } from './describe-annotation.ts'
import { hasOnlyFiniteNumbers } from './geometry-numbers.ts'

const DROPS = { does: 'drops the annotation' }

/** Checks of shapes, each by itself. Memory does not grow. */
export const GEOMETRY_CHECKS: CheckFamily = {
  title: 'Shapes',
  checks: [
    {
      name: 'number-not-finite',
      severity: 'error',
      about: 'A coordinate, a size or a score is infinite or no number at all.',
      peer: ['InvalidValue'],
      repair: DROPS,
    },
    {
      name: 'size-negative',
      severity: 'error',
      about: 'A width, height, radius or span of time is below zero.',
      peer: ['NegativeLength'],
      repair: { does: 'turns a box around, drops other shapes' },
    },
    {
      name: 'area-zero',
      severity: 'error',
      about: 'A shape that should cover something covers nothing.',
      peer: ['NegativeLength'],
      repair: DROPS,
    },
    {
      name: 'below-one-pixel',
      severity: 'warning',
      about: 'A shape is less than one pixel wide or high.',
      peer: ['NegativeLength'],
      repair: { ...DROPS, isAsked: true },
    },
    {
      name: 'outside-image',
      severity: 'error',
      about: 'A shape reaches out of its image.',
      parameters: { tolerance: { default: 0.5, about: 'Pixels that it may reach out' } },
      repair: { does: 'clips the shape and its box, drops what lies outside as a whole' },
    },
    {
      name: 'polygon-crosses-itself',
      severity: 'warning',
      about: 'Edges of one ring of a polygon cross each other.',
    },
  ],
  inspect: inspectGeometry,
}

/** Types that cover something. */
const AREAS: ReadonlySet<string> = new Set([
  'box',
  'rotated-box',
  'quad',
  'polygon',
  'ellipse',
  'mask',
  'panoptic-segment',
])

/** Corners of these may well lie where the image does not reach. */
const MAY_REACH_OUT: ReadonlySet<string> = new Set(['cuboid-2d'])

/** Rings of more numbers are not searched for crossings, which takes time with the square of it. */
const MAX_RING = 10_000

function inspectGeometry({ schema, report, parameter, isOn }: InspectContext): Inspector {
  const describe = annotationNames(schema)
  const tolerance = parameter('outside-image', 'tolerance')
  const seesCrossings = isOn('polygon-crosses-itself')
  const item = ({ item: { subset, id }, annotations, image }: CheckedItem): void => {
    for (const annotation of annotations) {
      const found = problemOf(annotation, describe)
      const place = { subset, id, annotation: annotation.uid }
      if (found !== undefined) report(found.check, { ...place, message: found.message })
      if (found?.check === 'number-not-finite') continue
      const outside = reachesOut(annotation, image, tolerance)
      if (outside !== undefined)
        report('outside-image', { ...place, message: `${describe(annotation)} ${outside}` })
      if (seesCrossings && crossesItself(annotation))
        report('polygon-crosses-itself', {
          ...place,
          message: `${describe(annotation)} crosses itself`,
        })
    }
  }
  return { item }
}

/** What is wrong with the numbers alone: the worst of it. */
function problemOf(
  annotation: Annotation,
  describe: DescribeAnnotation,
): { readonly check: string; readonly message: FindingDraft['message'] } | undefined {
  const name = describe(annotation)
  if (!hasOnlyFiniteNumbers(annotation))
    return { check: 'number-not-finite', message: `${name} has a number that is not finite` }
  if (isNegative(annotation))
    return { check: 'size-negative', message: `${name} has a size below zero` }
  if (!AREAS.has(annotation.type)) return undefined
  const bounds = boundsOf(annotation)
  // Masks that cannot be read are another check.
  if (bounds === undefined && annotation.type !== 'polygon') return undefined
  const [, , width = 0, height = 0] = bounds ?? []
  if (annotation.box !== undefined && (annotation.box[2] === 0 || annotation.box[3] === 0))
    return { check: 'area-zero', message: `${name} has a box that covers nothing` }
  if (width === 0 || height === 0 || (areaOf(annotation) === 0 && !crossesItself(annotation)))
    return { check: 'area-zero', message: `${name} covers nothing (${sizeText(width, height)})` }
  if (width < 1 || height < 1)
    return { check: 'below-one-pixel', message: `${name} is ${sizeText(width, height)} pixels` }
  return undefined
}

function isNegative(annotation: Annotation): boolean {
  const [, , width = 0, height = 0] = annotation.box ?? []
  if (width < 0 || height < 0) return true
  if (annotation.type === 'box' || annotation.type === 'rotated-box')
    return annotation.width < 0 || annotation.height < 0
  if (annotation.type === 'ellipse') return annotation.rx < 0 || annotation.ry < 0
  if (annotation.type === 'cuboid-3d') return annotation.size.some((each) => each < 0)
  return annotation.type === 'temporal-segment' && annotation.endSeconds < annotation.startSeconds
}

/** In words, by how much a shape reaches out of the image. */
function reachesOut(
  annotation: Annotation,
  image: Media | undefined,
  tolerance: number,
): string | undefined {
  const { width, height, orientation = 1 } = image ?? {}
  if (!width || !height || MAY_REACH_OUT.has(annotation.type)) return undefined
  // Of an image that is shown turned, either way of counting pixels is in use.
  const long = Math.max(width, height)
  const [wide, high] = orientation < 5 ? [width, height] : [long, long]
  let beyond = 0
  for (const [x, y, w, h] of boxesOf(annotation))
    if (w >= 0 && h >= 0) beyond = Math.max(beyond, -x, -y, x + w - wide, y + h - high)
  if (beyond <= tolerance) return undefined
  return `reaches ${rounded(beyond)} pixels out of the image of ${sizeText(width, height)}`
}

/** The box around a shape, and the one that is stated beside it. */
function boxesOf(annotation: Annotation): readonly BoxNumbers[] {
  const isMask = annotation.type === 'mask' || annotation.type === 'panoptic-segment'
  // A mask has pixels of its own; whether it is as large as the image is another check.
  const bounds = isMask ? undefined : boundsOf(annotation)
  return [bounds, annotation.box].filter((box) => box !== undefined)
}

function crossesItself(annotation: Annotation): boolean {
  if (annotation.type !== 'polygon' && annotation.type !== 'text') return false
  return annotation.parts.some((rings) =>
    rings.some((ring) => ring.length <= MAX_RING && hasManyCrossings([[ring]], 0)),
  )
}

function sizeText(width: number, height: number): string {
  return `${rounded(width)} × ${rounded(height)}`
}
