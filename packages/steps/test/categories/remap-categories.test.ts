import { describe, expect, it } from '@jest/globals'
import type { Category } from '@dsv/core'
import * as fc from 'fast-check'
import { itemsOf } from '../../../formats/test/dataset-view.ts'
import { annotationsOf, boxOf, runStep, viewOf } from '../run-step.ts'

const SPEED = { name: 'speed', type: 'number' } as const
const COLOR = { name: 'color', type: 'string' } as const

const CAR: Category = {
  key: 'k1',
  name: 'car',
  supercategory: 'vehicle',
  color: [1, 2, 3],
  sourceIds: { coco: 7 },
  attributes: [SPEED],
}
const VAN: Category = {
  key: 'k2',
  name: 'van',
  color: [9, 9, 9],
  attributes: [COLOR, { ...SPEED, type: 'integer' }],
  skeleton: { points: ['nose', 'tail'], edges: [[0, 1]] },
  isThing: true,
}
const VIEW = viewOf([CAR, VAN, 'dog'], { 'train/a': [boxOf('k1'), boxOf('k2'), boxOf('dog')] })

describe('remap-categories', () => {
  it('renames without a change of annotations or of what else is known of the category', async () => {
    const { schema, items } = await runStep('remap-categories', VIEW, { to: { car: 'auto' } })
    expect(schema.categories[0]).toEqual({ ...CAR, name: 'auto' })
    expect(annotationsOf({ items })).toEqual(annotationsOf({ items: await itemsOf(VIEW) }))
  })

  it('says which annotations went with their category', async () => {
    const made = await runStep('remap-categories', VIEW, { to: { car: '', van: 'bus' } })
    expect(made.notes).toEqual([{ what: 'annotation deleted with its category', where: 'train/a' }])
  })

  it('joins with the category that has the name, which gets what it does not say itself', async () => {
    const made = await runStep('remap-categories', VIEW, { to: { van: 'car' } })
    expect(made.schema.categories).toEqual([
      { ...VAN, ...CAR, attributes: [SPEED, COLOR] },
      { key: 'dog', name: 'dog' },
    ])
    expect(annotationsOf(made).map(({ category }) => category)).toEqual(['k1', 'k1', 'dog'])
  })

  it('swaps two names', async () => {
    const made = await runStep('remap-categories', VIEW, { to: { van: 'car', car: 'van' } })
    expect(made.schema.categories.map(({ key, name }) => [key, name])).toEqual([
      ['k1', 'van'],
      ['k2', 'car'],
      ['dog', 'dog'],
    ])
  })

  it('deletes with annotations, and what is not named when told so', async () => {
    const one = await runStep('remap-categories', VIEW, { to: { car: '' } })
    expect(annotationsOf(one).map(({ uid }) => uid)).toEqual(['ground_truth-1', 'ground_truth-2'])
    const most = await runStep('remap-categories', VIEW, { to: { car: 'car' }, others: 'delete' })
    expect(most.schema.categories).toEqual([CAR])
    expect(annotationsOf(most).map(({ uid }) => uid)).toEqual(['ground_truth-0'])
  })

  it('keeps categories apart that have the same name below different parents', async () => {
    const wheels: Category[] = [
      { key: 'w1', name: 'wheel', parent: 'k1' },
      { key: 'w2', name: 'wheel', parent: 'k2' },
    ]
    const view = viewOf([CAR, VAN, ...wheels], { 'train/a': [boxOf('w1'), boxOf('w2')] })
    const made = await runStep('remap-categories', view, { to: { car: '' } })
    expect(made.schema.categories).toEqual([VAN, { key: 'w1', name: 'wheel' }, wheels[1]])
    expect(annotationsOf(made)).toHaveLength(2)
  })

  it('keeps annotations of no category, and of one that the schema does not have', async () => {
    const view = viewOf(['dog'], {
      'train/a': [{ type: 'caption', text: 'a dog' }, boxOf('ghost')],
    })
    const made = await runStep('remap-categories', view, { to: { dog: '' }, others: 'delete' })
    expect(annotationsOf(made)).toHaveLength(2)
  })

  it('knows what is meant by a name that is not there', async () => {
    const wrong = runStep('remap-categories', VIEW, { to: { cra: 'auto' } })
    await expect(wrong).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
      hint: 'Did you mean car?',
    })
  })

  it('never leaves an annotation without category, a parent that is not there, or a circle', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const parents = fc.array(fc.option(fc.nat(4), { nil: undefined }), {
      minLength: 5,
      maxLength: 5,
    })
    const to = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('', 'x', ...names))
    await fc.assert(
      fc.asyncProperty(parents, to, async (above, mapping) => {
        const categories = names.map((name, at): Category => {
          const parent = above[at] === undefined || above[at] >= at ? undefined : names[above[at]]
          return { key: name, name, ...(parent !== undefined && { parent }) }
        })
        const drafts = names.map((name) => boxOf(name))
        const view = viewOf(categories, { 'train/a': drafts })
        const made = await runStep('remap-categories', view, { to: mapping })
        const keys = new Map(made.schema.categories.map(({ key, name }) => [key, name]))
        const wanted = names.map((name) => mapping[name] ?? name).filter((name) => name !== '')
        expect([...keys.values()].toSorted()).toEqual([...new Set(wanted)].toSorted())
        expect(annotationsOf(made).map(({ category }) => keys.get(category ?? ''))).toEqual(wanted)
        for (const { key } of made.schema.categories)
          expect(climb(key, made.schema.categories)).toBe(true)
      }),
    )
  })
})

/** Whether the way up ends at a category without parent. */
function climb(key: string, categories: readonly Category[]): boolean {
  let here: string | undefined = key
  for (let steps = 0; steps <= categories.length; steps += 1) {
    if (here === undefined) return true
    const found = categories.find((category) => category.key === here)
    if (found === undefined) return false
    here = found.parent
  }
  return false
}
