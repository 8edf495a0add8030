import type { AnnotatedItem, Annotation, DatasetContent, DatasetView } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapAnnotations } from '../map-items.ts'
import type { Step } from '../step.ts'

/** Numbers annotations anew: the ids that formats write, not the uids by which versions know them. */
export const reindexAnnotations: Step = defineStep({
  name: 'reindex-annotations',
  summary: 'Number the annotations',
  options: {
    start: { type: 'number', describe: 'The first number; 1 by default' },
    'per-item': { type: 'boolean', describe: 'Each item begins anew' },
  },
  apply: async ([input], { start = 1, 'per-item': perItem = false }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    if (!Number.isSafeInteger(start) || start < 0)
      throw optionInvalid('reindex-annotations', 'start', 'is no number from 0')
    return { schema: input.view.schema, items: numbered(input.view, start, perItem) }
  },
})

/** Each layer is numbered by itself: formats write it to a file of its own. */
async function* numbered(
  view: DatasetView,
  start: number,
  perItem: boolean,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const next = new Map<string, number>()
  for await (const item of view.items()) {
    if (perItem) next.clear()
    yield mapAnnotations(item, (annotation, layer): Annotation => {
      const sourceId = next.get(layer) ?? start
      next.set(layer, sourceId + 1)
      return { ...annotation, sourceId }
    })
  }
}
