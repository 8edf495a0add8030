import { describe, expect, it } from '@jest/globals'
import { type AnnotatedItem, encodeAnnotations, encodeItem, type Schema } from '@dsv/core'
import * as fc from 'fast-check'
import { datasets } from '../../formats/test/arbitraries.ts'
import { itemsOf, memoryDatasetView } from '../../formats/test/dataset-view.ts'
import { type Made, runStep } from './run-step.ts'

type Options = Readonly<Record<string, unknown>>

/** Steps that change what is said, item by item, with options that make them do something. */
const CASES: readonly (readonly [step: string, options: Options])[] = [
  ['filter', { where: 'category = "cat" or score > 0.5' }],
  ['set', { where: 'not occluded', set: { score: '0.5', 'attributes.a': 'x' }, unset: ['group'] }],
  ['set', { where: 'category = "dog"', delete: 'annotations' }],
  ['remap-categories', { to: { cat: 'dog' } }],
  ['project-categories', { names: ['bird', 'cat'] }],
  ['rename', { match: '[a-z]', to: '{subset}_{0}' }],
  ['reindex', { width: 4 }],
  ['reindex-annotations', {}],
  ['map-subsets', {}],
  ['id-from-media-name', { 'ensure-unique': true }],
  ['tag-items', { add: ['x'] }],
  ['remove-attributes', {}],
  ['convert-geometry', { to: 'box' }],
  ['convert-geometry', { to: 'polygon' }],
  ['convert-geometry', { to: 'mask' }],
  ['merge-instances', { 'include-polygons': true }],
  ['split-masks', {}],
  ['crop-covered', {}],
  ['annotations-to-labels', {}],
  ['shift-boxes', { x: 1, y: -0.5 }],
]

const anyDataset = datasets({
  types: ['box', 'label', 'polygon', 'mask', 'points', 'ellipse', 'rotated-box', 'caption'],
  categories: ['cat', 'dog'],
})

describe('steps that change what is said', () => {
  it.each(CASES)(
    '%s %j: makes of any dataset one that can be stored, always the same',
    async (step, given) => {
      await fc.assert(
        fc.asyncProperty(anyDataset, async ({ schema, items }) => {
          const view = memoryDatasetView(schema, items)
          const options = fitting(step, given, schema, items[0]?.subset)
          if (options === undefined) return
          const made = await runStep(step, view, options)
          for (const item of made.items) checkStorable(item)
          const keys = made.items.map(({ subset, id }) => `${subset}\0${id}`)
          expect(new Set(keys).size).toBe(keys.length)
          expect(categoriesIn(made)).toEqual([])
          expect(await runStep(step, view, options)).toEqual(made)
          // Nothing that a step is given is changed in place.
          expect(await itemsOf(view)).toEqual(await itemsOf(memoryDatasetView(schema, items)))
        }),
        { numRuns: 25 },
      )
    },
  )
})

/** Names that a dataset does not have are refused: the options are made to fit, or there are none. */
function fitting(
  step: string,
  options: Options,
  { categories }: Schema,
  subset: string | undefined,
): Options | undefined {
  if (step === 'map-subsets') return subset === undefined ? undefined : { to: { [subset]: 'part' } }
  const hasCat = categories.some(({ name }) => name === 'cat')
  return step === 'remap-categories' && !hasCat ? undefined : options
}

function checkStorable({ layers, ...item }: AnnotatedItem): void {
  encodeItem(item)
  for (const annotations of Object.values(layers)) {
    encodeAnnotations(item, annotations)
    expect(new Set(annotations.map(({ uid }) => uid)).size).toBe(annotations.length)
  }
}

/** Categories that annotations have and the schema has not. */
function categoriesIn({ schema, items }: Made): readonly unknown[] {
  const known = new Set(schema.categories.map(({ key }) => key))
  return items
    .flatMap((item) => Object.values(item.layers).flat())
    .map(({ category }) => category)
    .filter((category) => category !== undefined && !known.has(category))
}
