import type {
  AnnotatedItem,
  Annotation,
  AnnotationDraft,
  Category,
  DatasetView,
  Schema,
  TransformContext,
} from '@dsv/core'
import { stepNamed } from '@dsv/steps'
import { memoryDatasetView } from '../../formats/test/dataset-view.ts'

/** What a step made, with all it said. */
export interface Made {
  readonly schema: Schema
  readonly items: readonly AnnotatedItem[]
  readonly notes: readonly { readonly what: string; readonly where: string }[]
}

/** Runs a step on a dataset in memory. */
export async function runStep(
  name: string,
  view: DatasetView,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Made> {
  return runStepOn(name, [view], options)
}

/** Runs a step on several datasets in memory. */
export async function runStepOn(
  name: string,
  views: readonly DatasetView[],
  options: Readonly<Record<string, unknown>>,
): Promise<Made> {
  const notes: { readonly what: string; readonly where: string }[] = []
  const inputs = views.map((view, at) => ({ path: at === 0 ? 'data' : `data${at}`, view }))
  const made = await stepNamed(name).apply(inputs, options, {
    ...NO_MEDIA,
    onNote: (note) => notes.push(note),
  })
  const items: AnnotatedItem[] = []
  for await (const item of made.items) items.push(item)
  return { schema: made.schema, items, notes }
}

/** A context without pixels. */
export const NO_MEDIA: TransformContext = {
  signal: new AbortController().signal,
  readMedia: async () => {
    throw new Error('no media here')
  },
  storeMedia: async () => {
    throw new Error('no media here')
  },
}

/** Returns a view of items with annotations; media are `<id>.png` of 20 × 10 pixels. */
export function viewOf(
  categories: readonly (string | Category)[],
  items: Readonly<Record<string, readonly AnnotationDraft[]>>,
  changes: Partial<AnnotatedItem> = {},
): DatasetView {
  const schema = {
    categories: categories.map((each) =>
      typeof each === 'string' ? { key: each, name: each } : each,
    ),
    attributes: [],
    info: {},
  }
  return memoryDatasetView(
    schema,
    Object.entries(items).map(([key, drafts]) => {
      const [subset = '', ...id] = key.split('/')
      return {
        subset,
        id: id.join('/'),
        media: [
          {
            role: 'primary',
            kind: 'image' as const,
            path: `images/${id.join('/')}.png`,
            width: 20,
            height: 10,
          },
        ],
        layers: { ground_truth: drafts },
        ...changes,
      }
    }),
  )
}

/** Returns `subset/id` of items. */
export function keysOf({ items }: Pick<Made, 'items'>): readonly string[] {
  return items.map(({ subset, id }) => `${subset}/${id}`)
}

/** Returns the ground truth of the only item, or of one by `subset/id`. */
export function annotationsOf({ items }: Pick<Made, 'items'>, key?: string): readonly Annotation[] {
  const item =
    key === undefined ? items[0] : items.find((each) => `${each.subset}/${each.id}` === key)
  return item?.layers['ground_truth'] ?? []
}

/** A box of a category. */
export function boxOf(category: string, x = 0, y = 0, width = 4, height = 2): AnnotationDraft {
  return { type: 'box', category, x, y, width, height }
}
