import { type Annotation, areaOf, type BoxNumbers, boundsOf, type Media } from '@dsv/core'
import { WITH_AREA } from '../statistics/annotation-area.ts'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, rounded } from './describe-annotation.ts'
import { hasOnlyFiniteNumbers } from './geometry-numbers.ts'
import { ringCrossesItself } from './ring-crosses-itself.ts'

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

/** Corners of these may well lie where the image does not reach. */
const MAY_REACH_OUT: ReadonlySet<string> = new Set(['cuboid-2d'])

/** These have pixels of their own; whether they are as large as the image is another check. */
const MASKS: ReadonlySet<string> = new Set(['mask', 'panoptic-segment'])

function inspectGeometry({ schema, report, parameter, isOn }: InspectContext): Inspector {
  const describe = annotationNames(schema)
  const tolerance = parameter('outside-image', 'tolerance')
  const seesCrossings = isOn('polygon-crosses-itself')
  const item = ({ item: { subset, id }, annotations, image }: CheckedItem): void => {
    for (const annotation of annotations) {
      const say = (check: string, what: string): void =>
        report(check, {
          subset,
          id,
          annotation: annotation.uid,
          message: `${describe(annotation)} ${what}`,
        })
      if (!hasOnlyFiniteNumbers(annotation)) {
        say('number-not-finite', 'has a number that is not finite')
        continue
      }
      const bounds = boundsOf(annotation)
      if (seesCrossings && crossesItself(annotation))
        say('polygon-crosses-itself', 'crosses itself')
      const problem = sizeProblem(annotation, bounds)
      if (problem !== undefined) say(...problem)
      const beyond = reachesOut(annotation, bounds, image)
      if (beyond > tolerance)
        say(
          'outside-image',
          `reaches ${rounded(beyond)} pixels out of the image of ${sizeText(image?.width ?? 0, image?.height ?? 0)}`,
        )
    }
  }
  return { item }
}

/** What is wrong with the size of a shape: the worst of it. */
function sizeProblem(
  annotation: Annotation,
  bounds: BoxNumbers | undefined,
): readonly [check: string, what: string] | undefined {
  if (isNegative(annotation)) return ['size-negative', 'has a size below zero']
  if (!WITH_AREA.has(annotation.type)) return undefined
  // Masks that cannot be read are another check.
  if (bounds === undefined && annotation.type !== 'polygon') return undefined
  const [, , width = 0, height = 0] = bounds ?? []
  if (annotation.box !== undefined && (annotation.box[2] === 0 || annotation.box[3] === 0))
    return ['area-zero', 'has a box that covers nothing']
  if (width === 0 || height === 0 || (areaOf(annotation) === 0 && !crossesItself(annotation)))
    return ['area-zero', `covers nothing (${sizeText(width, height)})`]
  if (width < 1 || height < 1) return ['below-one-pixel', `is ${sizeText(width, height)} pixels`]
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

/** By how many pixels a shape, or the box that is stated beside it, reaches out of the image; 0 when it does not. */
function reachesOut(
  annotation: Annotation,
  bounds: BoxNumbers | undefined,
  image: Media | undefined,
): number {
  const { width, height, orientation = 1 } = image ?? {}
  if (!width || !height || MAY_REACH_OUT.has(annotation.type)) return 0
  // Of an image that is shown turned, either way of counting pixels is in use.
  const long = Math.max(width, height)
  const [wide, high] = orientation < 5 ? [width, height] : [long, long]
  const stated = distanceOut(annotation.box, wide, high)
  return MASKS.has(annotation.type) ? stated : Math.max(distanceOut(bounds, wide, high), stated)
}

function distanceOut(box: BoxNumbers | undefined, wide: number, high: number): number {
  if (box === undefined) return 0
  const [x, y, width, height] = box
  return width < 0 || height < 0 ? 0 : Math.max(0, -x, -y, x + width - wide, y + height - high)
}

function crossesItself(annotation: Annotation): boolean {
  if (annotation.type !== 'polygon' && annotation.type !== 'text') return false
  return annotation.parts.some((rings) => rings.some(ringCrossesItself))
}

function sizeText(width: number, height: number): string {
  return `${rounded(width)} × ${rounded(height)}`
}
