import type { AnnotationDraft, Schema, SourceItem } from '@dsv/core'
import type { ValidDataset } from './valid-dataset.ts'

/** The first item of a dataset with what a change makes of it, and of one of its annotations. */
function withFirst(
  { schema, items }: ValidDataset,
  change: (item: SourceItem, annotations: readonly AnnotationDraft[]) => SourceItem,
): ValidDataset {
  const [first, ...rest] = items
  if (first === undefined) throw new Error('no item')
  return { schema, items: [change(first, first.layers['ground_truth'] ?? []), ...rest] }
}

/** The dataset with one more annotation in its first item. */
export function withAnnotation(
  dataset: ValidDataset,
  ...more: readonly AnnotationDraft[]
): ValidDataset {
  return withFirst(dataset, (item, annotations) => ({
    ...item,
    layers: {
      ground_truth: [
        ...annotations,
        ...more.map((each) => ({
          category: 'cat',
          attributes: { color: 'red', count: 9 },
          ...each,
        })),
      ],
    },
  }))
}

function withMedia(dataset: ValidDataset, change: Readonly<Record<string, unknown>>): ValidDataset {
  return withFirst(dataset, (item) => ({
    ...item,
    media: item.media.map((media) => ({ ...media, ...change })),
  }))
}

function withSchema(dataset: ValidDataset, change: Partial<Schema>): ValidDataset {
  return { ...dataset, schema: { ...dataset.schema, ...change } }
}

/** A box in a cell that valid items leave free. */
export const box: AnnotationDraft = { type: 'box', x: 61, y: 41, width: 18, height: 18 }

/** A defect for each check whose findings are errors or warnings, and that needs neither pixels nor a task. */
export const DEFECTS: Readonly<Record<string, (dataset: ValidDataset) => ValidDataset>> = {
  'image-missing': (dataset) => withMedia(dataset, { blob: undefined }),
  'subset-leak': (dataset) => ({
    ...dataset,
    items: dataset.items.map((item) => ({
      ...item,
      media:
        item.subset === 'val' && item.id === 'img/1' ? (dataset.items[0]?.media ?? []) : item.media,
    })),
  }),
  'image-duplicate': (dataset) => ({
    ...dataset,
    items: dataset.items.flatMap((item, at) =>
      at === 0
        ? [
            item,
            {
              ...item,
              id: 'img/copy',
              layers: {
                ground_truth: (item.layers['ground_truth'] ?? []).map(
                  ({ sourceId: _sourceId, ...rest }) => rest,
                ),
              },
            },
          ]
        : [item],
    ),
  }),
  'category-undefined': (dataset) => withAnnotation(dataset, { ...box, category: 'constructor' }),
  'category-missing': (dataset) =>
    withAnnotation(dataset, { ...box, category: undefined } as unknown as AnnotationDraft),
  'category-unused': (dataset) =>
    withSchema(dataset, {
      categories: [...dataset.schema.categories, { key: 'z', name: 'zebra' }],
    }),
  'attribute-undefined': (dataset) =>
    withAnnotation(dataset, { ...box, attributes: { color: 'red', count: 1, toString: 'x' } }),
  'attribute-value-invalid': (dataset) =>
    withAnnotation(dataset, { ...box, attributes: { color: 'blue', count: 1 } }),
  'attribute-unused': (dataset) =>
    withSchema(dataset, {
      categories: dataset.schema.categories.map((each, at) =>
        at === 0 ? { ...each, attributes: [{ name: 'pose', type: 'string', default: '' }] } : each,
      ),
    }),
  'number-not-finite': (dataset) => withAnnotation(dataset, { ...box, x: Number.NaN }),
  'size-negative': (dataset) => withAnnotation(dataset, { ...box, width: -3 }),
  'area-zero': (dataset) => withAnnotation(dataset, { ...box, height: 0 }),
  'below-one-pixel': (dataset) => withAnnotation(dataset, { ...box, height: 0.5 }),
  'outside-image': (dataset) => withAnnotation(dataset, { ...box, width: 20 }),
  'polygon-crosses-itself': (dataset) =>
    withAnnotation(dataset, { type: 'polygon', parts: [[[61, 41, 79, 59, 79, 41, 61, 59]]] }),
  'mask-malformed': (dataset) =>
    withAnnotation(dataset, { type: 'mask', width: 80, height: 60, counts: '~~' }),
  'mask-size-mismatch': (dataset) =>
    withAnnotation(dataset, { type: 'mask', width: 80, height: 59, counts: '1:1' }),
  'keypoints-outside-box': (dataset) =>
    withAnnotation(dataset, {
      type: 'points',
      points: [1, 1, 75, 55],
      visibility: [2, 2],
      box: [61, 41, 18, 18],
    }),
  'skeleton-mismatch': (dataset) =>
    withAnnotation(dataset, { type: 'points', points: [65, 45], visibility: [2] }),
  'annotation-duplicate': (dataset) => withAnnotation(dataset, box, box),
  'source-id-duplicate': (dataset) =>
    withAnnotation(
      dataset,
      { ...box, sourceId: 7 },
      {
        ...box,
        x: 60.5,
        sourceId: 7,
      },
    ),
  'relation-broken': (dataset) =>
    withAnnotation(dataset, { type: 'relation', subject: 'a', predicate: 'on', object: 'b' }),
  'text-empty': (dataset) => withAnnotation(dataset, { type: 'caption', text: ' ' }),
  'text-broken': (dataset) => withAnnotation(dataset, { type: 'caption', text: 'caf\uFFFD' }),
}
