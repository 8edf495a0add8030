import { describe, expect, it } from '@jest/globals'
import { compareFact } from '../../formats/test/compare-fact.ts'
import type { Fact } from '../../formats/test/facts.ts'
import {
  arguedDifferences,
  problemsOf,
  type OperationFact,
  operationFacts,
  readSample,
} from '../../formats/test/operation-facts.ts'
import { keysOf, type Made, runStep } from './run-step.ts'

/** A step of ours with its options. */
type Ours = readonly [step: string, options: Readonly<Record<string, unknown>>]

/** Datumaro's XPath, as a query. */
const QUERIES: Readonly<Record<string, string>> = {
  '/item[subset="train"]': 'subset = "train"',
  '/item/annotation[type="polygon"]': 'type = "polygon"',
  '/item/annotation[label="a" and type="bbox"]': 'category = "a" and type = "box"',
  '/item/annotation[is_crowd="True"]': 'crowd',
  '/item[image/width > image/height]': 'media.width > media.height',
  '/item/annotation[truncated="True"]': 'truncated',
  '/item[annotation]': 'count() > 0',
  '/item/annotation[blur="2"]': 'attributes.blur = 2',
  '/item[annotation[contains(caption,"world")]]': 'exists(text contains "world")',
}

/** Datumaro's transforms with their options, as steps. */
const STEPS_FOR: Readonly<Record<string, Ours>> = {
  'polygons_to_masks {}': ['convert-geometry', { to: 'mask', from: ['polygon'] }],
  'masks_to_polygons {}': ['convert-geometry', { to: 'polygon', from: ['mask'] }],
  'boxes_to_masks {}': ['convert-geometry', { to: 'mask', from: ['box'] }],
  'boxes_to_polygons {}': ['convert-geometry', { to: 'polygon', from: ['box'] }],
  'shapes_to_boxes {}': ['convert-geometry', { to: 'box' }],
  "merge_instance_segments {'include_polygons': True}": [
    'merge-instances',
    { 'include-polygons': true },
  ],
  'crop_covered_segments {}': ['crop-covered', {}],
  "remap_labels {'mapping': {'a': 'c', 'b': ''}, 'default': 'keep'}": [
    'remap-categories',
    { to: { a: 'c', b: '' } },
  ],
  "remap_labels {'mapping': {'a': 'z'}, 'default': 'delete'}": [
    'remap-categories',
    { to: { a: 'z' }, others: 'delete' },
  ],
  "project_labels {'dst_labels': ['c', 'x', 'a']}": [
    'project-categories',
    { names: ['c', 'x', 'a'] },
  ],
  "reindex {'start': 10}": ['reindex', { start: 10 }],
  "reindex_annotations {'start': 1}": ['reindex-annotations', { start: 1 }],
  [String.raw`rename {'regex': '|^(.)$|{item.subset}_\\1|'}`]: [
    'rename',
    { match: '^(.)$', to: '{subset}_{1}' },
  ],
  "map_subsets {'mapping': {'train': 'tr'}}": ['map-subsets', { to: { train: 'tr' } }],
  'remove_attributes {}': ['remove-attributes', {}],
  'id_from_image_name {}': ['id-from-media-name', {}],
  'anns_to_labels {}': ['annotations-to-labels', {}],
  'bbox_values_decrement {}': ['shift-boxes', { x: -1, y: -1 }],
}

const argued = arguedDifferences('docs/steps.md')
const filters = operationFacts('filter')
// Resizing needs pixels, and is compared where they are at hand.
const transforms = operationFacts('transform').filter(
  (fact) => !fact.arguments.startsWith('resize '),
)

describe('what Datumaro makes of its samples', () => {
  if (filters.length === 0) {
    it('cannot be compared: its samples are not at hand', () => {
      expect(transforms).toEqual([])
    })
    return
  }

  it.each(named(filters))('filter %s', async (_, fact) => {
    const [path = ''] = fact.arguments.split('|annotations=')
    const made = await runStep('filter', await readSample(fact), {
      where: QUERIES[path],
      annotations: fact.arguments.includes('annotations=True') ? 'matching' : 'all',
      'keep-empty': fact.arguments.endsWith('annotations=True,remove_empty=False'),
    })
    expect(problemsOf(fact, filterDifferences(fact, made), argued)).toEqual([])
  })

  it.each(named(transforms))('transform %s', async (_, fact) => {
    const [step, options] = STEPS_FOR[fact.arguments] ?? []
    if (step === undefined) throw new Error('no step is named for it')
    const made = await runStep(step, await readSample(fact), options)
    expect(problemsOf(fact, transformDifferences(fact, made), argued)).toEqual([])
  })

  it('argues of nothing that was not run', () => {
    const run = new Set([...filters, ...transforms].map((fact) => fact.arguments))
    expect([...argued.keys()].filter((each) => !run.has(each))).toEqual([])
  })
})

function named(facts: readonly OperationFact[]): readonly (readonly [string, OperationFact])[] {
  return facts.map((fact) => [`${fact.arguments} of ${fact.asset}`, fact])
}

function filterDifferences({ format, expected }: OperationFact, made: Made): readonly string[] {
  const { items, n_annotations: count } = expected as {
    readonly items: readonly string[]
    readonly n_annotations: number
  }
  const wanted = items.map((text) => text.split(':').toReversed().join('/')).toSorted()
  const found = keysOf(made).toSorted()
  const annotations = made.items.flatMap((item) => Object.values(item.layers).flat()).length
  // A fact of one task of VOC knows less than we read.
  const isRight = format.startsWith('voc_') ? annotations >= count : annotations === count
  return [
    ...(wanted.join() === found.join() ? [] : [`items ${found.join()}, not ${wanted.join()}`]),
    ...(isRight ? [] : [`${annotations} annotations, not ${count}`]),
  ]
}

function transformDifferences(
  { format, expected, arguments: given }: OperationFact,
  made: Made,
): readonly string[] {
  const { labels, items, error } = expected as {
    readonly labels: readonly string[]
    readonly items: Fact['items']
    readonly error?: string
  }
  if (error !== undefined) return [error]
  const categories = { label: labels.map((name) => ({ name })) }
  const fact: Fact = { asset: '', format, categories, items }
  const read = { categories: made.schema.categories, items: made.items }
  const found = compareFact(fact, read, { isPart: format.startsWith('voc_') })
  const differences = Object.values(found).flat()
  if (!given.startsWith('reindex_annotations')) return differences
  const numbers = made.items.flatMap((item) =>
    Object.values(item.layers).flatMap((all) => all.map(({ sourceId }) => sourceId)),
  )
  const theirs = items.flatMap(({ annotations }) => annotations.map(({ id }) => id))
  const isSame = numbers.join() === theirs.join()
  return isSame ? differences : [...differences, `numbers ${numbers.join()}, not ${theirs.join()}`]
}
