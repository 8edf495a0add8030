import { describe, expect, it } from '@jest/globals'
import { compileQuery } from '@dsv/core'
import * as fc from 'fast-check'
import { datasets } from '../../formats/test/arbitraries.ts'
import { itemsOf, memoryDatasetView } from '../../formats/test/dataset-view.ts'
import { annotationsOf, boxOf, keysOf, runStep, viewOf } from './run-step.ts'

const VIEW = viewOf(['car', 'dog'], {
  'train/a': [boxOf('car'), boxOf('dog')],
  'train/b': [boxOf('dog')],
  'val/c': [],
})

describe('filter', () => {
  it('keeps matching items with their matching annotations', async () => {
    const made = await runStep('filter', VIEW, { where: 'category = "car"' })
    expect(keysOf(made)).toEqual(['train/a'])
    expect(annotationsOf(made)).toMatchObject([{ category: 'car', uid: 'ground_truth-0' }])
  })

  it('keeps all annotations where the query speaks of items alone, or it is told to', async () => {
    const ofItems = await runStep('filter', VIEW, { where: 'subset = "train"' })
    expect(ofItems.items).toEqual((await itemsOf(VIEW)).slice(0, 2))
    const all = await runStep('filter', VIEW, { where: 'category = "car"', annotations: 'all' })
    expect(annotationsOf(all)).toHaveLength(2)
  })

  it('keeps items without a match, bare, when it is told to', async () => {
    const made = await runStep('filter', VIEW, { where: 'category = "car"', 'keep-empty': true })
    expect(keysOf(made)).toEqual(['train/a', 'train/b', 'val/c'])
    expect(annotationsOf(made, 'train/b')).toEqual([])
  })

  it('takes relations along with what they relate', async () => {
    const view = viewOf(['car'], {
      'train/a': [
        boxOf('car'),
        boxOf('dog'),
        {
          type: 'relation',
          subject: 'ground_truth-0',
          predicate: 'near',
          object: 'ground_truth-1',
        },
      ],
    })
    const where = 'category = "car" or type = "relation"'
    expect(annotationsOf(await runStep('filter', view, { where }))).toMatchObject([{ type: 'box' }])
  })

  it('says which name is probably a mistake, and refuses what is no query', async () => {
    const made = await runStep('filter', VIEW, { where: 'category = "cra"' })
    expect(made.notes).toHaveLength(1)
    await expect(runStep('filter', VIEW, { where: 'categroy = 1' })).rejects.toMatchObject({
      code: 'DSV_QUERY_SYNTAX',
    })
    await expect(runStep('filter', VIEW, {})).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
  })

  it('leaves of any dataset what the query says, unchanged', async () => {
    const queries = ['category = "dog"', 'not occluded', 'subset = "val"', 'score > 0.5', 'true']
    await fc.assert(
      fc.asyncProperty(
        datasets({ types: ['box', 'label', 'polygon'] }),
        fc.constantFrom(...queries),
        async ({ schema, items }, where) => {
          const view = memoryDatasetView(schema, items)
          const query = compileQuery(where, schema)
          const made = await runStep('filter', view, { where })
          const wanted = (await itemsOf(view)).filter((item) => query.matchesItem(item))
          expect(keysOf(made)).toEqual(keysOf({ items: wanted }))
          for (const [at, item] of made.items.entries()) {
            const before = wanted[at]
            expect(before).toMatchObject({ media: item.media })
            const old = before === undefined ? [] : query.matchingAnnotations(before)
            expect(Object.values(item.layers).flat()).toEqual(old.map((each) => each.annotation))
          }
          // What matched once matches again.
          const again = memoryDatasetView(made.schema, made.items)
          expect((await runStep('filter', again, { where })).items).toEqual(made.items)
        },
      ),
      { numRuns: 50 },
    )
  })
})
