import type { AnnotatedItem, DatasetView } from '@dsv/core'
import { STEPS } from '@dsv/steps'
import { describe, expect, it } from '@jest/globals'
import { boxOf, type Made, runStep, viewOf } from './run-step.ts'

/** Options for each step that goes item by item. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  filter: { where: 'category = "car"' },
  'shift-boxes': { x: 1, y: 2 },
  'remap-categories': { to: { dog: 'car', cat: '' } },
  'project-categories': { names: ['bird', 'car'] },
  'tag-items': { add: ['seen'], where: 'count() > 1' },
  'remove-attributes': { names: ['color'] },
  'convert-geometry': { to: 'polygon' },
  'crop-covered': {},
  'split-masks': {},
  'merge-instances': { 'include-polygons': true },
  'annotations-to-labels': {},
}

const MASK = { type: 'mask', width: 20, height: 10, category: 'car' } as const
const VIEW = viewOf(['car', 'dog', 'cat'], {
  'train/a': [{ ...boxOf('car'), attributes: { color: 'red', wheels: 4 } }, boxOf('dog')],
  'train/b': [{ ...MASK, counts: '051k0' }, boxOf('cat')],
  'train/c': [],
  'val/a': [
    { type: 'polygon', category: 'dog', group: 1, parts: [[[1, 1, 6, 1, 6, 6]]], zOrder: 0 },
    { type: 'polygon', category: 'dog', group: 1, parts: [[[4, 1, 9, 1, 9, 6]]], zOrder: 1 },
  ],
  'val/b': [boxOf('car'), boxOf('car')],
})

/** A view of every n-th item, as a job on another machine has it. */
function partOf(view: DatasetView, part: number, parts: number): DatasetView {
  return {
    ...view,
    items: async function* some(subset) {
      let at = 0
      for await (const item of view.items(subset)) {
        if (at % parts === part) yield item
        at += 1
      }
    },
  }
}

function sorted(items: readonly AnnotatedItem[]): readonly AnnotatedItem[] {
  const key = ({ subset, id }: AnnotatedItem): string => `${subset}/${id}`
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

describe('steps that go item by item', () => {
  const steps = STEPS.filter(({ isItemwise }) => isItemwise === true).map(({ name }) => name)

  it('are all tried here', () => {
    expect(Object.keys(OPTIONS).toSorted()).toEqual(steps.toSorted())
  })

  it.each(steps)('make of parts what they make of the whole: %s', async (name) => {
    const options = OPTIONS[name] ?? {}
    const whole = await runStep(name, VIEW, options)
    const parts: Made[] = []
    for (const part of [0, 1, 2]) parts.push(await runStep(name, partOf(VIEW, part, 3), options))
    for (const { schema } of parts) expect(schema).toEqual(whole.schema)
    expect(sorted(parts.flatMap(({ items }) => items))).toEqual(sorted(whole.items))
  })
})
