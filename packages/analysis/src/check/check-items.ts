import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { quoted } from './describe-annotation.ts'

/** Checks of items as wholes. Memory grows with the number of subsets. */
export const ITEM_CHECKS: CheckFamily = {
  title: 'Items and subsets',
  checks: [
    {
      name: 'dataset-empty',
      severity: 'warning',
      about: 'The dataset has no items.',
    },
    {
      name: 'subset-unannotated',
      severity: 'info',
      about: 'No item of a subset has an annotation (of the task).',
    },
    {
      name: 'item-unannotated',
      severity: 'info',
      about: 'An item has no annotation (of the task).',
      peer: ['MissingAnnotation'],
      repair: { does: 'drops the item', isAsked: true },
    },
    {
      name: 'several-labels',
      severity: 'error',
      about: 'An item has several labels, where each should have one.',
      tasks: ['classification'],
      needsTask: true,
      peer: ['MultiLabelAnnotations'],
      repair: { does: 'drops the item', isAsked: true },
    },
  ],
  inspect: inspectItems,
}

function inspectItems({ report, task }: InspectContext): Inspector {
  const annotated = new Map<string, boolean>()
  const what = task === undefined ? 'annotation' : `annotation for ${task}`
  return {
    item: ({ item: { subset, id }, annotations }: CheckedItem) => {
      const isAnnotated = annotations.length > 0
      annotated.set(subset, annotated.get(subset) === true || isAnnotated)
      if (!isAnnotated) report('item-unannotated', { subset, id, message: `There is no ${what}` })
      const labels = annotations.filter(({ type }) => type === 'label').length
      if (labels > 1)
        report('several-labels', { subset, id, message: `There are ${labels} labels` })
    },
    end: () => {
      if (annotated.size === 0) report('dataset-empty', { message: 'There are no items' })
      for (const [subset, isAnnotated] of annotated)
        if (!isAnnotated)
          report('subset-unannotated', {
            subset,
            message: `No item of ${quoted(subset)} has an ${what}`,
          })
    },
  }
}
