import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { annotationsOf, boxOf, keysOf, runStep, viewOf } from '../run-step.ts'

const VIEW = viewOf(['car'], { 'train/a_1': [boxOf('car')], 'train/b_2': [], 'val/a_1': [] })

describe('rename', () => {
  it.each([
    ['a', 'x', ['train/x_1', 'train/b_2', 'val/x_1']],
    ['^(.)_(?<n>\\d)$', '{n}/{1}', ['train/1/a', 'train/2/b', 'val/1/a']],
    ['^', '{subset}-{id}-', ['train/train-a_1-a_1', 'train/train-b_2-b_2', 'val/val-a_1-a_1']],
    ['_', '{{{0}}}', ['train/a{_}1', 'train/b{_}2', 'val/a{_}1']],
    ['[ab]', '$1$&', ['train/$1$&_1', 'train/$1$&_2', 'val/$1$&_1']],
  ])('puts into %s: %s', async (match, to, keys) => {
    const made = await runStep('rename', VIEW, { match, to })
    expect(keysOf(made)).toEqual(keys)
  })

  it('keeps all else: media, annotations and their uids', async () => {
    const made = await runStep('rename', VIEW, { match: 'a_1', to: 'z' })
    expect(made.items[0]?.media[0]?.path).toBe('images/a_1.png')
    expect(annotationsOf(made, 'train/z')).toMatchObject([{ uid: 'ground_truth-0' }])
  })

  it('fills in attributes, and says which item has none', async () => {
    const view = viewOf([], { 'train/a': [] }, { attributes: { city: 'Bonn', day: 3 } })
    const made = await runStep('rename', view, {
      match: '^',
      to: '{attributes.city}_{attributes.day}_',
    })
    expect(keysOf(made)).toEqual(['train/Bonn_3_a'])
    await expect(
      runStep('rename', view, { match: 'a', to: '{attributes.constructor}' }),
    ).rejects.toThrow(/"train\/a" has not/u)
  })

  it('tells items of two subsets apart, as errors advise', async () => {
    const view = viewOf([], { 'train/1': [], 'val/1': [] })
    const made = await runStep('rename', view, { match: '^', to: '{subset}_' })
    expect(keysOf(made)).toEqual(['train/train_1', 'val/val_1'])
  })

  it('names both items that would become one', async () => {
    await expect(runStep('rename', VIEW, { match: '^.*$', to: 'same' })).rejects.toMatchObject({
      code: 'DSV_ITEMS_COLLIDE',
      details: { items: ['train/a_1', 'train/b_2'], key: 'train/same' },
    })
  })

  it('takes two spellings of one name for one', async () => {
    const view = viewOf([], { 'train/1': [], 'train/2': [] })
    const options = { match: '^(1|2)$', to: '{1}' }
    expect(keysOf(await runStep('rename', view, options))).toEqual(['train/1', 'train/2'])
    const accents = viewOf([], { 'train/caf\u00e9': [], 'train/cafe\u0301x': [] })
    await expect(runStep('rename', accents, { match: 'x', to: '' })).rejects.toMatchObject({
      code: 'DSV_ITEMS_COLLIDE',
    })
  })

  it.each([
    ['(', 'x', /no regular expression/u],
    ['a', '{7}', /names "\{7\}"/u],
    ['a', '{subest}', /names "\{subest\}"/u],
    ['a', '{', /has a single \{/u],
    ['a', '../x', /no id/u],
    ['^.*$', '', /no id/u],
    ['x'.repeat(1001), '', /longer/u],
  ])('refuses %s → %s', async (match, to, message) => {
    await expect(runStep('rename', VIEW, { match, to })).rejects.toThrow(message)
  })

  it('swaps, rotates and joins names of any items, or tells of a collision', async () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[ab]{1,3}$/u), { minLength: 1, maxLength: 6 })
    const rules = fc.tuple(
      fc.constantFrom('a', '^a', 'b$', '(a)(b)', 'b+'),
      fc.constantFrom('', 'a', 'ba'),
    )
    await fc.assert(
      fc.asyncProperty(ids, rules, async (names, [match, to]) => {
        const view = viewOf([], Object.fromEntries(names.map((id) => [`train/${id}`, []])))
        const wanted = names.toSorted().map((id) => id.replace(new RegExp(match, 'gu'), to))
        const isFine = new Set(wanted).size === wanted.length && !wanted.includes('')
        const made = await runStep('rename', view, { match, to }).then(
          keysOf,
          ({ code }: { readonly code: string }) => code,
        )
        const refusal = expect.stringMatching(/^DSV_(?:ITEMS_COLLIDE|OPTION_INVALID)$/u)
        expect(made).toEqual(isFine ? wanted.map((id) => `train/${id}`) : refusal)
      }),
    )
  })
})
