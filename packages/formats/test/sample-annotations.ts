import type { AnnotationDraft, AnnotationType, Geometry } from '@dsv/core'

/** Size of the image that the samples lie in, in pixels. */
export const SAMPLE_WIDTH = 40
/** See {@link SAMPLE_WIDTH}. */
export const SAMPLE_HEIGHT = 30

/** One region of the image, as far as each type can say it. */
const CORNERS = [4.25, 3.5, 20.25, 3.5, 20.25, 13.5, 4.25, 13.5]

/** Runs of a mask of 40 × 30 pixels: some pixels of the first columns. */
const COUNTS = 'T3b1jP1'

const GEOMETRIES: { readonly [Type in AnnotationType]: Geometry & { readonly type: Type } } = {
  label: { type: 'label' },
  box: { type: 'box', x: 4.25, y: 3.5, width: 16, height: 10 },
  'rotated-box': { type: 'rotated-box', cx: 12.25, cy: 8.5, width: 16, height: 10, angle: 0.25 },
  quad: { type: 'quad', points: [4.25, 3.5, 20.25, 5.5, 18.25, 15.5, 2.25, 13.5] },
  polygon: { type: 'polygon', parts: [[[4.25, 3.5, 20.25, 3.5, 20.25, 13.5]]] },
  polyline: { type: 'polyline', points: [4.25, 3.5, 20.25, 3.5, 20.25, 13.5] },
  points: { type: 'points', points: [4.25, 3.5, 20.25, 3.5], visibility: [2, 1] },
  ellipse: { type: 'ellipse', cx: 12.25, cy: 8.5, rx: 8, ry: 5, angle: 0 },
  mask: { type: 'mask', width: SAMPLE_WIDTH, height: SAMPLE_HEIGHT, counts: COUNTS },
  'panoptic-segment': {
    type: 'panoptic-segment',
    segmentId: 7,
    width: SAMPLE_WIDTH,
    height: SAMPLE_HEIGHT,
    counts: COUNTS,
  },
  'cuboid-2d': { type: 'cuboid-2d', points: [...CORNERS, ...CORNERS.map((value) => value + 2)] },
  'cuboid-3d': { type: 'cuboid-3d', position: [1, 2, 3], rotation: [0, 0, 0.5], size: [4, 5, 6] },
  caption: { type: 'caption', text: 'two cats' },
  text: { type: 'text', text: 'STOP', parts: [[CORNERS]] },
  reference: { type: 'reference', role: 'depth', path: 'depth/1.png' },
  vector: { type: 'vector', values: [0.5, -1, 2] },
  tabular: { type: 'tabular', values: { age: 3 } },
  'temporal-segment': { type: 'temporal-segment', startSeconds: 1, endSeconds: 2.5 },
  relation: {
    type: 'relation',
    subject: 'ground_truth-0',
    predicate: 'on',
    object: 'ground_truth-1',
  },
}

/** Types that say nothing of a class. */
const WITHOUT_CATEGORY: ReadonlySet<AnnotationType> = new Set([
  'caption',
  'reference',
  'relation',
  'tabular',
  'vector',
])

/** The types in the order of the model. */
export const SAMPLE_TYPES: readonly AnnotationType[] = Object.values(GEOMETRIES).map(
  ({ type }) => type,
)

/** Returns one annotation of a type, of category `cat` where the type has a category. */
export function sampleAnnotation(type: AnnotationType): AnnotationDraft {
  const geometry: Geometry = GEOMETRIES[type]
  return WITHOUT_CATEGORY.has(type) ? geometry : { category: 'cat', ...geometry }
}
