import { type AnyId, type BlobId, toBlobId, toObjectId, type TreeRef } from '@dsv/store'
import type {
  Annotation,
  AnnotationDraft,
  Category,
  Geometry,
  Item,
  ItemKey,
  Media,
  Schema,
} from '@dsv/core'
import fc from 'fast-check'

/** Any float64 that a record can hold. */
export const finite: fc.Arbitrary<number> = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value))

/** Coordinates that collide and overlap. */
export const coordinate: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: -20, max: 400 }).map((value) => value / 8) },
)

export const blobId: fc.Arbitrary<BlobId> = fc
  .constantFrom('a', 'b', 'c')
  .map((digit) => toBlobId(digit.repeat(64)))

export const objectId: fc.Arbitrary<AnyId & ReturnType<typeof toObjectId>> = fc
  .constantFrom('1', '2', '3', '4')
  .map((digit) => toObjectId(digit.repeat(64)))

export const treeRef: fc.Arbitrary<TreeRef> = fc.record({
  root: fc.option(objectId, { nil: undefined }),
  count: fc.nat(),
  sizeBytes: fc.maxSafeNat(),
})

/** Few keys, so that items collide. */
export const itemKey: fc.Arbitrary<ItemKey> = fc.record({
  subset: fc.constantFrom('train', 'val'),
  id: fc.constantFrom('a', 'b', 'caf\u00e9'),
})

/** Any text without half characters. */
export const text: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 8 })

const attributes = fc.dictionary(
  fc.constantFrom('color', 'pose', '1'),
  fc.oneof(fc.constantFrom('red', 'blue', 1, 2, true, null), fc.constant([1, 'x'])),
  { maxKeys: 2, noNullPrototype: true },
)

const extra = fc.record({ coco: fc.record({ note: fc.constantFrom('x', 'y', 3) }) })
const size = fc.integer({ min: 1, max: 12 })
const numbers = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.tuple(coordinate, coordinate), { minLength: min, maxLength: max })
    .map((pairs) => pairs.flat())
const parts = fc.array(fc.array(numbers(3, 6), { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 2,
})

/** Every type of geometry, small and colliding. */
export const geometry: fc.Arbitrary<Geometry> = fc.oneof(
  fc.record({ type: fc.constant('label' as const) }),
  fc.record({
    type: fc.constant('box' as const),
    x: coordinate,
    y: coordinate,
    width: size,
    height: size,
  }),
  fc.record({
    type: fc.constant('rotated-box' as const),
    cx: coordinate,
    cy: coordinate,
    width: size,
    height: size,
    angle: fc.constantFrom(0, 0.5, 1),
  }),
  fc.record({ type: fc.constant('quad' as const), points: numbers(4, 4) }),
  fc.record({ type: fc.constant('polygon' as const), parts }),
  fc.record(
    { type: fc.constant('polyline' as const), points: numbers(2, 4), closed: fc.boolean() },
    { requiredKeys: ['type', 'points'] },
  ),
  fc.record({
    type: fc.constant('points' as const),
    points: numbers(1, 3),
    visibility: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('ellipse' as const),
    cx: coordinate,
    cy: coordinate,
    rx: size,
    ry: size,
    angle: fc.constantFrom(0, 0.5),
  }),
  fc.record({
    type: fc.constant('mask' as const),
    width: fc.constant(4),
    height: fc.constant(4),
    counts: fc.constantFrom('052', '0`0', '`0'),
  }),
  fc.record({
    type: fc.constant('panoptic-segment' as const),
    segmentId: fc.nat(3),
    width: fc.constant(4),
    height: fc.constant(4),
    counts: fc.constantFrom('052', '`0'),
  }),
  fc.record({ type: fc.constant('cuboid-2d' as const), points: numbers(8, 8) }),
  fc.record({
    type: fc.constant('cuboid-3d' as const),
    position: fc.tuple(coordinate, coordinate, coordinate),
    rotation: fc.constant([0, 0, 0] as const),
    size: fc.tuple(size, size, size),
  }),
  fc.record(
    {
      type: fc.constant('caption' as const),
      text: fc.constantFrom('a dog', 'a cat'),
      language: fc.constant('en'),
    },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({ type: fc.constant('text' as const), text: fc.constantFrom('STOP', 'GO'), parts }),
  fc.record(
    {
      type: fc.constant('reference' as const),
      role: fc.constantFrom('depth' as const, 'mask' as const),
      path: fc.constantFrom('d/1.png', 'd/2.png'),
      unit: fc.constant('mm'),
    },
    { requiredKeys: ['type', 'role', 'path'] },
  ),
  fc.record({ type: fc.constant('vector' as const), values: fc.array(finite, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('tabular' as const), values: attributes }),
  fc.record({
    type: fc.constant('temporal-segment' as const),
    startSeconds: fc.nat(5),
    endSeconds: fc.nat(9),
  }),
  fc.record({
    type: fc.constant('relation' as const),
    subject: fc.constantFrom('u1', 'u2'),
    predicate: fc.constantFrom('on', 'under'),
    object: fc.constantFrom('u1', 'u2'),
  }),
)

const common = fc.record(
  {
    category: fc.constantFrom('cat', 'dog'),
    attributes,
    score: fc.constantFrom(0.25, 0.5),
    group: fc.constantFrom(1, 'g'),
    track: fc.constantFrom(1, 't'),
    zOrder: fc.nat(2),
    occluded: fc.boolean(),
    outside: fc.boolean(),
    truncated: fc.boolean(),
    sourceId: fc.constantFrom(1, 2, 3, 'x'),
    provenance: fc.constantFrom('manual', 'import'),
    box: fc.tuple(coordinate, coordinate, size, size),
    area: coordinate,
    crowd: fc.boolean(),
    extra,
  },
  { requiredKeys: [] },
)

const fewCommon = fc.record(
  { category: fc.constantFrom('cat', 'dog'), attributes, sourceId: fc.constantFrom(1, 2, 3) },
  { requiredKeys: [] },
)

/** An annotation as a format reads it. */
export const annotationDraft: fc.Arbitrary<AnnotationDraft> = fc
  .tuple(fc.oneof(fewCommon, common), geometry)
  .map(([fields, shape]) => ({ ...fields, ...shape }))

/** Annotations of one item and layer: uids are unique, and few, so that two lists share some. */
export const annotations: fc.Arbitrary<readonly Annotation[]> = fc.uniqueArray(
  fc
    .tuple(annotationDraft, fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'))
    .map(([draft, uid]) => ({ ...draft, uid })),
  { selector: (annotation) => annotation.uid, maxLength: 5 },
)

const media: fc.Arbitrary<Media> = fc.record(
  {
    role: fc.constantFrom('primary', 'depth'),
    path: fc.constantFrom('a.jpg', 'b.jpg'),
    kind: fc.constantFrom('image' as const, 'video' as const, 'point-cloud' as const),
    blob: blobId,
    sizeBytes: fc.nat(),
    width: fc.nat(4000),
    height: fc.nat(4000),
    channels: fc.constantFrom(1, 3),
    orientation: fc.integer({ min: 2, max: 8 }),
    frame: fc.record({ index: fc.nat(), seconds: coordinate }, { requiredKeys: ['index'] }),
  },
  { requiredKeys: ['role', 'path', 'kind'] },
)

/** An item without annotations. */
export const item: fc.Arbitrary<Item> = fc
  .tuple(
    itemKey,
    fc.record(
      {
        media: fc.uniqueArray(media, {
          selector: (entry) => `${entry.role} ${entry.path}`,
          maxLength: 2,
        }),
        attributes,
        tags: fc.uniqueArray(fc.constantFrom('night', 'rain', 'day')),
        extra,
      },
      { requiredKeys: ['media'] },
    ),
  )
  .map(([key, fields]) => ({ ...key, ...fields }))

const attributeDefinition = fc.record(
  {
    name: fc.constantFrom('color', 'pose'),
    type: fc.constantFrom('string' as const, 'enum' as const),
    values: fc.constantFrom(['red'], ['red', 'blue']),
    mutable: fc.boolean(),
  },
  { requiredKeys: ['name', 'type'] },
)

const attributeDefinitions = fc.uniqueArray(attributeDefinition, {
  selector: (definition) => definition.name,
})

const category: fc.Arbitrary<Category> = fc.record(
  {
    key: fc.constantFrom('cat', 'dog', 'van', 'car'),
    name: fc.constantFrom('cat', 'dog', 'van', 'Van'),
    supercategory: fc.constantFrom('animal', 'vehicle'),
    color: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
    sourceIds: fc.record({ coco: fc.nat(4) }),
    attributes: attributeDefinitions,
    skeleton: fc.record({
      points: fc.constant(['nose', 'tail']),
      edges: fc.constant([[0, 1] as const]),
    }),
    isThing: fc.boolean(),
  },
  { requiredKeys: ['key', 'name'] },
)

/** A schema with few categories. */
export const schema: fc.Arbitrary<Schema> = fc.record({
  categories: fc.uniqueArray(category, { selector: (entry) => entry.key }),
  attributes: attributeDefinitions,
  info: fc.dictionary(fc.constantFrom('coco', 'voc'), fc.constantFrom(1, 'two', null), {
    noNullPrototype: true,
  }),
})
