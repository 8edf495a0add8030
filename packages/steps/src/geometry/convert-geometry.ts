import {
  type Annotation,
  type AnnotationType,
  boundsOf,
  type DatasetContent,
  type Geometry,
  type ImageExtent,
  maskArea,
  maskGeometry,
  imageSize,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid, unknownName } from '../errors.ts'
import { mapAnnotations, mapItems } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'
import { toMask } from './to-mask.ts'
import { toPolygon, withoutShortRings } from './to-polygon.ts'
import { withGeometry } from './with-geometry.ts'

type Target = 'box' | 'polygon' | 'mask'

const SHAPES: readonly AnnotationType[] = ['box', 'rotated-box', 'quad', 'polygon', 'ellipse']
const MASKS: readonly AnnotationType[] = ['mask', 'panoptic-segment']

/** What can become what, where nothing else is said. */
const SOURCES: Readonly<Record<Target, readonly AnnotationType[]>> = {
  box: [...SHAPES, ...MASKS, 'polyline', 'points', 'cuboid-2d'],
  polygon: [...SHAPES, ...MASKS, 'polyline'],
  mask: [...SHAPES, 'panoptic-segment', 'polyline'],
}

/** Turns geometry of one type into another: boxes, polygons and masks. */
export const convertGeometry: Step = defineStep({
  name: 'convert-geometry',
  summary: 'Turn boxes, polygons, masks and other shapes into another of them',
  isItemwise: true,
  options: {
    to: {
      type: 'string',
      choices: ['box', 'polygon', 'mask'],
      describe: 'What they become',
      isRequired: true,
    },
    from: { type: 'list', describe: 'Types that are converted; all that can be, by default' },
    where: { type: 'string', describe: 'A query: only annotations that match' },
  },
  apply: async ([input], { to, from, where }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const types = sourceTypes(to, from)
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) => {
      const selected = selection.annotationsOf(item)
      const at = `${item.subset}/${item.id}`
      const note = (what: string): void => context.onNote({ what, where: at })
      return mapAnnotations(item, (annotation) =>
        types.has(annotation.type) && selected.has(annotation)
          ? converted(annotation, to, imageSize(item), note)
          : annotation,
      )
    })
    return { schema, items }
  },
})

function sourceTypes(to: Target, from: readonly string[] | undefined): ReadonlySet<string> {
  const wrong = from?.find((type) => !SOURCES[to].some((each) => each === type))
  if (wrong !== undefined) throw unknownName('convert-geometry', 'from', wrong, SOURCES[to])
  if (from?.length === 0) throw optionInvalid('convert-geometry', 'from', 'is empty')
  // Lines have no inside unless somebody says so.
  const usual = SOURCES[to].filter((type) => to === 'box' || type !== 'polyline')
  const types = new Set<string>(from ?? usual)
  types.delete(to)
  return types
}

/** What cannot be converted stays as it is, and is noted. */
function converted(
  annotation: Annotation,
  to: Target,
  size: ImageExtent | undefined,
  note: (what: string) => void,
): Annotation | undefined {
  const geometry = geometryOf(annotation, to, size, note)
  if (geometry !== undefined) return withGeometry(annotation, geometry, { keepsBox: to !== 'box' })
  const reason =
    to === 'mask' && size === undefined
      ? 'the size of its image is not known'
      : 'it covers nothing, or is too large'
  note(`${annotation.type} not converted: ${reason}`)
  return annotation
}

function geometryOf(
  geometry: Geometry,
  to: Target,
  size: ImageExtent | undefined,
  note: (what: string) => void,
): Geometry | undefined {
  if (to === 'mask') {
    const mask = toMask(geometry, size)
    return mask === undefined || maskArea(mask) === 0 ? undefined : maskGeometry(mask)
  }
  if (to === 'polygon') {
    const { parts, dropped } = withoutShortRings(toPolygon(geometry)?.parts ?? [])
    if (dropped > 0 && parts.length > 0) note('ring of fewer than three points left out')
    return parts.length === 0 ? undefined : { type: 'polygon', parts }
  }
  const [x, y, width, height] = boundsOf(geometry) ?? []
  const isEmpty = x === undefined || y === undefined || width === undefined || height === undefined
  if (isEmpty || (width === 0 && height === 0)) return undefined
  return { type: 'box', x, y, width, height }
}
