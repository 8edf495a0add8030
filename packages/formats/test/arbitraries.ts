import type {
  AnnotationCommon,
  AnnotationDraft,
  AnnotationType,
  Category,
  Geometry,
  MediaSource,
  Schema,
  SourceItem,
} from '@dsv/core'
import * as fc from 'fast-check'

/** A dataset that is made up, before it is stored. */
export interface TestDataset {
  readonly schema: Schema
  readonly items: readonly SourceItem[]
}

/** What made-up datasets hold; formats narrow it to what makes sense for them. */
export interface DatasetShape {
  readonly types: readonly AnnotationType[]
  /** Common fields that annotations may have; default: all that are generated. */
  readonly fields?: readonly (keyof AnnotationCommon)[]
  /** Default `train`, `val`. */
  readonly subsets?: readonly string[]
  /** Default: a few, with folders, spaces and letters beyond ASCII. */
  readonly ids?: readonly string[]
  /** Default `cat`, `dog`, `traffic light`, `größe`. */
  readonly categories?: readonly string[]
  /** Extension of the media; default `.png`. */
  readonly extension?: string
  /** Whether annotations always have a category; default false. */
  readonly mustHaveCategory?: boolean
}

/** The common fields that made-up annotations may have. */
const COMMON_FIELDS: readonly (keyof AnnotationCommon)[] = [
  'category',
  'attributes',
  'score',
  'group',
  'track',
  'zOrder',
  'occluded',
  'outside',
  'truncated',
  'crowd',
  'area',
  'box',
  'sourceId',
]

const WIDTH = 40
const HEIGHT = 30

/** Generates datasets of few keys, so that things collide. */
export function datasets(shape: DatasetShape): fc.Arbitrary<TestDataset> {
  const names = shape.categories ?? ['cat', 'dog', 'traffic light', 'größe']
  const subsets = shape.subsets ?? ['train', 'val']
  const ids = shape.ids ?? ['1', 'a b', 'street/0001', 'straße', 'z']
  return fc.subarray([...names], { minLength: 1 }).chain((chosen) => {
    const schema: Schema = { categories: chosen.map(categoryOf), attributes: [], info: {} }
    const item = items(shape, subsets, ids, chosen)
    return fc
      .uniqueArray(item, { selector: ({ subset, id }) => `${subset}/${id}`, maxLength: 5 })
      .map((made) => ({ schema, items: made }))
  })
}

function categoryOf(name: string): Category {
  return { key: name, name }
}

function items(
  shape: DatasetShape,
  subsets: readonly string[],
  ids: readonly string[],
  categories: readonly string[],
): fc.Arbitrary<SourceItem> {
  const drafts = fc.array(annotationDrafts(shape, categories), { maxLength: 4 })
  return fc
    .tuple(fc.constantFrom(...subsets), fc.constantFrom(...ids), drafts)
    .map(([subset, id, annotations]) => ({
      subset,
      id,
      media: [mediumOf(`images/${subset}/${id}${shape.extension ?? '.png'}`)],
      layers: { ground_truth: distinctSourceIds(annotations) },
    }))
}

function mediumOf(path: string): MediaSource {
  return { role: 'primary', path, kind: 'image', width: WIDTH, height: HEIGHT, channels: 3 }
}

/** Two annotations of one item with the same source id would be one annotation to some formats. */
function distinctSourceIds(drafts: readonly AnnotationDraft[]): readonly AnnotationDraft[] {
  const seen = new Set<number | string>()
  return drafts.map((draft) => {
    if (draft.sourceId === undefined) return draft
    const { sourceId, ...rest } = draft
    if (seen.has(sourceId)) return rest
    seen.add(sourceId)
    return draft
  })
}

/** Generates one annotation of the given types and fields. */
function annotationDrafts(
  shape: DatasetShape,
  categories: readonly string[],
): fc.Arbitrary<AnnotationDraft> {
  const fields = new Set(shape.fields ?? COMMON_FIELDS)
  const category = fc.constantFrom(...categories)
  const number = fc.constantFrom(0, 1, 2.5, 7, 12.25)
  const flag = fc.boolean()
  const all = {
    category,
    attributes: fc.dictionary(
      fc.constantFrom('pose', 'is big', 'n'),
      fc.oneof(fc.boolean(), fc.constantFrom('left', 'a & b <c>', ''), fc.integer({ max: 9 })),
      { maxKeys: 2, noNullPrototype: true },
    ),
    score: fc.constantFrom(0, 0.5, 0.875, 1),
    group: fc.integer({ min: 1, max: 3 }),
    track: fc.integer({ min: 1, max: 3 }),
    zOrder: fc.integer({ min: 0, max: 2 }),
    occluded: flag,
    outside: flag,
    truncated: flag,
    crowd: flag,
    area: number,
    box: fc.tuple(number, number, number, number),
    sourceId: fc.integer({ min: 1, max: 1000 }),
  }
  const wanted = Object.fromEntries(
    Object.entries(all).filter(([field]) => [...fields].some((name) => name === field)),
  )
  const requiredKeys = shape.mustHaveCategory === true ? ['category'] : []
  const common: fc.Arbitrary<AnnotationCommon> = fc.record(wanted, {
    requiredKeys,
    noNullPrototype: true,
  })
  const kinds = shape.types.flatMap((type) => GEOMETRIES.get(type) ?? [])
  return fc.tuple(common, fc.oneof(...kinds)).map(([rest, geometry]) => {
    const { attributes, box, area, ...others } = rest
    return {
      ...others,
      ...(attributes !== undefined && Object.keys(attributes).length > 0 ? { attributes } : {}),
      // The box and area of something else than a region mean nothing.
      ...(box !== undefined && REGIONS.has(geometry.type) ? { box } : {}),
      ...(area !== undefined && AREAS.has(geometry.type) ? { area } : {}),
      ...geometry,
    }
  })
}

const REGIONS: ReadonlySet<AnnotationType> = new Set(['polygon', 'mask', 'panoptic-segment'])
const AREAS: ReadonlySet<AnnotationType> = new Set([...REGIONS, 'box'])

const x = fc.integer({ min: 0, max: WIDTH * 4 }).map((value) => value / 4)
const y = fc.integer({ min: 0, max: HEIGHT * 4 }).map((value) => value / 4)

function flatPoints(minLength: number, maxLength: number): fc.Arbitrary<number[]> {
  return fc.array(fc.tuple(x, y), { minLength, maxLength }).map((points) => points.flat())
}

/** A box that lies in the image and is not empty. */
const boxes: fc.Arbitrary<Geometry> = fc
  .tuple(
    fc.integer({ min: 0, max: WIDTH - 2 }),
    fc.integer({ min: 0, max: HEIGHT - 2 }),
    fc.integer({ min: 4, max: WIDTH * 4 }),
    fc.integer({ min: 4, max: HEIGHT * 4 }),
  )
  .map(([left, top, width, height]) => ({
    type: 'box',
    x: left,
    y: top,
    width: Math.min(width / 4, WIDTH - left),
    height: Math.min(height / 4, HEIGHT - top),
  }))

/** Masks of 40 × 30 pixels as COCO's compressed runs: empty, full, one run, two runs, last pixel. */
const MASK_COUNTS = ['`U1', '0`U1', 'T3b1jP1', '5:d00_S1', '_U11']

/** Generators by type; a type that is missing here is tested by its format alone. */
const GEOMETRIES: ReadonlyMap<AnnotationType, fc.Arbitrary<Geometry>> = new Map<
  AnnotationType,
  fc.Arbitrary<Geometry>
>([
  ['label', fc.constant<Geometry>({ type: 'label' })],
  ['box', boxes],
  [
    'rotated-box',
    fc.tuple(x, y, fc.constantFrom(0, 0.25, -0.5)).map(([cx, cy, angle]) => ({
      type: 'rotated-box',
      cx,
      cy,
      width: 8,
      height: 4,
      angle,
    })),
  ],
  ['quad', flatPoints(4, 4).map((points) => ({ type: 'quad', points }))],
  [
    'polygon',
    fc
      .array(flatPoints(3, 5), { minLength: 1, maxLength: 2 })
      .map((rings) => ({ type: 'polygon', parts: rings.map((ring) => [ring]) })),
  ],
  ['polyline', flatPoints(2, 4).map((points) => ({ type: 'polyline', points }))],
  [
    'points',
    fc
      .array(fc.tuple(x, y, fc.constantFrom(0, 1, 2)), { minLength: 1, maxLength: 4 })
      .map((all) => ({
        type: 'points',
        points: all.flatMap(([px, py]) => [px, py]),
        visibility: all.map(([, , seen]) => seen),
      })),
  ],
  [
    'mask',
    fc
      .constantFrom(...MASK_COUNTS)
      .map((counts) => ({ type: 'mask', width: WIDTH, height: HEIGHT, counts })),
  ],
  [
    // Segments of one image do not overlap: the second run of `5:d00_S1` and `T3b1jP1` are apart.
    'panoptic-segment',
    fc.constantFrom<Geometry>(
      { type: 'panoptic-segment', segmentId: 7, width: WIDTH, height: HEIGHT, counts: '5:d00_S1' },
      {
        type: 'panoptic-segment',
        segmentId: 70_000,
        width: WIDTH,
        height: HEIGHT,
        counts: 'T3b1jP1',
      },
    ),
  ],
  [
    'caption',
    fc.constantFrom('', 'a cat', 'zwei "Katzen" & <c>').map((text) => ({ type: 'caption', text })),
  ],
  [
    'tabular',
    fc
      .dictionary(
        fc.constantFrom('price', 'a "b", c', 'class'),
        fc.constantFrom(0, 0.5, -3, true, null, '', 'UP', '7', 'a\n b'),
        { noNullPrototype: true },
      )
      .map((values) => ({ type: 'tabular', values })),
  ],
])
