import type { CheckFinding } from '@dsv/analysis'
import {
  type Annotation,
  areaOf,
  type BoxNumbers,
  boundsOf,
  clipGeometry,
  type Media,
} from '@dsv/core'
import { withGeometry } from '../geometry/with-geometry.ts'

/** Makes of an annotation what a finding asks for; undefined drops it. */
type RepairAnnotation = (
  annotation: Annotation,
  finding: CheckFinding,
  image: Media | undefined,
) => Annotation | undefined

const drop: RepairAnnotation = () => undefined

/** What is done about findings of annotations, by check. */
export const ANNOTATION_REPAIRS: ReadonlyMap<string, RepairAnnotation> = new Map<
  string,
  RepairAnnotation
>([
  ['category-missing', drop],
  [
    'attribute-value-invalid',
    (annotation, { attribute }) => withoutAttribute(annotation, attribute),
  ],
  ['number-not-finite', drop],
  ['size-negative', turnAround],
  ['area-zero', withoutEmptyBox],
  ['below-one-pixel', drop],
  ['outside-image', clipped],
  ['mask-malformed', drop],
  ['mask-size-mismatch', drop],
  ['annotation-duplicate', drop],
  ['source-id-duplicate', ({ sourceId: _sourceId, ...rest }) => rest],
  ['group-orphan', ({ group: _group, ...rest }) => rest],
  ['relation-broken', drop],
  ['size-outlier', drop],
  ['text-empty', withoutCell],
])

function withoutAttribute(annotation: Annotation, name: string | undefined): Annotation {
  const { attributes, ...rest } = annotation
  const kept = Object.entries(attributes ?? {}).filter(([each]) => each !== name)
  return kept.length === 0 ? rest : { ...rest, attributes: Object.fromEntries(kept) }
}

/** A box may have been drawn from any corner. */
function turnAround(annotation: Annotation): Annotation | undefined {
  const stated = annotation.box && { box: turned(annotation.box) }
  if (annotation.type === 'box') {
    const [x, y, width, height] = turned([
      annotation.x,
      annotation.y,
      annotation.width,
      annotation.height,
    ])
    return { ...annotation, ...stated, x, y, width, height }
  }
  const shape = boundsOf(annotation)
  return stated !== undefined && shape !== undefined && shape[2] >= 0 && shape[3] >= 0
    ? { ...annotation, ...stated }
    : undefined
}

function turned([x, y, width, height]: BoxNumbers): BoxNumbers {
  return [Math.min(x, x + width), Math.min(y, y + height), Math.abs(width), Math.abs(height)]
}

/** A shape that covers something may have a stated box that does not. */
function withoutEmptyBox(annotation: Annotation): Annotation | undefined {
  const { box, ...rest } = annotation
  return box !== undefined && areaOf(annotation) > 0 ? rest : undefined
}

function clipped(
  annotation: Annotation,
  _finding: CheckFinding,
  image: Media | undefined,
): Annotation | undefined {
  const extent = extentOf(image)
  if (extent === undefined) return annotation
  const [left, ...others] = clipGeometry(annotation, extent)
  // Of a line that falls into several pieces nothing is thrown away.
  if (others.length > 0) return annotation
  if (left === undefined || isEmptyBox(left)) return undefined
  // Of a shape that is inside, only the stated box may reach out.
  const cut = left === annotation ? annotation : withGeometry(annotation, left, { keepsBox: true })
  const { box, ...rest } = cut
  if (box === undefined) return cut
  const stated = clippedBox(box, extent.width, extent.height)
  return stated === undefined ? rest : { ...cut, box: stated }
}

/** The pixels that an annotation may be on: of an image that is shown turned, either way of counting is in use. */
function extentOf(
  image: Media | undefined,
): { readonly width: number; readonly height: number } | undefined {
  const { width, height, orientation = 1 } = image ?? {}
  if (!width || !height) return undefined
  const long = Math.max(width, height)
  return orientation < 5 ? { width, height } : { width: long, height: long }
}

function isEmptyBox(geometry: {
  readonly type: string
  readonly width?: unknown
  readonly height?: unknown
}): boolean {
  return geometry.type === 'box' && (geometry.width === 0 || geometry.height === 0)
}

function clippedBox(
  [x, y, w, h]: BoxNumbers,
  width: number,
  height: number,
): BoxNumbers | undefined {
  const [left, top] = [Math.max(0, x), Math.max(0, y)]
  const [right, bottom] = [Math.min(width, x + w), Math.min(height, y + h)]
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : undefined
}

/** Of a row only the cell goes. */
function withoutCell(annotation: Annotation, { attribute }: CheckFinding): Annotation | undefined {
  if (annotation.type !== 'tabular') return undefined
  const kept = Object.entries(annotation.values).filter(([name]) => name !== attribute)
  return { ...annotation, values: Object.fromEntries(kept) }
}
