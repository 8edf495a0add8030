import type { AnnotatedItem, DatasetContent, DatasetView } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import type { Step } from '../step.ts'

/** Makes the ids of items numbers, in the order of subset and id. */
export const reindex: Step = defineStep({
  name: 'reindex',
  summary: 'Number the items',
  options: {
    start: { type: 'number', describe: 'The first number; 1 by default' },
    width: { type: 'number', describe: 'So many digits, with zeros before; 1 by default' },
    'per-subset': { type: 'boolean', describe: 'Each subset begins anew' },
  },
  apply: async (
    [input],
    { start = 1, width = 1, 'per-subset': perSubset = false },
  ): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    if (!Number.isSafeInteger(start) || start < 0)
      throw optionInvalid('reindex', 'start', 'is no number from 0')
    if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH)
      throw optionInvalid('reindex', 'width', `is no number from 1 to ${MAX_WIDTH}`)
    const { schema } = input.view
    return { schema, items: numbered(input.view, { start, width, perSubset }) }
  },
})

const MAX_WIDTH = 20

async function* numbered(
  view: DatasetView,
  { start, width, perSubset }: { start: number; width: number; perSubset: boolean },
): AsyncGenerator<AnnotatedItem, void, undefined> {
  let number = start
  let subset: string | undefined
  for await (const item of view.items()) {
    if (perSubset && item.subset !== subset) number = start
    subset = item.subset
    yield { ...item, id: String(number).padStart(width, '0') }
    number += 1
  }
}
